// SPDX-License-Identifier: Apache-2.0
#include "app/elasticity_text.hpp"

#include <fmt/format.h>

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

}  // namespace hopsim::app
