// SPDX-License-Identifier: Apache-2.0
#include "sweep/point_record.hpp"

namespace hopsim::sweep {

PointRecord record_of(const metrics::JudgedPoint& judged, double params) {
  const metrics::Performance& p = judged.point.performance;
  const metrics::Comparison& c = judged.comparison;
  PointRecord out;
  out.verdict = static_cast<std::int64_t>(c.verdict);
  out.supported = judged.point.supported ? 1 : 0;
  out.feasible = judged.point.feasible() ? 1 : 0;
  out.gpus = judged.point.place.fewest;
  out.gpus_used = judged.point.feasible() ? judged.point.place.gpus : 0;
  out.anchor_fits = judged.anchor_fits ? 1 : 0;
  out.accuracy_trap = c.accuracy_trap ? 1 : 0;
  out.params = params;
  out.memory_bytes = judged.point.memory_bytes();
  if (!judged.point.feasible()) {
    return out;
  }
  out.kernels = p.kernels;
  out.latency_s = p.latency_s;
  out.tokens_per_s = p.tokens_per_s;
  out.energy_j = p.energy_j;
  out.j_per_token = p.j_per_token;
  out.j_per_correct = p.j_per_correct;
  out.power_w = p.power_w;
  out.host_bound_fraction = p.host_bound_fraction;
  out.accuracy = p.accuracy;
  if (!judged.anchor.simulated) {
    return out;
  }
  out.cor = c.cor;
  out.cor_kernel = c.cor_kernel;
  out.energy_ratio = c.energy_ratio;
  out.j_per_correct_ratio = c.j_per_correct_ratio;
  out.si = c.si;
  out.casting_s = p.casting_s();
  return out;
}

}  // namespace hopsim::sweep
