// SPDX-License-Identifier: Apache-2.0
// What `hopsim sweep --elasticity` prints.
#pragma once

#include <string>
#include <vector>

#include "io/json.hpp"
#include "sweep/elasticity.hpp"

namespace hopsim::app {

[[nodiscard]] io::Json elasticity_json(const std::vector<sweep::Elasticity>& rows);
[[nodiscard]] std::string elasticity_csv(const std::vector<sweep::Elasticity>& rows);
/// The most influential fields of each GPU.
[[nodiscard]] std::string elasticity_text(const std::vector<sweep::Elasticity>& rows);

}  // namespace hopsim::app
