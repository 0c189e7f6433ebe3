// SPDX-License-Identifier: Apache-2.0
// An experiment (`hopsim: experiment/1`): a grid over GPUs, hosts, models, stacks, batches and chains, and
// the range in which critical points are sought.
#pragma once

#include <string>
#include <vector>

namespace hopsim::spec {

/// Axes by name; a host "default" is the one that the GPU profile names.
struct ExperimentSpec {
  std::string name;
  std::string title;
  std::vector<std::string> gpus, hosts, models, stacks, chains;
  std::vector<int> batches;
  double critical_params_low = 0;  // N* is sought between these parameter counts
  double critical_params_high = 0;
  std::string text;  // the file, for the provenance of results

  [[nodiscard]] std::size_t points() const {
    return gpus.size() * hosts.size() * models.size() * stacks.size() * chains.size() * batches.size();
  }
};

/// Reads and checks an experiment file. Names are looked up later, by whoever runs it. Throws InputError.
[[nodiscard]] ExperimentSpec load_experiment(const std::string& path);

}  // namespace hopsim::spec
