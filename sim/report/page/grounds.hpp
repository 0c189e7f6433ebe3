// SPDX-License-Identifier: Apache-2.0
// What results rest on, as the profiles state it: for each GPU its kernel families with their kind, held-out
// errors and sources, its power; stacks, hosts and chains.
#pragma once

#include "io/json.hpp"
#include "sweep/plan.hpp"

namespace hopsim::report {

[[nodiscard]] io::Json grounds_json(const sweep::Plan& plan);

}  // namespace hopsim::report
