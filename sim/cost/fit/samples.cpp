// SPDX-License-Identifier: Apache-2.0
#include "cost/fit/samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "base/text.hpp"

namespace hopsim::cost::fit {

namespace {

using spec::KernelOperator;

constexpr double kUnflaggedShare = 0.02;  // of rows above the peak that makes a table without flags suspect

auto shape_of(const KernelRow& row, KernelOperator op) -> std::string {
  return op == KernelOperator::kLinear
             ? fmt::format("{:g}x{:g}", row.n, row.k)
             : fmt::format("{:g}/{:g}/{:g}", row.q_heads, row.kv_heads, row.head_dim);
}

auto above_peak(const Sample& s, double bytes_per_s) -> bool {
  return s.work.warm < 0.5 && s.work.bytes > bytes_per_s * s.seconds;
}

// Rows of equal sizes become one with the median time.
void merge_repeated(FamilyData& data) {
  using Key = std::tuple<double, double, double, double, double, double, double>;
  std::map<Key, std::vector<Sample>> by_size;
  for (Sample& s : data.samples) {
    const KernelWork& w = s.work;
    by_size[{w.m, w.n, w.k, w.kv_len, w.q_heads, w.kv_heads, w.head_dim}].push_back(std::move(s));
  }
  data.samples.clear();
  for (auto& [ignored, same] : by_size) {
    data.repeated += same.size() - 1;
    std::sort(same.begin(), same.end(),
              [](const Sample& a, const Sample& b) { return a.seconds < b.seconds; });
    data.samples.push_back(std::move(same[(same.size() - 1) / 2]));
  }
}

void find_warm(FamilyData& data, const Machine& machine) {
  std::size_t over = 0;
  std::size_t fitting = 0;
  const auto fits = [&](const Sample& s) {
    return s.work.warm < 0.5 && s.work.weight_bytes < machine.l2_bytes;
  };
  for (const Sample& s : data.samples) {
    fitting += fits(s) ? 1 : 0;
    over += fits(s) && above_peak(s, machine.bytes_per_s) ? 1 : 0;
  }
  if (static_cast<double>(over) <= kUnflaggedShare * static_cast<double>(fitting)) {
    return;
  }
  for (Sample& s : data.samples) {
    if (fits(s)) {
      s.work.warm = 1;
      ++data.found_warm;
    }
  }
}

void weigh(FamilyData& data) {
  std::vector<double> latencies;
  for (const Sample& s : data.samples) {
    latencies.push_back(s.seconds * 1e6);
  }
  data.clock_step_s = 1e-6 * clock_step_us(latencies);
  for (Sample& s : data.samples) {
    s.weight = s.seconds / (s.seconds + data.clock_step_s);
  }
}

void screen(FamilyData& data, const Machine& machine) {
  merge_repeated(data);
  if (data.rule->op == KernelOperator::kLinear) {
    find_warm(data, machine);
  }
  const std::size_t before = data.samples.size();
  std::erase_if(data.samples, [&](const Sample& s) { return above_peak(s, machine.bytes_per_s); });
  data.above_peak = before - data.samples.size();
  weigh(data);
}

}  // namespace

std::string FamilyData::notes() const {
  std::vector<std::string> parts;
  const auto note = [&](std::size_t count, const char* text) {
    if (count > 0) {
      parts.push_back(fmt::format("{} {}", count, text));
    }
  };
  note(above_peak, "above the HBM peak left out");
  note(repeated, "repeated sizes merged");
  note(flagged_warm, "flagged as L2-warm");
  note(found_warm, "L2-warm without a flag");
  if (clock_step_s > 0) {
    parts.push_back(fmt::format("clock step {:g} us, short rows weigh less", clock_step_s * 1e6));
  }
  return join(parts, "; ");
}

KernelWork work_of(const KernelRow& row, const spec::FamilyRule& rule, const Machine& machine) {
  if (rule.op == KernelOperator::kDecodeAttention) {
    KernelWork out =
        attention_work(row.m, row.kv_len, row.q_heads, row.kv_heads, row.head_dim, rule.kv_element_bytes);
    out.copies = 1;
    out.warm = out.bytes < machine.l2_bytes ? 1 : 0;
    return out;
  }
  KernelWork out = linear_work(rule.format, row.m, row.n, row.k);
  out.warm = row.warm.value_or(false) ? 1 : 0;
  out.copies = row.warm ? rule.weight_copies : 0;
  return out;
}

std::map<std::string, UnknownFormat> unknown_formats(const std::vector<KernelTable>& tables,
                                                     const spec::FamilyRules& rules) {
  std::map<std::string, UnknownFormat> out;
  for (const KernelTable& table : tables) {
    for (const KernelRow& row : table.rows) {
      bool borrowed = false;
      if (!row.seconds || rules.find(table.op, row.label, borrowed) != nullptr) {
        continue;
      }
      UnknownFormat& one = out[row.label.dtype];
      if (++one.rows == 1) {
        one.why = fmt::format("no kernel family has the number format '{}' (first {}; {})", row.label.dtype,
                              row.at.text(), suggestion(row.label.dtype, rules.dtypes(table.op)));
      }
    }
  }
  return out;
}

double clock_step_us(const std::vector<double>& latencies_us) {
  constexpr double kSteps[] = {1.024, 1.0, 0.512, 0.5, 0.256, 0.25, 0.1};
  constexpr double kShare = 0.8;
  constexpr double kTolerance = 0.0011;  // tables are written with three decimals
  for (const double step : kSteps) {
    const auto hits = std::count_if(latencies_us.begin(), latencies_us.end(), [&](double t) {
      return std::abs(t - step * std::round(t / step)) <= kTolerance;
    });
    if (static_cast<double>(hits) >= kShare * static_cast<double>(latencies_us.size())) {
      return step;
    }
  }
  return 0;
}

std::vector<FamilyData> family_data(const std::vector<KernelTable>& tables, const spec::FamilyRules& rules,
                                    const spec::GpuSpec& gpu) {
  std::map<std::string, FamilyData> by_name;
  std::map<std::string, std::set<std::string>> sources;
  for (const KernelTable& table : tables) {
    for (const KernelRow& row : table.rows) {
      if (!row.seconds) {
        continue;
      }
      bool borrowed = false;
      const spec::FamilyRule* rule = rules.find(table.op, row.label, borrowed);
      if (rule == nullptr) {
        continue;
      }
      FamilyData& data = by_name[rule->name];
      if (data.rule != nullptr && data.rule->form != rule->form) {
        throw InputError(row.at,
                         fmt::format("kernel '{}' is another design than those before of family '{}'",
                                     row.label.kernel, rule->name),
                         "one design a family and GPU: leave one out");
      }
      data.rule = rule;
      ++data.rows;
      data.samples.push_back({work_of(row, *rule, machine_of(gpu, rule->tensor_peak)), *row.seconds, 1,
                              shape_of(row, table.op)});
      data.flagged_warm += row.warm.value_or(false) ? 1 : 0;
      sources[rule->name].insert(fmt::format("{} {} {} {}", row.label.framework, row.label.version,
                                             row.label.kernel, row.label.dtype));
    }
  }
  std::vector<FamilyData> out;
  for (const spec::FamilyRule& rule : rules.rules) {  // in the order of the file
    if (const auto found = by_name.find(rule.name); found != by_name.end()) {
      FamilyData& data = found->second;
      data.sources.assign(sources[rule.name].begin(), sources[rule.name].end());
      screen(data, machine_of(gpu, rule.tensor_peak));
      out.push_back(std::move(data));
      by_name.erase(found);
    }
  }
  return out;
}

}  // namespace hopsim::cost::fit
