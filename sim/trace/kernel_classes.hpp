// SPDX-License-Identifier: Apache-2.0
// The kernel class of a kernel by its name: an ordered table of patterns, read from
// traces/kernel_classes.yaml, which a user can extend. The first rule that matches wins. A pattern is text
// that occurs in the name (upper and lower case are the same); `*` stands for anything, a leading `^` ties it
// to the start of the name. A rule may ask for a least amount of shared memory as well, for compilers that
// name all their kernels alike.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/kernel_class.hpp"

namespace hopsim::trace {

struct ClassRule {
  KernelClass cls = KernelClass::kOther;
  std::int64_t min_shared_memory_bytes = 0;
  std::vector<std::vector<std::string>> patterns;  // lower case, split at '*'
  std::vector<bool> anchored;                      // one a pattern
};

class KernelClasses {
 public:
  explicit KernelClasses(std::vector<ClassRule> rules) : rules_(std::move(rules)) {}

  [[nodiscard]] KernelClass classify(std::string_view name, std::int64_t shared_memory_bytes) const;

 private:
  std::vector<ClassRule> rules_;
};

/// Reads the table (`hopsim: kernel-classes/1`). Throws InputError.
[[nodiscard]] KernelClasses load_kernel_classes(const std::string& path);
[[nodiscard]] KernelClasses parse_kernel_classes(const std::string& text, const std::string& name);

}  // namespace hopsim::trace
