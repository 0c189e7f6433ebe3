// SPDX-License-Identifier: Apache-2.0
// What `hopsim run` tells a reader: the verdict in words, the answer against 16 bit, where the time goes.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "app/answers_text.hpp"
#include "app/quantity_text.hpp"
#include "app/run_text.hpp"

namespace hopsim::app {

namespace {

using metrics::Performance;
using metrics::Verdict;

auto infeasible_words(const RunReport& r) -> std::string {
  const metrics::PointResult& point = r.judged.point;
  if (!point.supported) {
    return fmt::format("{} can't run here: {} has no kernels of family {} (infeasible)",
                       r.workload.stack->name, r.machine.gpu->name, point.missing_families);
  }
  const metrics::Placement& place = point.place;
  if (!place.obstacle.empty()) {
    return fmt::format("{} can't run here: {} (infeasible)", r.workload.stack->name, place.obstacle);
  }
  return fmt::format("{} does not fit: needs {:.1f} GB{}, this GPU has {:g} GB, {} (infeasible)",
                     r.workload.stack->name, place.memory.total() / 1e9,
                     place.gpus > 1 ? fmt::format(" on each of {} GPUs", place.gpus) : "",
                     r.machine.gpu->memory_gb,
                     place.fewest > 0 ? fmt::format("at least {} of them hold it", place.fewest)
                                      : "more than 64 of them would be needed");
}

// "4 x NVIDIA L4", and "4 x NVIDIA L4 (16 bit on 8)" where 16 bit runs on another number.
auto gpus_words(const RunReport& r) -> std::string {
  const int gpus = r.judged.point.place.gpus;
  const int anchor = r.judged.anchor.place.gpus;
  return fmt::format("{}{}{}", gpus > 1 ? fmt::format("{} x ", gpus) : "", r.machine.gpu->title,
                     anchor != gpus ? fmt::format(" (16 bit on {})", anchor) : "");
}

auto name_of_trap(Verdict verdict) -> std::string {
  switch (verdict) {
    case Verdict::kFullTrap:
      return "the quantization trap (full-trap)";
    case Verdict::kEnergyTrap:
      return "faster, but an energy trap (energy-trap)";
    case Verdict::kLatencyTrap:
      return "less energy, but slower (latency-trap)";
    default:
      return "no trap (dissolved)";
  }
}

auto verdict_words(const RunReport& r) -> std::string {
  const metrics::Comparison& c = r.judged.comparison;
  switch (c.verdict) {
    case Verdict::kInfeasible:
      return infeasible_words(r);
    case Verdict::kAnchor:
      return fmt::format("{} is the 16-bit anchor itself (anchor)", r.workload.stack->name);
    case Verdict::kNoAnchor:
      return fmt::format("no comparison: {} has no kernels of family {} for {} (no-anchor)",
                         r.machine.gpu->name, r.judged.anchor.missing_families, r.versus->name);
    default:
      break;
  }
  return fmt::format("{} {} {} the time and {} the energy of {}{} here: {}{}", r.workload.stack->name,
                     c.verdict == Verdict::kDissolved ? "takes" : "costs", factor_text(1 + c.cor),
                     factor_text(c.energy_ratio), r.versus->name,
                     r.judged.anchor_fits ? "" : " (which does not fit)", name_of_trap(c.verdict),
                     c.accuracy_trap ? ", but more energy for each right answer (accuracy-trap)" : "");
}

auto paint_of(const metrics::Comparison& c) -> Paint {
  switch (c.verdict) {
    case Verdict::kDissolved:
      return c.accuracy_trap ? Paint::kWarn : Paint::kGood;
    case Verdict::kEnergyTrap:
    case Verdict::kLatencyTrap:
      return Paint::kWarn;
    case Verdict::kFullTrap:
    case Verdict::kInfeasible:
      return Paint::kBad;
    default:
      return Paint::kStrong;
  }
}

enum class Better { kLess, kMore, kNeither };

// Rows of one quantity: at the stack, at 16 bit, and their ratio. Without an anchor, or for the anchor
// itself, one column.
class Table {
 public:
  Table(const RunReport& r, const Style& style)
      : both_(r.judged.anchor.simulated && r.judged.comparison.verdict != Verdict::kAnchor), style_(style) {
    width_ = static_cast<int>(std::max({r.workload.stack->name.size(), r.versus->name.size(), kNarrow})) + 2;
    row("", r.workload.stack->name, r.versus->name,
        both_ && r.bands.drawn.draws > 0 ? "             5 to 95 %" : "");
  }

