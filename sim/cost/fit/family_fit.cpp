// SPDX-License-Identifier: Apache-2.0
#include "cost/fit/family_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "cost/fit/folds.hpp"
#include "cost/fit/kriging.hpp"
#include "cost/fit/least_squares.hpp"
#include "cost/forms/forms.hpp"
#include "cost/kernel_cost.hpp"

namespace hopsim::cost::fit {

namespace {

using Rows = std::vector<const Sample*>;

constexpr std::size_t kFewestInRegion = 30;

// What is written into a profile is what is used: five significant digits.
auto rounded(double x) -> double { return std::stod(fmt::format("{:.5g}", x)); }

auto folds_of(const std::vector<Sample>& samples) -> std::map<std::string, std::size_t> {
  std::map<std::string, std::size_t> out;
  for (const Sample& s : samples) {
    out[s.shape] = 0;
  }
  const std::vector<std::size_t> folds = shuffled_folds(out.size());
  auto fold = folds.begin();
  for (auto& shape : out) {
    shape.second = *fold++;
  }
  return out;
}

// Every j-th row: a form has a dozen parameters, two thousand rows tell them as well as all.
auto thinned(const Rows& rows) -> Rows {
  constexpr std::size_t kEnough = 2000;
  const std::size_t step = (rows.size() + kEnough - 1) / kEnough;
  Rows out;
  for (std::size_t i = 0; i < rows.size(); i += step) {
    out.push_back(rows[i]);
  }
  return out;
}

auto parameters_of(const spec::KernelFamily& family) -> std::vector<double> {
  return forms::parameters_of(family, forms::form_of(family));
}

// As the form has it, but never sharper than kSharpest: near the edge equal weights fall on either side of
// it.
auto warm_share_of(const spec::KernelFamily& family, const spec::FamilyRule& rule, const Machine& machine,
                   double copies) -> WarmShare {
  constexpr double kSharpest = 12;
  using forms::Tiles;
  if (family.form != Tiles::kName || copies <= 0) {
    return [](double, double) { return 0.0; };
  }
  const std::vector<double> p = parameters_of(family);
  const double share = p[Tiles::kL2Share];
  const double slope = std::min(p[Tiles::kL2Slope], kSharpest);
  return [=, format = rule.format](double n, double k) {
    KernelWork work = linear_work(format, 1, n, k);
    work.copies = copies;
    return Tiles::warm_share(machine, work, share, slope);
  };
}

// Parameters and correction from these rows; `near` as in fit_form.
auto fitted(const Rows& rows, const spec::FamilyRule& rule, const spec::GpuSpec& gpu,
            const std::vector<double>& near, std::size_t& outliers) -> spec::KernelFamily {
  const forms::Form* form = forms::find(rule.form);
  const Machine machine = machine_of(gpu, rule.tensor_peak);
  const FormFit fit = fit_form(rule.form, machine, thinned(rows), near);
  spec::KernelFamily out;
  out.form = rule.form;
  out.tensor_peak = rule.tensor_peak;
  if (rule.op == spec::KernelOperator::kLinear) {
    out.format = rule.format;
  }
  for (std::size_t i = 0; i < form->parameters.size(); ++i) {
    out.parameters[std::string(form->parameters[i].name)].value = rounded(fit.parameters[i]);
  }
  if (rule.correction) {
    const KernelTimer physics(out, gpu);
    std::vector<double> residuals;
    for (const Sample* s : rows) {
      residuals.push_back(std::log(s->seconds / physics.seconds(s->work)));
    }
    Kriged kriged =
        kriged_correction(rows, residuals, warm_share_of(out, rule, machine, rows.front()->work.copies));
    out.correction = std::move(kriged.tables);
    outliers = kriged.outliers;
  }
  return out;
}

// Each row as predicted by a fit to the other folds' shapes, which starts from `near`.
auto unseen(const FamilyData& data, const std::map<std::string, std::size_t>& folds, const spec::GpuSpec& gpu,
            const std::vector<double>& near, const std::function<void()>& progress) -> std::vector<double> {
  std::vector<double> predicted(data.samples.size());
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    Rows others;
    for (const Sample& s : data.samples) {
      if (folds.at(s.shape) != fold) {
        others.push_back(&s);
      }
    }
    std::size_t ignored = 0;
    const spec::KernelFamily family = fitted(others, *data.rule, gpu, near, ignored);
    const KernelTimer timer(family, gpu);
    for (std::size_t i = 0; i < data.samples.size(); ++i) {
      if (folds.at(data.samples[i].shape) == fold) {
        predicted[i] = timer.seconds(data.samples[i].work);
      }
    }
    progress();
  }
  return predicted;
}

// 90 % quantile of |log error| in each region; a region with few rows takes that of all.
auto error90_by_region(const std::vector<Sample>& samples, const std::vector<double>& predicted)
    -> std::vector<int> {
  std::vector<std::vector<double>> errors(kRegionCount);
  std::vector<double> all;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double error = std::abs(std::log(samples[i].seconds / predicted[i]));
    errors[region_of(samples[i].work, predicted[i])].push_back(error);
    all.push_back(error);
  }
  const double common = quantile(all, 0.9);
  std::vector<int> out;
  for (std::vector<double>& region : errors) {
    const double wide = region.size() >= kFewestInRegion ? quantile(std::move(region), 0.9) : common;
    out.push_back(static_cast<int>(std::min(5000.0, std::ceil(1e3 * wide))));
  }
  return out;
}

