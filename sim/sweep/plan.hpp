// SPDX-License-Identifier: Apache-2.0
// An experiment with every spec that it names looked up, each distinct one once, whatever number of points
// uses it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cost/draw.hpp"
#include "metrics/point.hpp"
#include "spec/catalog.hpp"
#include "spec/experiment.hpp"
#include "sweep/grid.hpp"

namespace hopsim::sweep {

class Plan {
 public:
  /// Throws InputError for an unknown name or field, two stacks of one name, an anchor of low precision. The
  /// catalog must outlive the plan.
  Plan(spec::ExperimentSpec experiment, spec::Catalog& catalog);

  /// The same with the parameters of a draw in its machines; stacks are drawn where they are copied, see
  /// draws.hpp.
  [[nodiscard]] Plan drawn(const cost::Draw& draw) const;

  [[nodiscard]] const spec::ExperimentSpec& experiment() const { return experiment_; }
  [[nodiscard]] const Grid& grid() const { return grid_; }

  /// Distinct specs; the indices of everything below point into these.
  [[nodiscard]] const std::vector<metrics::Machine>& machines() const { return machines_; }
  [[nodiscard]] const cost::StepCoster& coster(std::size_t machine) const { return costers_[machine]; }
  [[nodiscard]] const std::vector<const spec::ModelSpec*>& models() const { return models_; }
  [[nodiscard]] const std::vector<const spec::StackSpec*>& stacks() const { return stacks_; }
  [[nodiscard]] const std::vector<const spec::ChainSpec*>& chains() const { return chains_; }

  [[nodiscard]] std::size_t machine(std::size_t gpu, std::size_t host, std::size_t variant) const {
    return machine_[(gpu * experiment_.hosts.size() + host) * grid_.variants() + variant];
  }
  [[nodiscard]] std::size_t stack(std::size_t stack, std::size_t variant) const {
    return stack_[stack * grid_.variants() + variant];
  }
  [[nodiscard]] std::size_t chain(std::size_t chain, std::size_t variant) const {
    return chain_[chain * grid_.variants() + variant];
  }
  /// The stack that one of the experiment is compared with; itself where it is 16 bit and its own anchor.
  [[nodiscard]] std::size_t anchor(std::size_t stack) const { return anchor_[stack]; }
  /// Anchors are simulated also where they do not fit.
  [[nodiscard]] bool is_anchor(std::size_t distinct_stack) const { return is_anchor_[distinct_stack]; }

 private:
  [[nodiscard]] std::vector<spec::FieldChange> changes(spec::VarySpec::Target target,
                                                       std::size_t variant) const;
  void look_up_machines(spec::Catalog& catalog);
  void look_up_chains(spec::Catalog& catalog);
  void look_up_stacks(spec::Catalog& catalog);

  spec::ExperimentSpec experiment_;
  Grid grid_;
  // Of a drawn plan: what its machines point to.
  std::shared_ptr<const std::map<const spec::GpuSpec*, spec::GpuSpec>> drawn_gpus_;
  std::shared_ptr<const std::map<const spec::HostSpec*, spec::HostSpec>> drawn_hosts_;
  std::vector<metrics::Machine> machines_;
  std::vector<cost::StepCoster> costers_;  // one a machine
  std::vector<const spec::ModelSpec*> models_;
  std::vector<const spec::StackSpec*> stacks_;
  std::vector<const spec::ChainSpec*> chains_;
  std::vector<std::size_t> machine_, stack_, chain_, anchor_;
  std::vector<bool> is_anchor_;
};

}  // namespace hopsim::sweep
