// SPDX-License-Identifier: Apache-2.0
#include <hopsim/lowering/capacity.hpp>
#include <hopsim/replay/build.hpp>
#include <hopsim/replay/folded/folded_engine.hpp>
#include <hopsim/spec/catalog.hpp>

#include <cstdio>

int main() {
  hopsim::spec::Catalog specs{hopsim::spec::Library(HOPSIM_DATA)};
  const hopsim::cost::StepCoster coster(specs.gpu("l4"), specs.host("reference"));
  hopsim::replay::LoweredSteps steps(specs.model("qwen3-0.6b"), specs.stack("marlin/int4"), 1);
  const auto chain = hopsim::spec::line_chain(1, 120, 0, 10, 0);  // one hop of 120 tokens in and 10 out
  const auto schedule = hopsim::replay::build_schedule(chain, steps, coster);
  std::printf("%lld kernels\n",
              static_cast<long long>(hopsim::replay::FoldedEngine().replay(schedule).kernels));
}
