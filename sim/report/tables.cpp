// SPDX-License-Identifier: Apache-2.0
#include "report/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "io/csv.hpp"
#include "metrics/critical.hpp"

namespace hopsim::report {

namespace {

// One abscissa of the other axis: a batch for N*, a model for B*.
struct Column {
  std::string title;
  std::string kind;
  std::int64_t batch = 0;
  std::string model;

  [[nodiscard]] bool holds(const CriticalPointRow& row) const {
    return row.kind == kind && row.batch == batch && row.model == model;
  }
};

// Distinct values in order of appearance.
template <class T, class Get>
auto distinct(const std::vector<CriticalPointRow>& rows, Get get) -> std::vector<T> {
  std::vector<T> out;
  for (const CriticalPointRow& row : rows) {
    const std::optional<T> value = get(row);
    if (value && std::find(out.begin(), out.end(), *value) == out.end()) {
      out.push_back(*value);
    }
  }
  return out;
}

// Three of a list: `low`, the middle one, a high one.
template <class T>
auto three_of(const std::vector<T>& all, std::size_t low) -> std::vector<T> {
  if (all.size() <= 3) {
    return all;
  }
  return {all[low], all[all.size() / 2], all[all.size() * 5 / 6]};
}

auto columns_of(const std::vector<CriticalPointRow>& critical) -> std::vector<Column> {
  const auto batches = distinct<std::int64_t>(critical, [](const CriticalPointRow& row) {
    return row.kind == "N" ? std::optional(row.batch) : std::nullopt;
  });
  const auto models = distinct<std::string>(critical, [](const CriticalPointRow& row) {
    return row.kind == "B" ? std::optional(row.model) : std::nullopt;
  });
  std::vector<Column> out;
  for (const std::int64_t batch : three_of(batches, 0)) {
    out.push_back({fmt::format("N* at {}", batch), "N", batch, ""});
  }
  for (const std::string& model : three_of(models, models.size() / 6)) {
    out.push_back({"B* of " + (model.starts_with("dense@") ? model.substr(6) : model), "B", 0, model});
  }
  return out;
}

auto place(const CriticalPointRow& row) -> std::string {
  if (row.kind == "N") {
    return (row.trap_below != 0 ? "<" : ">") + billions(row.at);
  }
  return fmt::format("{}{:g}", row.trap_below != 0 ? "<" : ">=", row.at);
}

auto words(const std::vector<const CriticalPointRow*>& rows, const Column& column, const std::string& equal)
    -> std::string {
  std::string out;
  for (const CriticalPointRow* row : rows) {
    if (!column.holds(*row) || row->equal != equal) {
      continue;
    }
    if (row->outcome != "crossings") {
      return row->outcome == "always trapped"                                        ? "all"
             : row->outcome == "never trapped"                                       ? "none"
             : row->outcome == "not supported" || row->outcome == "accuracy unknown" ? "n/a"
                                                                                     : "-";
    }
    out += (out.empty() ? "" : ",") + place(*row);
  }
  return out;
}

auto rederived(const CriticalPointRow& row) -> std::string {
  return row.kind == "N" ? io::csv_number(metrics::rederived_critical_params(row.literature_params,
                                                                             static_cast<int>(row.batch)))
                         : "";
}

auto with_varied(std::vector<std::string> titles, const std::vector<std::string>& varied)
    -> std::vector<std::string> {
  titles.insert(titles.end(), varied.begin(), varied.end());
  return titles;
}

auto with_numbers(std::vector<std::string> cells, const std::vector<double>& varied)
    -> std::vector<std::string> {
  for (const double value : varied) {
    cells.push_back(io::csv_number(value));
  }
  return cells;
}

// Columns as wide as their widest cell, two spaces apart.
auto aligned(const std::vector<std::vector<std::string>>& lines) -> std::string {
  std::vector<std::size_t> widths(lines.front().size());
  for (const std::vector<std::string>& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      widths[i] = std::max(widths[i], line[i].size());
    }
  }
  std::string out;
  for (const std::vector<std::string>& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      out += fmt::format("{:<{}}", line[i], widths[i] + 2);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    out += "\n";
  }
  return out;
}

}  // namespace

std::string billions(double params) {
  constexpr double kTwoDigits = 99.5e9;
  return params < kTwoDigits ? fmt::format("{:.2g}B", params / 1e9) : fmt::format("{:.0f}B", params / 1e9);
}

