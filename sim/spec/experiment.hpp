// SPDX-License-Identifier: Apache-2.0
// An experiment (`hopsim: experiment/1`): a grid over GPUs, hosts, models, stacks, batches and chains, fields
// of their files that are varied, and the range in which critical points are sought.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "spec/field.hpp"

namespace hopsim::spec {

/// A field of every GPU, host, chain or low-precision stack of the grid, varied; one axis. (16-bit stacks
/// stay as they are: they are what is compared with.)
struct VarySpec {
  enum class Target { kGpu, kHost, kStack, kChain };
  static constexpr std::array<std::string_view, 4> kTargets = {"gpu", "host", "stack", "chain"};

  Target target = Target::kGpu;
  std::string name;                // as written: "gpu.hbm_gb_s"
  std::vector<FieldChange> steps;  // the entries of the axis
};

/// Axes by name; a host "default" is the one that the GPU profile names.
struct ExperimentSpec {
  std::string name;
  std::string title;
  std::vector<std::string> gpus, hosts, models, stacks, chains;
  std::vector<int> batches;
  std::vector<VarySpec> vary;
  double critical_params_low = 0;  // N* is sought between these parameter counts; both 0: no search
  double critical_params_high = 0;
  std::vector<std::string> critical_chains;  // N* and B* are sought for these only
  std::string text;                          // the file, for the provenance of results

  [[nodiscard]] bool seeks_critical() const { return critical_params_high > 0; }
};

/// Reads and checks an experiment file. Names are looked up later, by whoever runs it. Throws InputError.
[[nodiscard]] ExperimentSpec load_experiment(const std::string& path);

}  // namespace hopsim::spec
