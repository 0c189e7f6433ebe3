// SPDX-License-Identifier: Apache-2.0
#include "lowering/split.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/errors.hpp"

namespace hopsim::lowering {

std::string split_obstacle(const spec::ModelSpec& model, int gpus) {
  if (model.heads % gpus != 0) {
    return fmt::format("{} GPUs can't share the {} attention heads of {} evenly", gpus, model.heads,
                       model.name);
  }
  if (model.kv_heads % gpus != 0 && gpus % model.kv_heads != 0) {
    return fmt::format("{} GPUs can neither share nor repeat the {} KV heads of {} evenly", gpus,
                       model.kv_heads, model.name);
  }
  if (model.ffn % gpus != 0) {
    return fmt::format("{} GPUs can't share the {} feed-forward columns of {} evenly", gpus, model.ffn,
                       model.name);
  }
  return "";
}

spec::ModelSpec part_of(const spec::ModelSpec& model, int gpus) {
  HOPSIM_CHECK(gpus >= 1 && split_obstacle(model, gpus).empty(), "a model was split that can't be");
  spec::ModelSpec out = model;
  out.heads /= gpus;
  out.kv_heads = std::max(1, model.kv_heads / gpus);
  out.ffn /= gpus;
  out.vocab = (model.vocab + gpus - 1) / gpus;
  return out;
}

}  // namespace hopsim::lowering
