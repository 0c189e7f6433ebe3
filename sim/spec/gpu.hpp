// SPDX-License-Identifier: Apache-2.0
// A GPU as the simulator sees it: specification, kernel families with fitted parameters, and power. Peaks are
// dense (no 2:4 sparsity) with FP32 accumulation. Every number names its provenance: `provenance:` in the
// file covers each field of the specification, families and power carry their own.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/provenance.hpp"
#include "io/value.hpp"

namespace hopsim::spec {

/// How long a kernel takes; see cost/kernel_time.hpp for the formula. Unused parameters of a form are 0.
struct KernelFamily {
  enum class Form { kStream, kGemm, kCast };

  Form form = Form::kStream;
  std::string tensor_peak;      // kGemm: key of GpuSpec::peak_tflops
  double t0_us = 0;             // fixed time
  double bw_efficiency = 0;     // share of the peak bandwidth at large sizes
  double bw_half_kib = 0;       // size at which half of that is reached
  double flop_efficiency = 0;   // kGemm: share of the tensor peak
  double m_pad = 0;             // kGemm: rows of padding that small m pays for
  double flop_half_mflop = 0;   // kGemm: work at which half of the efficiency is reached
  double alu_per_sm_clock = 0;  // kCast: elements per SM and clock
  Source source;
  double rows = 0;        // fitted: rows used, held-out errors; 0 otherwise
  double median_ape = 0;  //
  double p90_ape = 0;
};

/// Board power in watts, see cost/power.hpp.
struct PowerSpec {
  double idle_w = 0;          // no process
  double loaded_idle_w = 0;   // context and model loaded, nothing running: pauses between hops
  double active_idle_w = 0;   // clocks up, between kernels
  double busy_w = 0;          // added while any kernel runs
  double pj_per_byte = 0;     // added per byte moved
  double pj_per_flop = 0;     // added per tensor flop
  double pj_per_element = 0;  // added per element that ALUs convert
  Source source;
};

struct GpuSpec {
  std::string name;
  std::string title;
  std::string architecture;
  std::vector<std::string> device_names;  // as the driver names it in captures; may be empty
  int sms = 0;
  double boost_mhz = 0;
  double memory_gb = 0;   // as sold
  double memory_mib = 0;  // as the driver reports it: what capacity is computed with
  double hbm_gb_s = 0;    // peak of the device memory, whatever its kind
  double l2_mb = 0;
  std::map<std::string, double> peak_tflops;
  double pcie_gb_s = 0;    // per direction
  double nvlink_gb_s = 0;  // total; 0 without NVLink
  double tdp_w = 0;
  double launch_us = 0;  // from the end of the launch call to the start on an idle stream
  double price_usd_per_hour = 0;
  std::string host;  // host profile used where none is named
  PowerSpec power;
  std::map<std::string, KernelFamily> families;
  std::map<std::string, Source> provenance;  // per field of the specification
};

/// Reads and checks a profile (`hopsim: gpu/1`), `extends:` resolved. Throws InputError with all findings.
[[nodiscard]] GpuSpec load_gpu(const std::string& path);
/// The same from a document whose `extends:` is resolved.
[[nodiscard]] GpuSpec read_gpu(const io::Value& document);

}  // namespace hopsim::spec
