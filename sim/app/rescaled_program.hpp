// SPDX-License-Identifier: Apache-2.0
// `hopsim replay --on PROFILE`: a captured program with the durations of another GPU.
#pragma once

#include <array>
#include <string>

#include "cost/rescale.hpp"
#include "replay/captured/program.hpp"
#include "spec/catalog.hpp"
#include "trace/records.hpp"

namespace hopsim::app {

struct RescaledProgram {
  replay::captured::Program program;
  std::array<std::int64_t, cost::kRescaleRuleCount>
      measured_ns{};  // captured device time that each rule carried over
};

/// The profile of the GPU that a trace was captured on: `name` where given, else the one whose `device_names`
/// hold the trace's device. Throws InputError with what is known.
[[nodiscard]] const spec::GpuSpec& captured_gpu(const trace::Trace& trace, const std::string& name,
                                                spec::Catalog& catalog);

[[nodiscard]] RescaledProgram rescaled(replay::captured::Program program, const trace::Trace& trace,
                                       const spec::GpuSpec& from, const spec::GpuSpec& to);

}  // namespace hopsim::app
