// SPDX-License-Identifier: Apache-2.0
// A GPU as the simulator sees it: specification, kernel families with fitted parameters, and power. Peaks are
// dense (no 2:4 sparsity) with FP32 accumulation. Every number names its provenance: `provenance:` in the
// file covers each field of the specification, families and power carry their own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/errors.hpp"
#include "base/provenance.hpp"
#include "io/value.hpp"

namespace hopsim::spec {

/// A number of a model form, with the place to point at where it is wrong.
struct FamilyParameter {
  double value = 0;
  Location at;
};

/// Bytes of a linear layer's operands: weights n x k, inputs m x k, outputs m x n.
struct LinearFormat {
  double weight_bytes = 2;  // a weight
  double scale_bytes = 0;   // scales and zero points, for each
  double scale_group = 0;   // ... weights along k; 0: one for all of k
  double input_bytes = 2;   // an input as the tensor cores read it
  double output_bytes = 2;
  bool quantises_input = false;  // the measured time holds a kernel that quantises 16-bit inputs
};

/// What a form leaves over: log(measured / form) on a grid over logarithms of sizes.
struct CorrectionTable {
  std::vector<std::string> axes;           // names of sizes, such as m, n, k
  std::vector<std::vector<double>> knots;  // of each axis, rising
  std::vector<int> permille;               // last axis fastest
  Location at;
};

/// How long a kernel takes: a model form (cost/forms/) with its parameters. Which parameters a form has is
/// checked where the family is made into a cost::KernelTimer.
struct KernelFamily {
  std::string form = "stream";
  Location at;
  std::string tensor_peak;  // key of GpuSpec::peak_tflops; empty where the form uses none
  std::map<std::string, FamilyParameter> parameters;
  std::optional<LinearFormat> format;                         // linear layers
  std::vector<CorrectionTable> correction;                    // added up
  std::map<std::string, std::pair<double, double>> measured;  // sizes that the fit saw, by name: from, to
  std::vector<int> error90_permille;  // half width of the 90 % interval by region (cost/uncertainty.hpp)
  Source source;
  std::string borrowed_from;    // the GPU whose parameters these are
  double transfer_error90 = 0;  // borrowed: that of families predicted from another GPU
  double rows = 0;              // fitted: rows used, held-out errors; 0 otherwise
  double median_ape = 0;
  double p90_ape = 0;
  // Parameters that the measurements behind the family leave free, from to: what a draw chooses between.
  std::map<std::string, std::pair<double, double>> free;
  double deviation = 0;  // standard deviations by which a draw (cost/draw.hpp) takes its times to be off

  /// The parameter's value; requires that it is there.
  [[nodiscard]] double parameter(const std::string& name) const { return parameters.at(name).value; }
};

/// Board power in watts, see kernel_power_w() in cost/kernel_cost.hpp.
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
