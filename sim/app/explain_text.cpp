// SPDX-License-Identifier: Apache-2.0
#include "app/explain_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "app/answers_text.hpp"
#include "base/text.hpp"

namespace hopsim::app {

namespace {

using io::Json;
using metrics::Cause;
using metrics::Decomposition;
using metrics::Explanation;
using metrics::Parts;

// The causes that can change a quantity are the first so many, gaps and accuracy last.
constexpr std::size_t kOfLatency = metrics::kReplayedCauses;
constexpr std::size_t kOfEnergy = kOfLatency + 1;
constexpr std::size_t kOfRightAnswers = metrics::kCauseCount;

constexpr const char* kMoreGpus = "more_gpus";

auto name_of(std::size_t cause) -> std::string { return std::string(to_text(static_cast<Cause>(cause))); }

auto parts_json(const Parts& parts, std::size_t causes) -> Json {
  Json out = Json::object();
  for (std::size_t cause = 0; cause < causes; ++cause) {
    out[name_of(cause)] = parts[cause];
  }
  return out;
}

auto decomposition_json(const Decomposition& d, const std::string& unit, std::size_t causes) -> Json {
  Json parts = parts_json(d.parts, causes);
  if (d.more_gpus != 0) {
    parts[kMoreGpus] = d.more_gpus;
  }
  return {{"total_" + unit, d.total()},
          {"anchor_" + unit, d.anchor},
          {"q_" + unit, d.q},
          {"causes", std::move(parts)}};
}

// Bars between levels, the lowest to the highest of which spans the width.
class Bars {
 public:
  Bars(const Decomposition& d, const Style& style) : style_(style) {
    double level = d.anchor + d.more_gpus;
    low_ = std::min(0.0, level);
    high_ = std::max({d.anchor, d.q, level});
    for (const double part : d.parts) {
      level += part;
      low_ = std::min(low_, level);
      high_ = std::max(high_, level);
    }
  }

  [[nodiscard]] auto whole(double level) const -> std::string {
    return drawn(0, level, "█", '#', Paint::kPlain);
  }
  [[nodiscard]] auto change(double from, double to) const -> std::string {
    return to > from ? drawn(from, to, "▓", '+', Paint::kBad) : drawn(to, from, "░", '-', Paint::kGood);
  }

 private:
  static constexpr double kWidth = 48;

  [[nodiscard]] auto column(double level) const -> std::size_t {
    return static_cast<std::size_t>(std::lround(kWidth * (level - low_) / (high_ - low_)));
  }
  [[nodiscard]] auto drawn(double from, double to, const char* block, char ascii, Paint paint) const
      -> std::string {
    const std::size_t begin = column(from);
    const std::size_t end = std::max(column(to), begin + 1);  // a change that is listed is seen
    return std::string(begin, ' ') + style_.paint(paint, blocks(end - begin, block, ascii, style_));
  }

