// SPDX-License-Identifier: Apache-2.0
#include "report/results_schema.hpp"

namespace hopsim::report {

const Schema<PointRow>& point_schema() {
  using R = PointRow;
  static const Schema<R> kSchema = {
      {{&R::gpu, "gpu", "1", "GPU profile, and its number (:2, :min) where that is not 1"},
       {&R::host, "host", "1", "host profile"},
       {&R::model, "model", "1", "model"},
       {&R::stack, "stack", "1", "software stack"},
       {&R::versus, "versus", "1", "16-bit stack it is compared with"},
       {&R::chain, "chain", "1", "reasoning chain"},
       {&R::verdict, "verdict", "1",
        "dissolved, energy-trap, latency-trap, full-trap, infeasible, no-anchor, or anchor"}},
      {{&R::batch, "batch", "1", "sequences in lock-step"},
       {&R::supported, "supported", "1", "1 when the GPU has every kernel family of the stack"},
       {&R::feasible, "feasible", "1", "1 when it runs on the GPUs asked for"},
       {&R::gpus, "gpus", "1", "fewest GPUs whose memory holds it, 0 for more than 64"},
       {&R::gpus_used, "gpus_used", "1", "GPUs that it runs on, tensor parallel; 0 where it does not run"},
       {&R::anchor_fits, "anchor_fits", "1",
        "1 when the 16-bit stack fits into the GPUs asked for; it is simulated in any case"},
       {&R::accuracy_trap, "accuracy_trap", "1",
        "1 when energy is below 16 bit and energy per correct answer above"},
       {&R::kernels, "kernels", "1", "kernels simulated for this point, of one GPU"}},
      {{&R::params, "params", "1", "parameters of the model"},
       {&R::latency_s, "latency_s", "s", "time of the whole chain"},
       {&R::tokens_per_s, "tokens_per_s", "s-1", "decoded tokens per second, all sequences"},
       {&R::energy_j, "energy_j", "J", "board energy of the whole chain, all sequences, all GPUs"},
       {&R::j_per_token, "j_per_token", "J", "energy per decoded token"},
       {&R::j_per_correct, "j_per_correct", "J",
        "energy of one chain over the share of right answers, 0 where that is unknown"},
       {&R::power_w, "power_w", "W", "mean board power, all GPUs"},
       {&R::host_bound_fraction, "host_bound_fraction", "1",
        "share of the time in which the stream had nothing to run"},
       {&R::accuracy, "accuracy", "1",
        "share of chains that end in a right answer, 0 where nobody measured it"},
       {&R::cor, "cor", "1", "casting overhead ratio, t_q / t_16 - 1"},
       {&R::cor_kernel, "cor_kernel", "1", "time in casting kernels over that in all others"},
       {&R::energy_ratio, "energy_ratio", "1", "energy over that of 16 bit"},
       {&R::j_per_correct_ratio, "j_per_correct_ratio", "1",
        "energy per correct answer over that of 16 bit, 0 where unknown"},
       {&R::si, "si", "1", "sustainability index, 16 bit is 1; 0 where the accuracy is unknown"},
       {&R::casting_s, "casting_s", "s", "time in dequant and quant kernels"},
       {&R::memory_bytes, "memory_bytes", "B", "device memory needed, of all GPUs that it runs on"}}};
  return kSchema;
}

const Schema<CriticalPointRow>& critical_schema() {
  using R = CriticalPointRow;
  static const Schema<R> kSchema = {
      {{&R::kind, "kind", "1", "N: along parameters, B: along batch"},
       {&R::gpu, "gpu", "1", "GPU profile"},
       {&R::host, "host", "1", "host profile"},
       {&R::stack, "stack", "1", "software stack"},
       {&R::versus, "versus", "1", "16-bit stack it is compared with"},
       {&R::chain, "chain", "1", "reasoning chain"},
       {&R::model, "model", "1", "model (B only)"},
       {&R::equal, "equal", "1", "what is equal to 16 bit there: latency, energy, energy_per_correct"},
       {&R::outcome, "outcome", "1",
        "crossings, always trapped, never trapped, nothing fits, not supported, accuracy unknown"}},
      {{&R::batch, "batch", "1", "batch (N only)"},
       {&R::trap_below, "trap_below", "1",
        "1 when low precision costs more below the crossing and less above"}},
      {{&R::at, "at", "1", "parameters or batch at the crossing, 0 without one"},
       {&R::lowest, "lowest", "1", "lower end of the range that was searched and fits"},
       {&R::highest, "highest", "1", "upper end of it"},
       {&R::literature_params, "literature_params", "1",
        "closed form of arXiv 2602.13595 as printed, for comparison"}}};
  return kSchema;
}

const Schema<PointBandRow>& point_band_schema() {
  using R = PointBandRow;
  static const Schema<R> kSchema = {
      {},
      {},
      {{&R::verdict_share, "verdict_share", "1", "share of draws with the verdict of this row of /points"},
       {&R::slower_share, "slower_share", "1", "share of draws that take more time than 16 bit"},
       {&R::hungrier_share, "hungrier_share", "1", "share of draws that take more energy than 16 bit"},
       {&R::cor_low, "cor_low", "1", "5 % quantile of cor over the draws"},
       {&R::cor_high, "cor_high", "1", "95 % quantile of it"},
       {&R::energy_ratio_low, "energy_ratio_low", "1", "5 % quantile of energy_ratio over the draws"},
       {&R::energy_ratio_high, "energy_ratio_high", "1", "95 % quantile of it"}}};
  return kSchema;
}

const Schema<CriticalBandRow>& critical_band_schema() {
  using R = CriticalBandRow;
  static const Schema<R> kSchema = {
      {},
      {},
      {{&R::crosses_share, "crosses_share", "1", "share of draws with any crossing"},
       {&R::always_share, "always_share", "1", "share of draws that are always trapped"},
       {&R::never_share, "never_share", "1", "share of draws that are never trapped"},
       {&R::crossing_share, "crossing_share", "1",
        "share of draws that have this crossing; in a row without one, any"},
       {&R::low, "low", "1",
        "5 % quantile of it over these draws: parameters or batch; 0 where there are none"},
       {&R::high, "high", "1", "95 % quantile of it"}}};
  return kSchema;
}

}  // namespace hopsim::report