std::string points_csv(const Results& results) {
  io::CsvTable table(
      with_varied({"gpu",      "host",        "model",         "params",       "stack",
                   "versus",   "chain",       "batch",         "verdict",      "feasible",
                   "gpus",     "anchor_fits", "accuracy_trap", "latency_s",    "tokens_per_s",
                   "energy_j", "j_per_token", "j_per_correct", "power_w",      "host_bound_fraction",
                   "accuracy", "cor",         "cor_kernel",    "energy_ratio", "j_per_correct_ratio",
                   "si",       "casting_s",   "memory_bytes",  "kernels",      "gpus_used"},
                  results.varied));
  for (const PointRow& r : results.points) {
    const bool runs = r.verdict != "infeasible";
    const bool compared = runs && r.verdict != "no-anchor";
    const auto metric = [&](double x) { return runs ? io::csv_number(x) : std::string(); };
    const auto answer = [&](double x) {
      return runs && x > 0 ? io::csv_number(x) : std::string();
    };  // 0: unknown
    const auto ratio = [&](double x) { return compared ? io::csv_number(x) : std::string(); };
    table.add(with_numbers({r.gpu,
                            r.host,
                            r.model,
                            io::csv_number(r.params),
                            r.stack,
                            r.versus,
                            r.chain,
                            std::to_string(r.batch),
                            r.verdict,
                            std::to_string(r.feasible),
                            std::to_string(r.gpus),
                            std::to_string(r.anchor_fits),
                            std::to_string(r.accuracy_trap),
                            metric(r.latency_s),
                            metric(r.tokens_per_s),
                            metric(r.energy_j),
                            metric(r.j_per_token),
                            answer(r.j_per_correct),
                            metric(r.power_w),
                            metric(r.host_bound_fraction),
                            answer(r.accuracy),
                            ratio(r.cor),
                            ratio(r.cor_kernel),
                            ratio(r.energy_ratio),
                            answer(r.j_per_correct_ratio),
                            answer(r.si),
                            metric(r.casting_s),
                            io::csv_number(r.memory_bytes),
                            std::to_string(r.kernels),
                            std::to_string(r.gpus_used)},
                           r.varied));
  }
  return table.text();
}

std::string critical_csv(const Results& results) {
  io::CsvTable table(
      with_varied({"kind", "gpu", "host", "stack", "versus", "chain", "model", "batch", "equal", "outcome",
                   "at", "trap_below", "lowest", "highest", "literature_params", "rederived_params"},
                  results.varied));
  for (const CriticalPointRow& r : results.critical) {
    const bool crosses = r.outcome == "crossings";
    table.add(with_numbers({r.kind, r.gpu, r.host, r.stack, r.versus, r.chain, r.model,
                            r.kind == "N" ? std::to_string(r.batch) : "", r.equal, r.outcome,
                            crosses ? io::csv_number(r.at) : "", crosses ? std::to_string(r.trap_below) : "",
                            io::csv_number(r.lowest), io::csv_number(r.highest),
                            r.kind == "N" ? io::csv_number(r.literature_params) : "", rederived(r)},
                           r.varied));
  }
  return table.text();
}

std::string critical_text(const std::vector<CriticalPointRow>& critical) {
  const std::vector<Column> columns = columns_of(critical);
  const auto gpus = distinct<std::string>(critical, [](const auto& row) { return std::optional(row.gpu); });
  const auto stacks =
      distinct<std::string>(critical, [](const auto& row) { return std::optional(row.stack); });
  std::string out =
      "Where low precision costs more than 16 bit, in latency / in energy (<2B: below 2B parameters,\n"
      ">=4: from batch 4 on, all: everywhere, none: nowhere, -: nothing fits,\n"
      "n/a: no such kernels)\n";
  std::vector<std::vector<std::string>> lines{{"GPU", "stack"}};
  for (const Column& column : columns) {
    lines.front().push_back(column.title);
  }
  for (const std::string& gpu : gpus) {
    for (const std::string& stack : stacks) {
      std::vector<const CriticalPointRow*> rows;
      for (const CriticalPointRow& row : critical) {
        if (row.gpu == gpu && row.stack == stack) {
          rows.push_back(&row);
        }
      }
      std::vector<std::string>& line = lines.emplace_back();
      line = {stack == stacks.front() ? gpu : "", stack};
      for (const Column& column : columns) {
        line.push_back(words(rows, column, "latency") + "/" + words(rows, column, "energy"));
      }
    }
  }
  return out + aligned(lines);
}

}  // namespace hopsim::report