auto measured_ranges(const std::vector<Sample>& samples, const std::vector<std::string>& sizes)
    -> std::map<std::string, std::pair<double, double>> {
  std::map<std::string, std::pair<double, double>> out;
  for (const std::string& name : sizes) {
    const Size size = *size_named(name);
    for (const Sample& s : samples) {
      const double x = s.work.*size;
      const auto [at, fresh] = out.try_emplace(name, x, x);
      at->second = {std::min(at->second.first, x), std::max(at->second.second, x)};
    }
  }
  return out;
}

auto statistics_where(const std::vector<Sample>& samples, const std::vector<double>& predicted,
                      const spec::KernelFamily& family, double most_rows) -> ErrorStatistics {
  std::vector<double> measured, chosen, error90;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (samples[i].work.m <= most_rows) {
      measured.push_back(samples[i].seconds);
      chosen.push_back(predicted[i]);
      error90.push_back(uncertainty_of(family, samples[i].work, predicted[i]).error90);
    }
  }
  return error_statistics(measured, chosen, error90);
}

}  // namespace

std::vector<std::string> measured_sizes(spec::KernelOperator op) {
  return op == spec::KernelOperator::kLinear
             ? std::vector<std::string>{"m", "n", "k"}
             : std::vector<std::string>{"batch", "kv_len", "kv_heads", "group", "head_dim"};
}

double quantile(std::vector<double> values, double q) {
  if (values.empty()) {
    return 0;
  }
  std::sort(values.begin(), values.end());
  const double place = q * static_cast<double>(values.size() - 1);
  const auto left = static_cast<std::size_t>(place);
  const std::size_t right = std::min(left + 1, values.size() - 1);
  return values[left] + (place - static_cast<double>(left)) * (values[right] - values[left]);
}

ErrorStatistics error_statistics(const std::vector<double>& measured, const std::vector<double>& predicted,
                                 const std::vector<double>& error90) {
  ErrorStatistics out;
  out.n = measured.size();
  std::vector<double> ape;
  std::size_t inside = 0;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    ape.push_back(std::abs(predicted[i] / measured[i] - 1));
    inside += std::abs(std::log(measured[i] / predicted[i])) <= error90[i] ? 1 : 0;
  }
  out.median_ape = quantile(ape, 0.5);
  out.p90_ape = quantile(ape, 0.9);
  out.coverage = out.n > 0 ? static_cast<double>(inside) / static_cast<double>(out.n) : 0;
  return out;
}

std::optional<FamilyFit> fit_family(const FamilyData& data, const spec::GpuSpec& gpu, std::string& why,
                                    const std::function<void()>& progress) {
  const std::map<std::string, std::size_t> folds = folds_of(data.samples);
  if (folds.size() < kFewestShapes || data.samples.size() < kFewestRows) {
    why = fmt::format("too few points: {} rows of {} shapes, at least {} of {}", data.samples.size(),
                      folds.size(), kFewestRows, kFewestShapes);
    return std::nullopt;
  }
  Rows all;
  for (const Sample& s : data.samples) {
    all.push_back(&s);
  }
  FamilyFit out;
  std::size_t outliers = 0;
  out.family = fitted(all, *data.rule, gpu, {}, outliers);
  progress();
  const std::vector<double> predicted = unseen(data, folds, gpu, parameters_of(out.family), progress);
  spec::KernelFamily& family = out.family;
  family.measured = measured_ranges(data.samples, measured_sizes(data.rule->op));
  family.error90_permille = error90_by_region(data.samples, predicted);
  out.all = statistics_where(data.samples, predicted, family, 1e18);
  out.skinny = statistics_where(data.samples, predicted, family, kSkinnyRows);
  out.notes = data.notes();
  if (outliers > 0) {
    out.notes += fmt::format("{}{} rows far off their neighbours hardly weigh", out.notes.empty() ? "" : "; ",
                             outliers);
  }
  family.source = {Provenance::kFitted, join(data.sources) + (out.notes.empty() ? "" : "; " + out.notes)};
  family.rows = static_cast<double>(data.samples.size());
  family.median_ape = rounded(out.all.median_ape);
  family.p90_ape = rounded(out.all.p90_ape);
  return out;
}

}  // namespace hopsim::cost::fit