  void row(const std::string& label, const std::string& q, const std::string& anchor,
           const std::string& note = "") {
    std::string line = fmt::format("  {:<29}{:>{}}", label, q, width_);
    line += (both_ ? fmt::format("{:>{}}  ", anchor, width_) : "  ") + note;
    line.erase(line.find_last_not_of(' ') + 1);
    text_ += line + "\n";
  }

  void compare(const std::string& label, double q, double anchor, std::string (*words)(double), Better better,
               const std::string& note = "") {
    std::string factor;
    if (both_ && anchor > 0) {
      const double ratio = q / anchor;
      constexpr double kSame = 0.005;
      const bool worse = better == Better::kMore ? ratio < 1 : ratio > 1;
      const Paint paint = better == Better::kNeither || std::abs(ratio - 1) < kSame ? Paint::kPlain
                          : worse                                                   ? Paint::kBad
                                                                                    : Paint::kGood;
      factor = style_.paint(paint, fmt::format("{:>8}", factor_text(ratio)));
    }
    row(label, words(q), words(anchor), factor + note);
  }

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  static constexpr std::size_t kNarrow = 9;
  bool both_;
  Style style_;
  int width_ = 0;
  std::string text_;
};

auto percent_text(double share) -> std::string { return digits_text(100 * share) + " %"; }
auto watts_text(double watts) -> std::string { return digits_text(watts) + " W"; }
auto rate_text(double rate) -> std::string { return digits_text(rate) + " /s"; }

using BandOf = std::function<std::string(const Quantity&)>;

auto both_known(const RunReport& r) -> bool {
  return r.judged.point.performance.accuracy_known() && r.judged.anchor.performance.accuracy_known();
}

// Of right answers where it is known how many are right, else of chains.
void add_money(const RunReport& r, const BandOf& band, Table& out) {
  constexpr double kAnswers = 1000;
  const Performance& q = r.judged.point.performance;
  const Performance& a = r.judged.anchor.performance;
  const std::string price =
      fmt::format("  {}{}/h ({})", q.gpus > 1 ? fmt::format("{} x ", q.gpus) : "",
                  dollars_text(r.machine.gpu->price_usd_per_hour), to_text(price_source(r).kind));
  const std::string interval =
      band([&](const Performance& p) { return both_known(r) ? usd_per_correct(r, p) : usd_of_chain(r, p); });
  const std::string& note = interval.empty() ? price : interval;
  if (q.accuracy_known()) {
    out.compare("money for 1000 right answers", kAnswers * usd_per_correct(r, q),
                a.accuracy_known() ? kAnswers * usd_per_correct(r, a) : 0, dollars_text, Better::kLess, note);
  } else {
    out.compare("money for 1000 chains", kAnswers * usd_of_chain(r, q) / r.workload.batch,
                kAnswers * usd_of_chain(r, a) / r.workload.batch, dollars_text, Better::kLess, note);
  }
  if (!interval.empty()) {  // it stands where there is room for the price
    out.row(price, "", "");
  }
}

// How many are right at 16 bit belongs to the chain, whatever the model.
void add_right_answers(const RunReport& r, Table& out) {
  const Performance& q = r.judged.point.performance;
  const Performance& a = r.judged.anchor.performance;
  if (q.accuracy_known()) {
    const Provenance kind = r.workload.chain->accuracy_source.kind;
    out.compare("right answers", q.accuracy, a.accuracy, percent_text, Better::kMore,
                kind == Provenance::kMeasured ? "" : fmt::format("  16 bit's ({})", to_text(kind)));
  } else {
    out.row("right answers", "unknown", a.accuracy_known() ? percent_text(a.accuracy) : "unknown");
  }
}

auto answer(const RunReport& r, const Style& style) -> std::string {
  const Performance& q = r.judged.point.performance;
  const Performance& a = r.judged.anchor.performance;
  Table out(r, style);
  const BandOf band = [&](const Quantity& quantity) { return ratio_band_text(r.bands, quantity); };
  out.compare("time of the chain", q.latency_s, a.latency_s, seconds_text, Better::kLess,
              band(&Performance::latency_s));
  out.compare("energy of the chain", q.energy_j, a.energy_j, joules_text, Better::kLess,
              band(&Performance::energy_j));
  add_money(r, band, out);
  add_right_answers(r, out);
  out.compare("tokens", q.tokens, a.tokens, digits_text, Better::kLess,
              r.workload.stack->bits < 16 ? "  CTIR" : "");
  out.row("", "", "");
  out.compare("tokens per second", q.tokens_per_s, a.tokens_per_s, rate_text, Better::kMore,
              band(&Performance::tokens_per_s));
  out.compare("energy per token", q.j_per_token, a.j_per_token, joules_text, Better::kLess,
              band(&Performance::j_per_token));
  if (q.accuracy_known()) {
    const auto per_answer = [&](const Quantity& of) { return both_known(r) ? band(of) : std::string(); };
    out.compare("energy per right answer", q.j_per_correct, a.j_per_correct, joules_text, Better::kLess,
                per_answer(&Performance::j_per_correct));
    out.compare("time per right answer", q.s_per_correct, a.s_per_correct, seconds_text, Better::kLess,
                per_answer(&Performance::s_per_correct));
  }
  out.compare("mean power", q.power_w, a.power_w, watts_text, Better::kNeither, band(&Performance::power_w));
  const bool pauses =
      std::ranges::any_of(r.workload.chain->hops, [](const auto& hop) { return hop.pause_s > 0; });
  out.row("GPU waiting for the host", percent_text(q.host_bound_fraction),
          percent_text(a.host_bound_fraction), pauses ? "of the time between pauses" : "of the time");
  return out.text();
}

struct Part {
  std::string name;
  double time_s = 0, anchor_s = 0;
  bool casting = false;
};

// By time; what takes less than half a per mille of both is left out.
auto parts_of(const Performance& q, const Performance& a) -> std::vector<Part> {
  std::vector<Part> all;
  for (std::size_t c = 0; c < kKernelClassCount; ++c) {
    all.push_back({std::string(kKernelClassNames[c]), q.class_s[c], a.class_s[c],
                   is_casting(static_cast<KernelClass>(c))});
  }
  all.push_back({"GPU waits for host", q.idle_s, a.idle_s, false});
  all.push_back({"pauses", q.pause_s, a.pause_s, false});
  constexpr double kWorthALine = 5e-4;
  std::erase_if(all, [&](const Part& part) {
    return part.time_s < kWorthALine * q.latency_s && part.anchor_s <= kWorthALine * a.latency_s;
  });
  std::stable_sort(all.begin(), all.end(), [](const Part& x, const Part& y) { return x.time_s > y.time_s; });
  return all;
}

auto breakdown(const RunReport& r, const Style& style) -> std::string {
  const Performance& q = r.judged.point.performance;
  const Performance& a = r.judged.anchor.performance;
  const bool both = r.judged.anchor.simulated && r.judged.comparison.verdict != Verdict::kAnchor;
  constexpr int kBar = 36;
  std::string out = fmt::format("\n{:<22}{:>10}{:>9}{}\n", "Where the time goes", "time", "share",
                                both ? fmt::format("{:>12}", "16 bit") : "");
  bool casts = false;
  for (const Part& part : parts_of(q, a)) {
    const double share = part.time_s / q.latency_s;
    std::string line =
        fmt::format("  {:<20}{:>10}{:>7.1f} %", part.name, seconds_text(part.time_s), 100 * share);
    line += both ? fmt::format("{:>12}", part.anchor_s > 0 ? seconds_text(part.anchor_s) : "-") : "";
    if (share > 0) {
      line += "  " + style.paint(part.casting ? Paint::kBad : Paint::kPlain, bar(share, kBar, style));
    }
    casts = casts || part.casting;
    out += line + "\n";
  }
  return casts ? out + "  (quant and dequant are casting: work that 16 bit does not have)\n" : out;
}

}  // namespace

std::string headline(const RunReport& r, const Style& style) {
  const std::string point =
      fmt::format("{} on {}, {}, batch {}, {}, host {}", r.workload.model->name, gpus_words(r),
                  r.workload.stack->name, r.workload.batch, r.workload.chain->title, r.machine.host->name);
  std::string verdict = wrapped(verdict_words(r));
  verdict.pop_back();
  return wrapped(point) + "\n" + style.paint(paint_of(r.judged.comparison), verdict) + "\n\n";
}

std::string verdict_text(const RunReport& r) { return verdict_words(r) + "\n"; }

std::string run_text(const RunReport& r, const Style& style) {
  std::string out = headline(r, style);
  if (!r.judged.point.feasible()) {
    return out;
  }
  out += answer(r, style) + answers_note(r);
  if (r.judged.anchor.simulated) {
    const metrics::Comparison& c = r.judged.comparison;
    out +=
        fmt::format("\n  COR {:+.3f}   COR of kernels {:.3f}   energy ratio {:.3f}   SI {}\n", c.cor,
                    c.cor_kernel, c.energy_ratio, c.accuracy_known ? fmt::format("{:.3f}", c.si) : "unknown");
  }
  out += bands_text(r.bands) + breakdown(r, style) + draws_text(r) + anchor_note(r.judged);
  return out + "\n" + wrapped("Rests on " + provenance_line(r));
}

}  // namespace hopsim::app
