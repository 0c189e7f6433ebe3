// SPDX-License-Identifier: Apache-2.0
// Which number must one know well? One at a time, every numeric field of the GPU and host profiles of an
// experiment is moved by 1 % up and down; the elasticity of a ratio r to a field f is d ln r / d ln f, the
// per cent by which r moves when f moves by one. Ratios are those of low precision to 16 bit, where an error
// of a field that both share cancels in part.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "spec/catalog.hpp"
#include "spec/experiment.hpp"
#include "sweep/plan.hpp"
#include "sweep/pool.hpp"

namespace hopsim::sweep {

/// One numeric field of a GPU profile, or the speed of the host, moved: variant 0 of the plan has it at
/// 1 / kFieldStep, variant 1 at kFieldStep of what the profile says.
struct SteppedField {
  std::string gpu, field;
  std::unique_ptr<Plan> plan;
};
inline constexpr double kFieldStep = 1.01;

/// Of all GPUs of the experiment, each in a plan of its own. The experiment's own varied fields stay at their
/// first entry. Left out where the stepped value is refused: whole numbers, or the end of a range.
[[nodiscard]] std::vector<SteppedField> stepped_fields(const spec::ExperimentSpec& experiment,
                                                       spec::Catalog& catalog);

/// The experiment with its varied fields at their first entry.
[[nodiscard]] spec::ExperimentSpec without_variants(spec::ExperimentSpec experiment);

/// Over all points of low precision on one GPU that run on both sides of the step.
struct Elasticity {
  std::string gpu, field;
  std::size_t points = 0;
  double latency_mean = 0, latency_largest = 0;  // of t_q / t_16; largest by magnitude, with its sign
  double energy_mean = 0, energy_largest = 0;    // of E_q / E_16
};

/// By GPU, the most influential field first. Fields that move nothing are left out, as are whole numbers that
/// can't be moved by 1 %. The experiment's own varied fields stay at their first entry.
[[nodiscard]] std::vector<Elasticity> elasticities(
    const spec::ExperimentSpec& experiment, spec::Catalog& catalog, Pool& pool,
    const std::function<void(std::size_t, std::size_t)>& progress);

}  // namespace hopsim::sweep
