// SPDX-License-Identifier: Apache-2.0
// The points of an experiment, numbered. A point's number is its row in the results; rows are never held as a
// list: coordinates and blocks are computed from numbers. Order, slowest first: model, batch, GPU, host,
// variant, chain, stack, so that a block of consecutive rows shares one model at one batch, which is lowered
// once.
#pragma once

#include <cstddef>
#include <vector>

#include "spec/experiment.hpp"

namespace hopsim::sweep {

/// Indices into the axes of the experiment; `variant` numbers the combinations of its varied fields.
struct Coordinates {
  std::size_t model = 0, batch = 0, gpu = 0, host = 0, variant = 0, chain = 0, stack = 0;
};

/// Consecutive rows that are computed, stored and resumed together.
struct Block {
  std::size_t first = 0, rows = 0;
};

class Grid {
 public:
  /// Throws InputError when it has more points than can be numbered.
  explicit Grid(const spec::ExperimentSpec& experiment);

  [[nodiscard]] std::size_t rows() const { return units_ * unit_rows_; }
  [[nodiscard]] std::size_t variants() const { return variants_; }
  [[nodiscard]] Coordinates at(std::size_t row) const;
  /// Entry of each varied field at a variant; the last field changes fastest.
  [[nodiscard]] std::vector<std::size_t> steps(std::size_t variant) const;

  /// Blocks hold all stacks of whole places (GPU, host, variant, chain), and at most a few hundred points.
  [[nodiscard]] std::size_t blocks() const { return units_ * unit_blocks_; }
  [[nodiscard]] Block block(std::size_t index) const;

 private:
  std::size_t batches_, gpus_, hosts_, variants_, chains_, stacks_;
  std::vector<std::size_t> vary_;  // entries of each varied field
  std::size_t units_;              // models x batches
  std::size_t unit_rows_, block_rows_, unit_blocks_;
};

}  // namespace hopsim::sweep
