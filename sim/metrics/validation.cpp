// SPDX-License-Identifier: Apache-2.0
#include "metrics/validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/tools/toms748_solve.hpp>
#include <cmath>

#include "metrics/point.hpp"
#include "replay/folded/folded_engine.hpp"

namespace hopsim::metrics {

namespace {

constexpr double kSlowest = 0.2;
constexpr double kFastest = 5;
constexpr double kLeastElasticity = 0.1;

struct Run {
  PointResult point;
  double ms_per_step = 0;
};

class RowRunner {
 public:
  RowRunner(const spec::ValidationRow& row, spec::Catalog& catalog)
      : row_(row),
        catalog_(catalog),
        gpu_(catalog.gpu(row.gpu)),
        host_(catalog.host(row.host.empty() ? gpu_.host : row.host)) {
    if (row.host_anchor) {
      anchor_host();
    }
  }

  [[nodiscard]] Run run(const std::string& stack, const std::string& model, int batch,
                        const spec::HostSpec& host) const {
    const spec::ChainSpec chain = spec::line_chain(row_.hops, row_.prompt_tokens, 0, row_.decode_tokens, 0);
    Run out;
    out.point = evaluate_chain(stack, model, batch, host, chain);
    if (out.point.simulated) {
      out.ms_per_step = step_ms(stack, model, batch, host, out.point.performance);
    }
    return out;
  }

  [[nodiscard]] const spec::HostSpec& host() const { return host_; }
  [[nodiscard]] const std::string& note() const { return note_; }

 private:
  PointResult evaluate_chain(const std::string& stack, const std::string& model, int batch,
                             const spec::HostSpec& host, const spec::ChainSpec& chain) const {
    const cost::StepCoster coster(gpu_, host);
    spec::StackSpec as_timed = catalog_.stack(stack);
    as_timed.quality.token_inflation = 1;  // a measurement decodes as many tokens as its row says
    const Workload workload{&catalog_.model(model), &as_timed, &chain, batch};
    return evaluate({&gpu_, &host, {row_.gpus}}, coster, workload, replay::FoldedEngine(),
                    TooBig::kSimulateAnyway);
  }

  // Without the prefills: the chain less a chain of the same hops that decode one token each.
  double step_ms(const std::string& stack, const std::string& model, int batch, const spec::HostSpec& host,
                 const Performance& whole) const {
    const double steps = static_cast<double>(row_.hops) * (row_.decode_tokens - 1);
    if (steps == 0) {
      return 1e3 * whole.latency_s / row_.hops;
    }
    const spec::ChainSpec first = spec::line_chain(row_.hops, row_.prompt_tokens, 0, 1, 0);
    return 1e3 * (whole.latency_s - evaluate_chain(stack, model, batch, host, first).performance.latency_s) /
           steps;
  }

  void anchor_host() {
    const spec::HostAnchor& anchor = *row_.host_anchor;
    const auto log_error = [&](double log_speed) {
      spec::HostSpec host = host_;
      host.speed = std::exp(log_speed);
      const std::string model = anchor.model.empty() ? row_.model : anchor.model;
      return std::log(run(anchor.stack, model, anchor.batch, host).ms_per_step / anchor.ms_per_step);
    };
    const double low = std::log(kSlowest);
    const double high = std::log(kFastest);
    const double at_low = log_error(low);
    const double at_high = log_error(high);
    double solved = at_low <= 0 ? low : high;
    if (at_low > 0 && at_high < 0) {
      std::uintmax_t iterations = 60;
      const auto close = [](double a, double b) { return std::abs(a - b) < 1e-4; };
      const auto [a, b] =
          boost::math::tools::toms748_solve(log_error, low, high, at_low, at_high, close, iterations);
      solved = (a + b) / 2;
    }
    constexpr double kStep = 0.1;
    const double elasticity = std::abs(log_error(solved + kStep) - log_error(solved - kStep)) / (2 * kStep);
    if (at_high >= 0 || elasticity < kLeastElasticity) {
      note_ = "the anchor is GPU-bound and says nothing about the host; " + host_.name + " taken";
      return;
    }
    note_ = at_low <= 0 ? "host speed clamped at its lower bound" : "";
    host_.speed = std::exp(solved);
    host_.name = "anchored";
  }

