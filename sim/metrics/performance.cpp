// SPDX-License-Identifier: Apache-2.0
#include "metrics/performance.hpp"

#include <algorithm>

#include "base/errors.hpp"

namespace hopsim::metrics {

double Performance::casting_s() const {
  double sum = 0;
  for (std::size_t c = 0; c < kKernelClassCount; ++c) {
    sum += is_casting(static_cast<KernelClass>(c)) ? class_s[c] : 0;
  }
  return sum;
}

double Performance::computing_s() const {
  double sum = 0;
  for (std::size_t c = 0; c < kKernelClassCount; ++c) {
    sum += is_casting(static_cast<KernelClass>(c)) ? 0 : class_s[c];
  }
  return sum;
}

Performance performance(const replay::Totals& totals, const spec::GpuSpec& gpu, const spec::ChainSpec& chain,
                        int batch, const Quality& quality, int gpus) {
  constexpr double kPico = 1e-12;
  HOPSIM_CHECK(totals.latency_ps > 0, "a chain takes time");
  Performance out;
  out.gpus = gpus;
  out.latency_s = scaled(totals.latency_ps, kPico);
  out.pause_s = scaled(totals.pause_ps, kPico);
  out.idle_s = scaled(totals.idle_ps(), kPico);
  out.tokens = chain.decode_tokens() * batch;
  out.tokens_per_s = out.tokens / out.latency_s;
  for (std::size_t c = 0; c < kKernelClassCount; ++c) {
    out.class_s[c] = scaled(totals.busy_ps[c], kPico);
    out.class_j[c] = gpus * scaled(totals.energy_pj[c], kPico);
  }
  out.energy_j = gpus * (scaled(totals.total_energy_pj(), kPico) + gpu.power.active_idle_w * out.idle_s +
                         gpu.power.loaded_idle_w * out.pause_s);
  out.j_per_token = out.energy_j / out.tokens;
  out.power_w = out.energy_j / out.latency_s;
  if (quality.accuracy_ratio) {
    out.accuracy = std::min(1.0, chain.accuracy_16bit * *quality.accuracy_ratio);
    out.j_per_correct = out.energy_j / batch / out.accuracy;
    out.s_per_correct = out.latency_s / batch / out.accuracy;
  }
  const double running_s = out.latency_s - out.pause_s;
  out.host_bound_fraction = running_s > 0 ? out.idle_s / running_s : 0;
  out.kernels = totals.kernels;
  out.steps = totals.steps;
  return out;
}

}  // namespace hopsim::metrics
