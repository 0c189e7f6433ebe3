// SPDX-License-Identifier: Apache-2.0
// The experiment of a results file with all its specs, from the texts that the file holds: what is explained
// afterwards rests on the same profiles as the results, whatever has changed on disk since.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "report/results_store.hpp"
#include "sweep/plan.hpp"

namespace hopsim::report {

/// Program and texts of a results file. Throws InputError.
[[nodiscard]] Identity read_identity(const std::string& path);

class StoredPlan {
 public:
  /// Throws InputError where the texts don't make a plan: files from outside the data folder among them, or
  /// a format that this hopsim does not read.
  explicit StoredPlan(const std::vector<Evidence>& evidence);

  [[nodiscard]] const sweep::Plan& plan() const { return *plan_; }

 private:
  std::unique_ptr<spec::Catalog> catalog_;
  std::unique_ptr<sweep::Plan> plan_;
};

}  // namespace hopsim::report