  const Style& style_;
  double low_ = 0;
  double high_ = 0;
};

// Four digits, and no exponent where more of them are whole.
auto number(double x, bool with_sign) -> std::string {
  std::string out = std::abs(x) >= 1000 ? fmt::format("{:+.0f}", x) : fmt::format("{:+.4g}", x);
  return with_sign ? out : out.substr(1);
}

auto line(const std::string& name, const std::string& amount, const std::string& share,
          const std::string& bar) -> std::string {
  return fmt::format("  {:<22.22}{:>12}{:>10}  {}\n", name, amount, share, bar);
}

// Causes that change nothing are left out.
auto waterfall(const RunReport& r, const char* title, const char* unit, const Decomposition& d,
               const Style& style) -> std::string {
  const Bars bars(d, style);
  std::string out = fmt::format("{} ({})\n", title, unit);
  out += line(r.versus->name, number(d.anchor, false), "", bars.whole(d.anchor));
  double level = d.anchor;
  const auto step = [&](const std::string& name, double part) {
    if (part != 0) {
      out += line(name, number(part, true), fmt::format("{:+.1f} %", 100 * part / d.anchor),
                  bars.change(level, level + part));
      level += part;
    }
  };
  step(kMoreGpus, d.more_gpus);
  for (std::size_t cause = 0; cause < d.parts.size(); ++cause) {
    step(name_of(cause), d.parts[cause]);
  }
  out += line(r.workload.stack->name, number(d.q, false),
              fmt::format("{:+.1f} %", 100 * d.total() / d.anchor), bars.whole(d.q));
  return out + "\n";
}

auto gaps_line(const Parts& parts) -> std::string {
  std::vector<std::string> words;
  for (std::size_t cause = 0; cause < metrics::kReplayedCauses; ++cause) {
    if (parts[cause] != 0) {
      words.push_back(fmt::format("{} {} J", name_of(cause), number(parts[cause], true)));
    }
  }
  return words.empty() ? "" : "What changed the gaps:\n  " + join(words, ",\n  ") + "\n\n";
}

auto largest(const Decomposition& d) -> std::string {
  const auto at = std::max_element(d.parts.begin(), d.parts.end(),
                                   [](double a, double b) { return std::abs(a) < std::abs(b); });
  return std::abs(d.more_gpus) > std::abs(*at)
             ? fmt::format("{} {:+.0f} %", kMoreGpus, 100 * d.more_gpus / d.anchor)
             : fmt::format("{} {:+.0f} %", name_of(static_cast<std::size_t>(at - d.parts.begin())),
                           100 * *at / d.anchor);
}

}  // namespace

io::Json explain_json(const RunReport& r, const Explanation* explained) {
  Json out;
  out["gpu"] = r.machine.gpu->name;
  out["host"] = r.machine.host->name;
  out["model"] = r.workload.model->name;
  out["stack"] = r.workload.stack->name;
  out["versus"] = r.versus->name;
  out["gpus"] = r.judged.point.place.gpus;
  out["anchor_gpus"] = r.judged.anchor.place.gpus;
  out["batch"] = r.workload.batch;
  out["chain"] = r.workload.chain->name;
  out["verdict"] = to_text(r.judged.comparison.verdict);
  out["latency"] = out["energy"] = out["j_per_correct"] = out["unmatched_operators"] = nullptr;
  if (explained != nullptr) {
    out["latency"] = decomposition_json(explained->latency_s, "s", kOfLatency);
    out["energy"] = decomposition_json(explained->energy_j, "j", kOfEnergy);
    out["energy"]["gaps_by_cause"] = parts_json(explained->gap_parts_j, kOfLatency);
    if (explained->j_per_correct) {
      out["j_per_correct"] = decomposition_json(*explained->j_per_correct, "j", kOfRightAnswers);
    }
    out["unmatched_operators"] = explained->unmatched;
  }
  out["anchor_fits"] = r.judged.anchor_fits;
  out["missing_families"] = r.judged.point.missing_families;
  out["wall_s"] = r.wall_s;
  out["engine"] = r.engine;
  out["provenance"] = provenance_json(r);
  return out;
}

std::string explain_text(const RunReport& r, const Explanation* explained, const Style& style) {
  std::string out = headline(r, style);
  if (explained == nullptr) {
    return out;
  }
  out += waterfall(r, "Time of the chain", "s", explained->latency_s, style);
  out += waterfall(r, "Energy of the chain", "J", explained->energy_j, style);
  if (explained->j_per_correct) {
    out += waterfall(r, "Energy per right answer", "J", *explained->j_per_correct, style);
  }
  out += gaps_line(explained->gap_parts_j);
  if (!explained->unmatched.empty()) {
    out += fmt::format("Only on one side, so in other_kernels: {}\n\n", join(explained->unmatched));
  }
  out.pop_back();  // what follows begins with its own empty line
  out += answers_note(r) + anchor_note(r.judged);
  return out + "\n" + wrapped("Rests on " + provenance_line(r));
}

std::string explain_line(const RunReport& r, const Explanation* explained) {
  if (explained == nullptr) {
    return verdict_text(r);
  }
  std::string out = verdict_text(r);
  out.pop_back();
  return out + fmt::format("; largest causes: time {}, energy {}\n", largest(explained->latency_s),
                           largest(explained->energy_j));
}

}  // namespace hopsim::app
