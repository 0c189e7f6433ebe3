// SPDX-License-Identifier: Apache-2.0
#include "cost/fit/predict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/text.hpp"
#include "cost/fit/samples.hpp"
#include "cost/kernel_cost.hpp"

namespace hopsim::cost::fit {

namespace {

constexpr std::size_t kWorst = 10;

// A family of a GPU, ready, for the rows of one label.
struct Station {
  const spec::FamilyRule* rule = nullptr;
  const KernelTimer* timer = nullptr;
  bool stands_in = false;
};

class Stations {
 public:
  Stations(const spec::FamilyRules& rules, const spec::GpuSpec& gpu, spec::KernelOperator op)
      : rules_(rules), gpu_(gpu), op_(op) {}

  const Station& of(const KernelRow& row) {
    const spec::KernelLabel& l = row.label;
    const std::string key = l.framework + '\n' + l.version + '\n' + l.kernel + '\n' + l.dtype;
    const auto found = known_.find(key);
    return found != known_.end() ? found->second : known_.emplace(key, found_for(row)).first->second;
  }

 private:
  Station found_for(const KernelRow& row) {
    Station out;
    out.rule = rules_.find(op_, row.label, out.stands_in);
    if (out.rule == nullptr) {
      throw InputError(row.at, fmt::format("no kernel family has the number format '{}'", row.label.dtype),
                       suggestion(row.label.dtype, rules_.dtypes(op_)));
    }
    if (!gpu_.families.contains(out.rule->name)) {
      out.stands_in = true;
      out.rule = present(row);
    }
    out.timer = &timers_.try_emplace(out.rule->name, gpu_.families.at(out.rule->name), gpu_).first->second;
    return out;
  }

  // Another rule's family of the same format that the GPU has.
  const spec::FamilyRule* present(const KernelRow& row) const {
    for (const spec::FamilyRule& rule : rules_.rules) {
      const auto& dtypes = rule.match.dtypes;
      if (rule.op == op_ && gpu_.families.contains(rule.name) &&
          std::find(dtypes.begin(), dtypes.end(), row.label.dtype) != dtypes.end()) {
        return &rule;
      }
    }
    throw InputError(
        row.at,
        fmt::format("GPU '{}' has no kernel family of number format '{}'", gpu_.name, row.label.dtype),
        "a profile that hopsim calibrate wrote from a table with this format");
  }

  const spec::FamilyRules& rules_;
  const spec::GpuSpec& gpu_;
  spec::KernelOperator op_;
  std::map<std::string, Station> known_;
  std::map<std::string, KernelTimer> timers_;
};

using Group = std::function<std::string(std::size_t)>;

class Grouping {
 public:
  Grouping(const KernelTable& table, const std::vector<RowPrediction>& predictions)
      : table_(table), predictions_(predictions) {}

  [[nodiscard]] std::vector<GroupErrors> by(const Group& group) const {
    std::map<std::string, std::vector<std::size_t>> rows;
    for (std::size_t i = 0; i < table_.rows.size(); ++i) {
      if (table_.rows[i].seconds) {
        rows[group(i)].push_back(i);
      }
    }
    std::vector<GroupErrors> out;
    for (const auto& [name, members] : rows) {
      out.push_back(errors_of(name, members));
    }
    return out;
  }

 private:
  [[nodiscard]] GroupErrors errors_of(const std::string& name, const std::vector<std::size_t>& rows) const {
    std::vector<double> measured, predicted, error90, logs;
    for (const std::size_t i : rows) {
      measured.push_back(*table_.rows[i].seconds);
      predicted.push_back(predictions_[i].seconds);
      error90.push_back(predictions_[i].uncertainty.error90);
      logs.push_back(std::log(predicted.back() / measured.back()));
    }
    return {name, error_statistics(measured, predicted, error90), quantile(std::move(logs), 0.5)};
  }

  const KernelTable& table_;
  const std::vector<RowPrediction>& predictions_;
};

auto size_name(double seconds) -> std::string {
  const double us = seconds * 1e6;
  return us < 10 ? "< 10 us" : us < 100 ? "10 to 100 us" : "> 100 us";
}

}  // namespace

std::vector<RowPrediction> predict_rows(const KernelTable& table, const spec::FamilyRules& rules,
                                        const spec::GpuSpec& gpu) {
  Stations stations(rules, gpu, table.op);
  std::vector<RowPrediction> out;
  out.reserve(table.rows.size());
  for (const KernelRow& row : table.rows) {
    const Station& station = stations.of(row);
    const KernelWork work = work_of(row, *station.rule, machine_of(gpu, station.rule->tensor_peak));
    RowPrediction one{station.rule->name, station.timer->seconds(work), station.timer->uncertainty(work)};
    if (station.stands_in && one.uncertainty.reach != Reach::kSpecOnly) {
      one.uncertainty.reach = Reach::kBorrowed;
    }
    out.push_back(std::move(one));
  }
  return out;
}

PredictionErrors prediction_errors(const KernelTable& table, const std::vector<RowPrediction>& predictions) {
  const Grouping grouping(table, predictions);
  PredictionErrors out;
  const auto all = grouping.by([](std::size_t) { return "all"; });
  if (all.empty()) {
    return out;
  }
  out.all = all.front();
  out.families = grouping.by([&](std::size_t i) { return predictions[i].family; });
  out.dtypes = grouping.by([&](std::size_t i) { return table.rows[i].label.dtype; });
  out.rows = grouping.by([&](std::size_t i) { return table.rows[i].m <= kSkinnyRows ? "<= 64" : "> 64"; });
  out.sizes = grouping.by([&](std::size_t i) { return size_name(*table.rows[i].seconds); });
  const auto off = [&](std::size_t i) {
    return table.rows[i].seconds ? std::abs(std::log(predictions[i].seconds / *table.rows[i].seconds)) : -1;
  };
  out.worst.resize(table.rows.size());
  std::iota(out.worst.begin(), out.worst.end(), 0);
  std::stable_sort(out.worst.begin(), out.worst.end(), [&](auto a, auto b) { return off(a) > off(b); });
  out.worst.resize(std::min(kWorst, out.all.errors.n));
  return out;
}

std::string table_with_predictions(const KernelTable& table, const std::vector<RowPrediction>& predictions) {
  std::vector<std::string> header = table.csv.header;
  for (const char* title : {"predicted_us", "error90", "reach", "family", "error"}) {
    header.emplace_back(title);
  }
  io::CsvTable out(header);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const RowPrediction& p = predictions[i];
    std::vector<std::string> cells = table.csv.rows[i];
    cells.push_back(fmt::format("{:.4g}", p.seconds * 1e6));
    cells.push_back(fmt::format("{:.3f}", p.uncertainty.error90));
    cells.emplace_back(to_text(p.uncertainty.reach));
    cells.push_back(p.family);
    const auto& measured = table.rows[i].seconds;
    cells.push_back(measured ? fmt::format("{:.4f}", p.seconds / *measured - 1) : "");
    out.add(std::move(cells));
  }
  return out.text();
}

}  // namespace hopsim::cost::fit
