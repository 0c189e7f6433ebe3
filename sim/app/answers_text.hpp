// SPDX-License-Identifier: Apache-2.0
// What a run tells about answers: accuracy and token inflation with where they come from, the spread of
// chains that were drawn, the precision law. What nobody measured is said to be unknown.
#pragma once

#include <string>

#include "app/run_text.hpp"

namespace hopsim::app {

/// Keys for the run's JSON.
[[nodiscard]] io::Json answers_json(const RunReport& report);
/// Keys for its `provenance`.
[[nodiscard]] io::Json answers_provenance_json(const RunReport& report);
/// Accuracy and tokens against 16 bit and what they rest on, for a text; empty at 16 bit.
[[nodiscard]] std::string answers_note(const RunReport& report);
/// The spread of what was drawn, or nothing.
[[nodiscard]] std::string draws_text(const RunReport& report);
/// "measured", ..., or "unknown".
[[nodiscard]] std::string accuracy_provenance(const RunReport& report);

}  // namespace hopsim::app
