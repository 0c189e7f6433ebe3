// SPDX-License-Identifier: Apache-2.0
// The measurements of one kernel family, as a fit takes them, and what was left out and why. Data can be bad
// without saying so:
//   above peak    an implied HBM bandwidth that the board does not have: something lay in a cache
//   warm          a benchmark that repeats one layer finds its weights in L2 again. Where weights that fit L2
//                 exceed the HBM peak in a table without a flag, all weights that fit L2 count as warm
//   repeated      the same sizes measured twice: the median is taken
//   coarse clock  latencies that are multiples of one step: a row weighs t / (t + step)
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cost/fit/kernel_rows.hpp"
#include "cost/kernel_work.hpp"

namespace hopsim::cost::fit {

struct Sample {
  KernelWork work;
  double seconds = 0;
  double weight = 1;
  std::string shape;  // rows of one shape are held out together
};

struct FamilyData {
  const spec::FamilyRule* rule = nullptr;
  std::vector<Sample> samples;
  std::vector<std::string> sources;  // framework, version and kernel of the rows, each once
  std::size_t rows = 0;              // read
  std::size_t above_peak = 0, repeated = 0, flagged_warm = 0, found_warm = 0;
  double clock_step_s = 0;  // 0: a fine clock

  /// "12 above the HBM peak left out, ..." or nothing.
  [[nodiscard]] std::string notes() const;
};

/// The work of a table's row under a family. A benchmark repeats one attention, so that a KV cache that fits
/// L2 is warm.
[[nodiscard]] KernelWork work_of(const KernelRow& row, const spec::FamilyRule& rule, const Machine& machine);

/// Rows with a latency, sorted into families. Rows that only a family of another framework matches go there.
/// Rows of a number format that no family has are left out: unknown_formats() says which.
[[nodiscard]] std::vector<FamilyData> family_data(const std::vector<KernelTable>& tables,
                                                  const spec::FamilyRules& rules, const spec::GpuSpec& gpu);

/// Rows with a latency whose number format no family has.
struct UnknownFormat {
  std::size_t rows = 0;
  std::string why;  // with the place of the first
};
/// By number format.
[[nodiscard]] std::map<std::string, UnknownFormat> unknown_formats(const std::vector<KernelTable>& tables,
                                                                   const spec::FamilyRules& rules);

/// The step of a coarse clock in microseconds, 0 where latencies are no multiples of one.
[[nodiscard]] double clock_step_us(const std::vector<double>& latencies_us);

}  // namespace hopsim::cost::fit
