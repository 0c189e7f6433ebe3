// SPDX-License-Identifier: Apache-2.0
#include "report/band_tables.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "io/csv.hpp"
#include "report/tables.hpp"

namespace hopsim::report {

namespace {

auto with(std::vector<std::string> cells, const std::vector<std::string>& more) -> std::vector<std::string> {
  cells.insert(cells.end(), more.begin(), more.end());
  return cells;
}

auto numbers(const std::vector<double>& values) -> std::vector<std::string> {
  std::vector<std::string> out;
  for (const double x : values) {
    out.push_back(io::csv_number(x));
  }
  return out;
}

// "1.2B [0.7B 3B] 84 %", or why there is none.
auto words(const CriticalPointRow& row, const CriticalBandRow& band) -> std::string {
  const auto share = [](double x) { return fmt::format("{:.0f} %", 100 * x); };
  const std::string interval =
      band.crossing_share > 0
          ? fmt::format(" [{} {}] in {}", billions(band.low), billions(band.high), share(band.crossing_share))
          : "";
  if (row.outcome == "crossings") {
    return (row.trap_below != 0 ? "<" : ">") + billions(row.at) + interval;
  }
  if (row.outcome == "always trapped") {
    return fmt::format("all in {}{}", share(band.always_share), interval);
  }
  return fmt::format("none in {}{}", share(band.never_share), interval);
}

auto firm_text(const BandTables& bands) -> std::string {
  std::int64_t compared = 0;
  std::int64_t firm = 0;
  std::int64_t likely = 0;
  for (const PointBandRow& row : bands.points) {
    const bool judged = row.energy_ratio_high > 0;
    compared += judged ? 1 : 0;
    firm += judged && row.verdict_share >= 0.95 ? 1 : 0;
    likely += judged && row.verdict_share >= 0.8 ? 1 : 0;
  }
  const double all = static_cast<double>(std::max<std::int64_t>(compared, 1));
  return fmt::format(
      "\n{} draws of the uncertain parameters: of {} points beside 16 bit {:.0f} % keep their verdict in 95 "
      "%\n"
      "of draws, {:.0f} % in 80 %\n",
      bands.draws, compared, 100 * static_cast<double>(firm) / all, 100 * static_cast<double>(likely) / all);
}

}  // namespace

std::string point_bands_csv(const Results& results) {
  io::CsvTable table(with({"gpu", "host", "model", "stack", "versus", "chain", "batch", "verdict",
                           "verdict_share", "slower_share", "hungrier_share", "cor", "cor_low", "cor_high",
                           "energy_ratio", "energy_ratio_low", "energy_ratio_high"},
                          results.varied));
  for (std::size_t i = 0; i < results.bands.points.size(); ++i) {
    const PointRow& r = results.points[i];
    const PointBandRow& b = results.bands.points[i];
    if (b.energy_ratio_high > 0) {
      table.add(
          with(with({r.gpu, r.host, r.model, r.stack, r.versus, r.chain, std::to_string(r.batch), r.verdict},
                    numbers({b.verdict_share, b.slower_share, b.hungrier_share, r.cor, b.cor_low, b.cor_high,
                             r.energy_ratio, b.energy_ratio_low, b.energy_ratio_high})),
               numbers(r.varied)));
    }
  }
  return table.text();
}

std::string critical_bands_csv(const Results& results) {
  io::CsvTable table(
      with({"kind", "gpu", "host", "stack", "versus", "chain", "model", "batch", "equal", "outcome", "at",
            "trap_below", "low", "high", "crossing_share", "crosses_share", "always_share", "never_share"},
           results.varied));
  for (std::size_t i = 0; i < results.bands.critical.size(); ++i) {
    const CriticalPointRow& r = results.critical[i];
    const CriticalBandRow& b = results.bands.critical[i];
    const bool crosses = r.outcome == "crossings";
    const bool known = b.crossing_share > 0;
    table.add(with(with({r.kind, r.gpu, r.host, r.stack, r.versus, r.chain, r.model,
                         r.kind == "N" ? std::to_string(r.batch) : "", r.equal, r.outcome,
                         crosses ? io::csv_number(r.at) : "", crosses ? std::to_string(r.trap_below) : "",
                         known ? io::csv_number(b.low) : "", known ? io::csv_number(b.high) : ""},
                        numbers({b.crossing_share, b.crosses_share, b.always_share, b.never_share})),
                   numbers(r.varied)));
  }
  return table.text();
}

std::string bands_text(const BandTables& bands, const std::vector<CriticalPointRow>& critical) {
  if (bands.draws == 0) {
    return "";
  }
  std::string out = firm_text(bands);
  std::size_t gpu = 0;
  std::size_t stack = 0;
  for (const CriticalPointRow& row : critical) {
    gpu = std::max(gpu, row.gpu.size() + 1);
    stack = std::max(stack, row.stack.size() + 1);
  }
  std::int64_t smallest = 0;
  for (std::size_t i = 0; i < critical.size(); ++i) {
    const CriticalPointRow& row = critical[i];
    const bool shown = row.outcome != "nothing fits" && row.outcome != "not supported" &&
                       row.equal != "energy_per_correct" && row.kind == "N";
    if (!shown || (smallest != 0 && row.batch != smallest)) {
      continue;
    }
    if (smallest == 0) {
      smallest = row.batch;
      out += fmt::format(
          "\nN* at batch {}: where low precision costs more than 16 bit [5 % and 95 %] in its share "
          "of draws\n",
          smallest);
    }
    out += fmt::format("{:<{}}{:<{}}{:<9}{}\n", row.gpu, gpu, row.stack, stack, row.equal,
                       words(row, bands.critical[i]));
  }
  return out;
}

}  // namespace hopsim::report