  const spec::ValidationRow& row_;
  spec::Catalog& catalog_;
  const spec::GpuSpec& gpu_;
  spec::HostSpec host_;
  std::string note_;
};

auto predicted(spec::Metric metric, const Run& q, const Run& anchor) -> double {
  const Performance& p = q.point.performance;
  switch (metric) {
    case spec::Metric::kMsPerStep:
      return q.ms_per_step;
    case spec::Metric::kTokensPerS:
      return p.tokens_per_s;
    case spec::Metric::kPowerW:
      return p.power_w;
    case spec::Metric::kJPerToken:
      return p.j_per_token;
    case spec::Metric::kCor:
      return p.latency_s / anchor.point.performance.latency_s - 1;
    case spec::Metric::kEnergyRatio:
      return p.energy_j / anchor.point.performance.energy_j;
  }
  throw InternalError("unknown metric");
}

void validate_row(const spec::ValidationSuite& suite, const spec::ValidationRow& row, spec::Catalog& catalog,
                  std::vector<ValidationResult>& out) {
  const RowRunner runner(row, catalog);
  const std::string versus = row.versus.empty() ? catalog.stack(row.stack).anchor : row.versus;
  const Run q = runner.run(row.stack, row.model, row.batch, runner.host());
  const Run anchor = runner.run(versus, row.model, row.batch, runner.host());
  for (const auto& [metric, measured] : row.measured) {
    ValidationResult result{suite.name,          row.name,     metric, measured, {}, {}, row.fitted,
                            runner.host().speed, runner.note()};
    const bool ratio = metric == spec::Metric::kCor || metric == spec::Metric::kEnergyRatio;
    if (!q.point.feasible() || (ratio && !anchor.point.simulated)) {
      result.note =
          row.gpus > 1 ? fmt::format("does not run on {} GPUs", row.gpus) : "does not run on one GPU";
    } else {
      result.predicted = predicted(metric, q, anchor);
      result.error =
          metric == spec::Metric::kCor ? *result.predicted - measured : *result.predicted / measured - 1;
    }
    out.push_back(std::move(result));
  }
}

auto quantile(std::vector<double> sorted, double q) -> double {
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

}  // namespace

std::vector<ValidationResult> validate(const spec::ValidationSuite& suite, spec::Catalog& catalog) {
  std::vector<ValidationResult> out;
  for (const spec::ValidationRow& row : suite.rows) {
    try {
      validate_row(suite, row, catalog, out);
    } catch (const InputError& e) {
      // A name of the row that does not exist: point at the row.
      std::vector<Finding> findings = e.findings();
      for (Finding& finding : findings) {
        if (finding.where.file.empty()) {
          finding.where = row.at;
        }
      }
      throw InputError(std::move(findings));
    }
  }
  return out;
}

ErrorSummary summarise(const std::vector<ValidationResult>& results) {
  std::vector<double> errors;
  for (const ValidationResult& result : results) {
    if (result.error && result.metric != spec::Metric::kCor) {
      errors.push_back(std::abs(*result.error));
    }
  }
  std::sort(errors.begin(), errors.end());
  ErrorSummary out;
  out.n = errors.size();
  if (!errors.empty()) {
    out.median_ape = quantile(errors, 0.5);
    out.p90_ape = quantile(errors, 0.9);
  }
  return out;
}

std::optional<double> sign_agreement(const std::vector<ValidationResult>& results) {
  constexpr double kClear = 0.1;
  int clear = 0;
  int right = 0;
  for (const ValidationResult& result : results) {
    const double zero = result.metric == spec::Metric::kEnergyRatio ? 1 : 0;
    const bool signed_metric =
        result.metric == spec::Metric::kCor || result.metric == spec::Metric::kEnergyRatio;
    if (signed_metric && result.predicted && std::abs(result.measured - zero) > kClear) {
      ++clear;
      right += (result.measured > zero) == (*result.predicted > zero) ? 1 : 0;
    }
  }
  return clear > 0 ? std::optional(static_cast<double>(right) / clear) : std::nullopt;
}

}  // namespace hopsim::metrics
