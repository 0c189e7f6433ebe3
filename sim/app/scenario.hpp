// SPDX-License-Identifier: Apache-2.0
// One scenario from the command line: a file, flags, or flags over a file. Commands that look at one point
// take it by the same arguments.
#pragma once

#include <optional>
#include <string>

#include "app/command.hpp"
#include "metrics/point.hpp"
#include "spec/catalog.hpp"
#include "spec/precision_law.hpp"

namespace hopsim::app {

/// As given; numbers are read strictly by Scenario.
struct ScenarioOptions {
  std::optional<std::string> file, gpu, host, model, stack, versus, chain;
  std::optional<std::string> batch, gpus, hops, prompt_tokens, decode_tokens, training_tokens;
};

/// Adds the scenario's argument and flags.
void add_scenario(Command& command, ScenarioOptions& options);

/// The precision law, and the training tokens that it is asked for.
struct AskedLaw {
  spec::PrecisionLaw law;
  double training_tokens = 0;
};

/// The value of a flag: a strict decimal within bounds, `otherwise` where it was not given. Throws
/// InputError.
[[nodiscard]] int bounded(const std::optional<std::string>& text, const char* flag, int low, int high,
                          int otherwise);

/// Its specs, loaded and checked. Throws InputError.
class Scenario {
 public:
  explicit Scenario(const ScenarioOptions& options);
  Scenario(const Scenario&) = delete;
  Scenario& operator=(const Scenario&) = delete;

  [[nodiscard]] const metrics::Machine& machine() const { return machine_; }
  [[nodiscard]] const metrics::Workload& workload() const { return workload_; }
  /// The 16-bit stack to compare with.
  [[nodiscard]] const spec::StackSpec& versus() const { return *versus_; }
  /// Where accuracy is asked for after another number of training tokens.
  [[nodiscard]] const std::optional<AskedLaw>& precision_law() const { return law_; }
  /// The workload is 16 bit's own.
  [[nodiscard]] bool is_anchor() const { return versus_->name == workload_.stack->name; }

 private:
  spec::Catalog catalog_;
  metrics::Machine machine_;
  metrics::Workload workload_;
  const spec::StackSpec* versus_ = nullptr;
  std::optional<spec::ChainSpec> chain_from_flags_;
  std::optional<AskedLaw> law_;
};

/// The scenario replayed and compared with 16 bit. `coster` is its machine's.
[[nodiscard]] metrics::JudgedPoint judged(const Scenario& scenario, const cost::StepCoster& coster,
                                          const replay::Engine& engine, const metrics::SiOptions& si);

/// The same on another machine, with another form of the workload's stack, such as those of a draw.
[[nodiscard]] metrics::JudgedPoint judged_on(const Scenario& scenario, const metrics::Machine& machine,
                                             const cost::StepCoster& coster, const spec::StackSpec& stack,
                                             const replay::Engine& engine, const metrics::SiOptions& si);

}  // namespace hopsim::app
