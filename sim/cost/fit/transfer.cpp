// SPDX-License-Identifier: Apache-2.0
#include "cost/fit/transfer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace hopsim::cost::fit {

namespace {

auto distance(const spec::GpuSpec& a, const spec::GpuSpec& b) -> double {
  return std::abs(std::log(a.hbm_gb_s / b.hbm_gb_s)) + 0.5 * std::abs(std::log(a.l2_mb / b.l2_mb)) +
         0.5 * std::abs(std::log(static_cast<double>(a.sms) / b.sms));
}

}  // namespace

std::vector<const spec::GpuSpec*> by_kinship(const spec::GpuSpec& gpu,
                                             const std::vector<spec::GpuSpec>& relatives) {
  std::vector<const spec::GpuSpec*> out;
  for (const spec::GpuSpec& one : relatives) {
    out.push_back(&one);
  }
  const auto key = [&](const spec::GpuSpec* one) {
    return std::tuple(one->architecture != gpu.architecture, distance(gpu, *one), one->name);
  };
  std::sort(out.begin(), out.end(), [&](const auto* a, const auto* b) { return key(a) < key(b); });
  return out;
}

std::map<std::string, spec::KernelFamily> borrowed_families(
    const spec::GpuSpec& gpu, const std::map<std::string, spec::KernelFamily>& own,
    const std::vector<spec::GpuSpec>& relatives, const spec::FamilyRules& rules, double transfer_error90) {
  std::map<std::string, spec::KernelFamily> out;
  for (const spec::GpuSpec* relative : by_kinship(gpu, relatives)) {
    for (const auto& [name, family] : relative->families) {
      const bool usable = (family.tensor_peak.empty() || gpu.peak_tflops.contains(family.tensor_peak)) &&
                          rules.runs(gpu.architecture, name, family.form);
      if (family.source.kind != Provenance::kFitted || family.error90_permille.empty() || !usable ||
          own.contains(name) || out.contains(name)) {
        continue;
      }
      spec::KernelFamily taken = family;
      taken.correction.clear();
      taken.borrowed_from = relative->name;
      taken.transfer_error90 = transfer_error90;
      taken.rows = taken.median_ape = taken.p90_ape = 0;
      taken.source = {Provenance::kBorrowed,
                      fmt::format("{} ({}): efficiencies and overheads taken over, peaks are this GPU's own",
                                  relative->name,
                                  relative->architecture == gpu.architecture
                                      ? "same architecture, " + gpu.architecture
                                      : relative->architecture + ", the nearest measured part")};
      out.emplace(name, std::move(taken));
    }
  }
  return out;
}

}  // namespace hopsim::cost::fit
