// SPDX-License-Identifier: Apache-2.0
// What `hopsim doctor` looks at. Nothing here links the NVIDIA driver or CUPTI: they are opened at run time,
// and a machine without them is in order for everything but capturing.
#pragma once

#include <string>
#include <vector>

#include "io/json.hpp"

namespace hopsim::app {

struct Check {
  enum class State { kOk, kMissing, kBroken };

  std::string group, name;
  State state = State::kOk;
  std::string detail;      // what was found, or what is wrong
  std::string needed_for;  // commands that do without it less well, or not at all
  std::string remedy;      // what to do about it; empty where it is there
};

/// "ok", "missing", "broken"
[[nodiscard]] std::string_view to_text(Check::State state);

/// What simulations need: the shipped data, and both engines on a small chain. Never throws InputError.
[[nodiscard]] std::vector<Check> core_checks();
/// Programs, MPI, and ../shared.
[[nodiscard]] std::vector<Check> optional_checks();
/// Driver, GPUs, CUPTI and the collector.
[[nodiscard]] std::vector<Check> capture_checks();

}  // namespace hopsim::app
