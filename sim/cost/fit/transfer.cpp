// SPDX-License-Identifier: Apache-2.0
#include "cost/fit/transfer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "cost/forms/tiles.hpp"

namespace hopsim::cost::fit {

namespace {

// Same chip, another memory: what 90 % of its rows are assumed to lie within, on top of the fit's own error.
constexpr double kSameChipError90 = 0.08;

auto same_chip(const spec::GpuSpec& a, const spec::GpuSpec& b) -> bool {
  return a.architecture == b.architecture && a.sms == b.sms && a.l2_mb == b.l2_mb;
}

auto distance(const spec::GpuSpec& a, const spec::GpuSpec& b) -> double {
  return std::abs(std::log(a.hbm_gb_s / b.hbm_gb_s)) + 0.5 * std::abs(std::log(a.l2_mb / b.l2_mb)) +
         0.5 * std::abs(std::log(static_cast<double>(a.sms) / b.sms));
}

auto kinship_text(const spec::GpuSpec& relative, const spec::GpuSpec& gpu) -> std::string {
  if (same_chip(relative, gpu)) {
    return "the same chip";
  }
  return relative.architecture == gpu.architecture ? "same architecture, " + gpu.architecture
                                                   : relative.architecture + ", the nearest measured part";
}

// A benchmark whose weights are evicted before it takes them again fits an L2 that is slower than memory,
// which says nothing of a larger one: another chip gets the parameters that a fit starts from.
void assume_l2(spec::KernelFamily& family) {
  using forms::Tiles;
  const auto& list = Tiles::parameters();
  const auto value = [&](std::size_t i) -> double& {
    return family.parameters.at(std::string(list[i].name)).value;
  };
  if (family.form != Tiles::kName || value(Tiles::kL2) >= 1) {
    return;
  }
  for (const std::size_t i : {Tiles::kL2, Tiles::kL2Share, Tiles::kL2Slope}) {
    value(i) = list[i].starts.front();
  }
}

auto taken_from(const spec::GpuSpec& relative, const spec::KernelFamily& family, const spec::GpuSpec& gpu,
                double transfer_error90) -> spec::KernelFamily {
  spec::KernelFamily out = family;
  const bool same = same_chip(relative, gpu);
  if (!same) {
    out.correction.clear();
    assume_l2(out);
  }
  if (!gpu.peak_tflops.contains(out.tensor_peak) && out.tensor_peak == "bf16") {
    out.tensor_peak = "fp16";
  }
  out.borrowed_from = relative.name;
  out.transfer_error90 = same ? std::min(transfer_error90, kSameChipError90) : transfer_error90;
  out.rows = out.median_ape = out.p90_ape = 0;
  out.source = {Provenance::kBorrowed,
                fmt::format("{} ({}): efficiencies and overheads taken over, peaks are this GPU's own",
                            relative.name, kinship_text(relative, gpu))};
  return out;
}

auto has_peak(const spec::GpuSpec& gpu, const std::string& peak) -> bool {
  return peak.empty() || gpu.peak_tflops.contains(peak) ||
         (peak == "bf16" &&
          gpu.peak_tflops.contains("fp16"));  // 16-bit layers of either format: the same bytes
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
      const bool usable =
          has_peak(gpu, family.tensor_peak) && rules.runs(gpu.architecture, name, family.form);
      if (family.source.kind != Provenance::kFitted || family.error90_permille.empty() || !usable ||
          own.contains(name) || out.contains(name)) {
        continue;
      }
      out.emplace(name, taken_from(*relative, family, gpu, transfer_error90));
    }
  }
  return out;
}

}  // namespace hopsim::cost::fit
