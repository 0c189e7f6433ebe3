// SPDX-License-Identifier: Apache-2.0
// Which kernel family a row of a measured kernel table belongs to (`hopsim: kernel-families/1`): data, not
// code. A family is one kernel design at one number format, so that its rows share parameters; the same
// format under two frameworks is two families. Entries are tried in the order of the file.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "spec/gpu.hpp"

namespace hopsim::spec {

enum class KernelOperator { kLinear, kDecodeAttention };
[[nodiscard]] std::string_view to_text(KernelOperator op);

/// Text that a table's cell has to have; empty matches anything.
struct KernelMatch {
  std::vector<std::string> frameworks, dtypes, kernels;
  std::string version_prefix;
};

struct FamilyRule {
  std::string name;  // of the family; several designs may serve one (on different GPUs)
  KernelOperator op = KernelOperator::kLinear;
  std::string form;
  std::string tensor_peak;
  LinearFormat format;                     // kLinear
  double weight_copies = 0;                // kLinear: that the benchmark behind a table takes in turn
  double kv_element_bytes = 2;             // kDecodeAttention
  bool correction = false;                 // kLinear: fit what the form leaves over, too
  std::vector<std::string> architectures;  // of GPUs that run this design and may borrow it; empty: any
  KernelMatch match;
};

/// What a row says about its kernel. `dtype` is that of the KV cache for attention.
struct KernelLabel {
  std::string framework, version, kernel, dtype;
};

struct FamilyRules {
  std::vector<FamilyRule> rules;

  /// The first rule that matches; else the first of the same operator and format under another framework,
  /// with `borrowed` set; else nullptr.
  [[nodiscard]] const FamilyRule* find(KernelOperator op, const KernelLabel& label, bool& borrowed) const;
  [[nodiscard]] const FamilyRule* named(std::string_view name) const;
  /// Whether a GPU of that architecture runs the design behind a family of that name and form.
  [[nodiscard]] bool runs(const std::string& architecture, const std::string& name,
                          const std::string& form) const;
  /// Formats that some rule of the operator matches, sorted.
  [[nodiscard]] std::vector<std::string> dtypes(KernelOperator op) const;
};

[[nodiscard]] FamilyRules load_family_rules(const std::string& path);

}  // namespace hopsim::spec
