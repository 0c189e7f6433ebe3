// SPDX-License-Identifier: Apache-2.0
// Fields of a profile by path ("peak_tflops.bf16"): changed before the profile is read, so that a what-if
// passes through the same checks as a file. Lists are not entered.
#pragma once

#include <string>
#include <vector>

#include "io/value.hpp"

namespace hopsim::spec {

struct FieldChange {
  std::vector<std::string> path;
  bool scale = false;  // multiply what is there; otherwise replace it
  double value = 0;
  Location at;  // where the change is asked for: findings about the new value point there

  /// "a.b" and what is done to it; equal for equal changes.
  [[nodiscard]] std::string text() const;
};

/// The document with the changes made. Throws InputError: no such field (with "did you mean"), or one that
/// holds no number. `what` names the document in messages ("GPU 'l4'").
[[nodiscard]] io::Value changed(io::Value document, const std::vector<FieldChange>& changes,
                                const std::string& what);

/// Paths of all fields that hold a number, in the order of the file.
[[nodiscard]] std::vector<std::vector<std::string>> numeric_fields(const io::Value& document);

}  // namespace hopsim::spec
