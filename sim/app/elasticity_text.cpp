// SPDX-License-Identifier: Apache-2.0
#include "app/elasticity_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "io/csv.hpp"

namespace hopsim::app {

io::Json elasticity_json(const std::vector<sweep::Elasticity>& rows) {
  io::Json out = io::Json::array();
  for (const sweep::Elasticity& row : rows) {
    out.push_back({{"gpu", row.gpu},
                   {"field", row.field},
                   {"points", row.points},
                   {"latency_mean", row.latency_mean},
                   {"latency_largest", row.latency_largest},
                   {"energy_mean", row.energy_mean},
                   {"energy_largest", row.energy_largest}});
  }
  return out;
}

std::string elasticity_csv(const std::vector<sweep::Elasticity>& rows) {
  io::CsvTable table(
      {"gpu", "field", "points", "latency_mean", "latency_largest", "energy_mean", "energy_largest"});
  for (const sweep::Elasticity& row : rows) {
    const auto number = [](double x) { return fmt::format("{:.4f}", x); };
    table.add({row.gpu, row.field, std::to_string(row.points), number(row.latency_mean),
               number(row.latency_largest), number(row.energy_mean), number(row.energy_largest)});
  }
  return table.text();
}

std::string elasticity_text(const std::vector<sweep::Elasticity>& rows) {
  constexpr int kShown = 12;
  std::string out =
      "Per cent by which low precision against 16 bit moves when a field moves by 1 %: mean over all "
      "points,\n"
      "and the largest. Close to 0: the number cancels or does not matter.\n\n";
  out += fmt::format("{:<14}{:<44}{:>16}{:>18}\n", "GPU", "field", "latency", "energy");
  std::string gpu;
  int shown = 0;
  for (const sweep::Elasticity& row : rows) {
    shown = row.gpu == gpu ? shown + 1 : 0;
    if (shown < kShown) {
      out +=
          fmt::format("{:<14}{:<44}{:>8.2f} {:>7.2f} {:>9.2f} {:>7.2f}\n", row.gpu == gpu ? "" : row.gpu,
                      row.field, row.latency_mean, row.latency_largest, row.energy_mean, row.energy_largest);
    }
    gpu = row.gpu;
  }
  return out;
}

io::Json elasticity_json(const std::vector<sweep::CriticalElasticity>& rows) {
  io::Json out = io::Json::array();
  for (const sweep::CriticalElasticity& row : rows) {
    io::Json one = {{"gpu", row.gpu},
                    {"host", row.host},
                    {"stack", row.stack},
                    {"chain", row.chain},
                    {"batch", row.batch},
                    {"equal", to_text(row.equal)},
                    {"outcome", to_text(row.outcome)}};
    if (row.params > 0) {
      one["params"] = row.params;
      one["trap_below"] = row.trap_below;
    }
    if (!row.field.empty()) {
      one["field"] = row.field;
      one["elasticity"] = row.elasticity;
    }
    out.push_back(std::move(one));
  }
  return out;
}

std::string elasticity_csv(const std::vector<sweep::CriticalElasticity>& rows) {
  io::CsvTable table({"gpu", "host", "stack", "chain", "batch", "equal", "outcome", "params", "trap_below",
                      "field", "elasticity"});
  for (const sweep::CriticalElasticity& row : rows) {
    const bool exists = row.params > 0;
    table.add({row.gpu, row.host, row.stack, row.chain, std::to_string(row.batch),
               std::string(to_text(row.equal)), std::string(to_text(row.outcome)),
               exists ? io::csv_number(row.params) : "",
               exists ? std::to_string(static_cast<int>(row.trap_below)) : "", row.field,
               row.field.empty() ? "" : fmt::format("{:.4f}", row.elasticity)});
  }
  return table.text();
}

std::string elasticity_text(const std::vector<sweep::CriticalElasticity>& rows) {
  constexpr int kShown = 5;
  std::string out = "Per cent by which N* moves when a field moves by 1 %, at the smallest batch\n";
  int smallest = std::numeric_limits<int>::max();
  for (const sweep::CriticalElasticity& row : rows) {
    smallest = std::min(smallest, row.batch);
  }
  const sweep::CriticalElasticity* before = nullptr;
  int shown = 0;
  for (const sweep::CriticalElasticity& row : rows) {
    if (row.batch != smallest) {
      continue;
    }
    const bool same = before != nullptr && before->gpu == row.gpu && before->stack == row.stack &&
                      before->equal == row.equal && before->params == row.params &&
                      before->host == row.host && before->chain == row.chain;
    shown = same ? shown + 1 : 0;
    before = &row;
    if (!same) {
      out +=
          fmt::format("\n{} ({}) {} {}, {}: ", row.gpu, row.host, row.stack, to_text(row.equal), row.chain);
      out += row.params > 0 ? fmt::format("N* {:.3g}B, the trap is {}\n", row.params / 1e9,
                                          row.trap_below ? "below" : "above")
                            : fmt::format("{}\n", to_text(row.outcome));
    }
    if (!row.field.empty() && shown < kShown) {
      out += fmt::format("  {:<58}{:>8.2f}\n", row.field, row.elasticity);
    }
  }
  return out;
}

}  // namespace hopsim::app
