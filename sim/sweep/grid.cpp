// SPDX-License-Identifier: Apache-2.0
#include "sweep/grid.hpp"

#include <algorithm>

#include "base/errors.hpp"

namespace hopsim::sweep {

namespace {

constexpr std::size_t kBlockRows = 512;  // about 20 ms of work: what a kill loses
constexpr std::size_t kMostRows = 1ULL << 32U;

// Product of the sizes of axes, none of which is empty.
auto product(const std::vector<std::size_t>& sizes) -> std::size_t {
  std::size_t out = 1;
  for (const std::size_t size : sizes) {
    HOPSIM_CHECK(size > 0, "an axis has no entry");
    if (out > kMostRows / size) {
      throw InputError(Location{}, "the grid has too many points", "at most 4e9");
    }
    out *= size;
  }
  return out;
}

auto sizes_of(const std::vector<spec::VarySpec>& vary) -> std::vector<std::size_t> {
  std::vector<std::size_t> out;
  for (const spec::VarySpec& one : vary) {
    out.push_back(one.steps.size());
  }
  return out;
}

}  // namespace

Grid::Grid(const spec::ExperimentSpec& x)
    : batches_(x.batches.size()),
      gpus_(x.gpus.size()),
      hosts_(x.hosts.size()),
      variants_(product(sizes_of(x.vary))),
      chains_(x.chains.size()),
      stacks_(x.stacks.size()),
      vary_(sizes_of(x.vary)),
      units_(product({x.models.size(), batches_})),
      unit_rows_(product({gpus_, hosts_, variants_, chains_, stacks_})),
      block_rows_(std::max<std::size_t>(1, kBlockRows / stacks_) * stacks_),
      unit_blocks_((unit_rows_ + block_rows_ - 1) / block_rows_) {
  static_cast<void>(product({units_, unit_rows_}));
}

Coordinates Grid::at(std::size_t row) const {
  Coordinates out;
  const auto take = [&row](std::size_t size) {
    const std::size_t index = row % size;
    row /= size;
    return index;
  };
  out.stack = take(stacks_);
  out.chain = take(chains_);
  out.variant = take(variants_);
  out.host = take(hosts_);
  out.gpu = take(gpus_);
  out.batch = take(batches_);
  out.model = row;
  return out;
}

std::vector<std::size_t> Grid::steps(std::size_t variant) const {
  std::vector<std::size_t> out(vary_.size());
  for (std::size_t i = vary_.size(); i-- > 0;) {
    out[i] = variant % vary_[i];
    variant /= vary_[i];
  }
  return out;
}

Block Grid::block(std::size_t index) const {
  const std::size_t inside = index % unit_blocks_ * block_rows_;
  return {index / unit_blocks_ * unit_rows_ + inside, std::min(block_rows_, unit_rows_ - inside)};
}

}  // namespace hopsim::sweep
