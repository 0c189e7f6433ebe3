// SPDX-License-Identifier: Apache-2.0
// What `hopsim sweep --elasticity` and `--critical-elasticity` print.
#pragma once

#include <string>
#include <vector>

#include "io/json.hpp"
#include "sweep/critical_elasticity.hpp"
#include "sweep/elasticity.hpp"

namespace hopsim::app {

[[nodiscard]] io::Json elasticity_json(const std::vector<sweep::Elasticity>& rows);
[[nodiscard]] std::string elasticity_csv(const std::vector<sweep::Elasticity>& rows);
/// The most influential fields of each GPU.
[[nodiscard]] std::string elasticity_text(const std::vector<sweep::Elasticity>& rows);

[[nodiscard]] io::Json elasticity_json(const std::vector<sweep::CriticalElasticity>& rows);
[[nodiscard]] std::string elasticity_csv(const std::vector<sweep::CriticalElasticity>& rows);
/// Each N* of the smallest batch with the fields that move it most.
[[nodiscard]] std::string elasticity_text(const std::vector<sweep::CriticalElasticity>& rows);

}  // namespace hopsim::app
