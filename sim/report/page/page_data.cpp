// SPDX-License-Identifier: Apache-2.0
#include "report/page/page_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <span>

#include "base/errors.hpp"

namespace hopsim::report {

namespace {

using io::Json;

constexpr char kMissing = '.';

// With four digits, whole where it is whole: short in the text.
auto short_number(double x) -> Json {
  const std::string text = fmt::format("{:.4g}", x);
  double rounded = 0;
  std::from_chars(text.data(), text.data() + text.size(), rounded);
  if (rounded == std::floor(rounded) && std::abs(rounded) < 1e15) {
    return static_cast<std::int64_t>(rounded);
  }
  return rounded;
}

// Distinct values of an axis in order of appearance, and where each stands.
class Axis {
 public:
  void take(const std::string& name) {
    if (places_.emplace(name, names_.size()).second) {
      names_.push_back(name);
    }
  }
  [[nodiscard]] std::size_t place(const std::string& name) const { return places_.at(name); }
  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::size_t> places_;
};

struct PageAxes {
  Axis gpus, hosts, chains, stacks;
  std::map<std::string, std::string> versus;        // of each stack
  std::set<std::pair<double, std::string>> models;  // by parameters
  std::map<std::string, std::size_t> model_place;
  std::set<std::int64_t> batches;
  std::map<std::int64_t, std::size_t> batch_place;

  [[nodiscard]] std::size_t cells() const { return stacks.names().size() * models.size() * batches.size(); }
  [[nodiscard]] std::size_t cell(const PointRow& row) const {
    return (stacks.place(row.stack) * models.size() + model_place.at(row.model)) * batches.size() +
           batch_place.at(row.batch);
  }
};

auto axes_of(const Results& results) -> PageAxes {
  PageAxes out;
  for (const PointRow& row : results.points) {
    out.gpus.take(row.gpu);
    out.hosts.take(row.host);
    out.chains.take(row.chain);
    out.stacks.take(row.stack);
    out.versus[row.stack] = row.versus;
    out.models.emplace(row.params, row.model);
    out.batches.insert(row.batch);
  }
  for (const auto& [ignored, name] : out.models) {
    out.model_place.emplace(name, out.model_place.size());
  }
  for (const std::int64_t batch : out.batches) {
    out.batch_place.emplace(batch, out.batch_place.size());
  }
  return out;
}

auto axes_json(const Results& results, const PageAxes& axes) -> Json {
  Json stacks = Json::array();
  for (const std::string& name : axes.stacks.names()) {
    stacks.push_back({{"name", name}, {"versus", axes.versus.at(name)}});
  }
  Json models = Json::array();
  for (const auto& [params, name] : axes.models) {
    models.push_back({{"name", name}, {"params", short_number(params)}});
  }
  return {{"gpus", axes.gpus.names()},
          {"hosts", axes.hosts.names()},
          {"chains", axes.chains.names()},
          {"stacks", stacks},
          {"models", models},
          {"batches", axes.batches},
          {"varied", results.varied}};
}

// One letter a cell.
auto verdict_letter(const PointRow& row) -> char {
  static const std::map<std::string, char> kLetters = {
      {"anchor", 'A'},    {"dissolved", 'D'}, {"energy-trap", 'E'}, {"latency-trap", 'L'},
      {"full-trap", 'F'}, {"no-anchor", 'N'}, {"infeasible", 'I'}};
  if (row.supported == 0) {
    return 'U';
  }
  const auto found = kLetters.find(row.verdict);
  if (found == kLetters.end()) {
    throw InputError(Location{}, "unknown verdict '" + row.verdict + "' in the results");
  }
  return found->second;
}

struct NumberColumn {
  const char* name;
  double PointRow::*field;
};
constexpr NumberColumn kNumbers[] = {{"latency_s", &PointRow::latency_s},
                                     {"tokens_per_s", &PointRow::tokens_per_s},
                                     {"energy_j", &PointRow::energy_j},
                                     {"j_per_correct", &PointRow::j_per_correct},
                                     {"accuracy", &PointRow::accuracy},
                                     {"host_bound_fraction", &PointRow::host_bound_fraction},
                                     {"cor", &PointRow::cor},
                                     {"cor_kernel", &PointRow::cor_kernel},
                                     {"energy_ratio", &PointRow::energy_ratio},
                                     {"j_per_correct_ratio", &PointRow::j_per_correct_ratio},
                                     {"si", &PointRow::si},
                                     {"memory_bytes", &PointRow::memory_bytes}};

// A point or critical point and, of a sweep with draws, its bands.
struct Point {
  const PointRow* row = nullptr;
  const PointBandRow* band = nullptr;
};

struct BandColumn {
  const char* name;
  double PointBandRow::*field;
};
constexpr BandColumn kBands[] = {{"verdict_share", &PointBandRow::verdict_share},
                                 {"cor_low", &PointBandRow::cor_low},
                                 {"cor_high", &PointBandRow::cor_high},
                                 {"energy_ratio_low", &PointBandRow::energy_ratio_low},
                                 {"energy_ratio_high", &PointBandRow::energy_ratio_high}};

// The cells of one view; `marks` has bit 0 where 16 bit does not fit and bit 1 at an accuracy trap.
auto cells_json(const PageAxes& axes, const std::vector<Point>& points) -> Json {
  std::vector<Point> at(axes.cells());
  for (const Point& point : points) {
    at[axes.cell(*point.row)] = point;
  }
  std::string verdicts;
  std::string marks;
  Json gpus = Json::array();
  for (const auto& [row, ignored] : at) {
    verdicts += row == nullptr ? kMissing : verdict_letter(*row);
    const bool fits = row == nullptr || row->anchor_fits != 0;
    const bool trap = row != nullptr && row->accuracy_trap != 0;
    marks += static_cast<char>('0' + (fits ? 0 : 1) + (trap ? 2 : 0));
    gpus.push_back(row == nullptr ? 0 : row->gpus);
  }
  Json out = {{"verdict", verdicts}, {"marks", marks}, {"gpus", std::move(gpus)}};
  for (const NumberColumn& column : kNumbers) {
    Json values = Json::array();
    for (const auto& [row, ignored] : at) {
      values.push_back(row == nullptr ? Json(0) : short_number(row->*column.field));
    }
    out[column.name] = std::move(values);
  }
  const bool drawn = std::any_of(at.begin(), at.end(), [](const Point& p) { return p.band != nullptr; });
  for (const BandColumn& column : drawn ? std::span(kBands) : std::span<const BandColumn>()) {
    Json values = Json::array();
    for (const auto& [ignored, band] : at) {
      values.push_back(band == nullptr ? Json(0) : short_number(band->*column.field));
    }
    out[column.name] = std::move(values);
  }
  return out;
}

auto critical_json(const PageAxes& axes, const CriticalPointRow& row, const CriticalBandRow* band) -> Json {
  Json out = {{"kind", row.kind}, {"stack", axes.stacks.place(row.stack)}, {"equal", row.equal}};
  if (row.kind == "N") {
    out["batch"] = row.batch;
  } else {
    out["model"] = row.model;
  }
  out["outcome"] = row.outcome;
  if (row.outcome == "crossings") {
    out["at"] = short_number(row.at);
    out["trap_below"] = row.trap_below;
  }
  if (band != nullptr && band->crossing_share > 0) {
    out["low"] = short_number(band->low);
    out["high"] = short_number(band->high);
    out["share"] = short_number(band->crossing_share);
  }
  return out;
}

using Key = std::tuple<std::string, std::string, std::string, std::vector<double>>;
template <class Row>
auto key_of(const Row& row) -> Key {
  return {row.gpu, row.host, row.chain, row.varied};
}

// So many of a list, evenly spread, and always the one at `kept`.
auto spread(std::size_t size, std::size_t wanted, std::size_t kept) -> std::set<std::size_t> {
  std::set<std::size_t> out = {kept};
  for (std::size_t i = 0; i < wanted && out.size() < wanted; ++i) {
    out.insert(wanted < 2 ? kept : i * (size - 1) / (wanted - 1));
  }
  return out;
}

// So many views, of every GPU one before any has two.
auto thinned(const std::vector<MapView>& views, std::size_t wanted) -> std::vector<MapView> {
  std::vector<std::size_t> firsts, others;
  std::set<std::string> gpus;
  for (std::size_t i = 0; i < views.size(); ++i) {
    (gpus.insert(views[i].gpu).second ? firsts : others).push_back(i);
  }
  std::set<std::size_t> chosen;
  const auto take = [&](const std::vector<std::size_t>& from) {
    const std::size_t room = std::min(from.size(), wanted - std::min(wanted, chosen.size()));
    if (room > 0) {
      for (const std::size_t i : spread(from.size(), room, 0)) {
        chosen.insert(from[i]);
      }
    }
  };
  take(firsts);
  take(others);
  std::vector<MapView> out;
  for (const std::size_t i : chosen) {
    out.push_back(views[i]);
  }
  return out;
}

}  // namespace

std::vector<MapView> page_views(const Results& results, std::size_t most_points) {
  const std::vector<MapView> all = map_views(results);
  std::vector<std::vector<double>> variants;
  std::set<std::vector<double>> known;
  for (const MapView& view : all) {
    if (known.insert(view.varied).second) {
      variants.push_back(view.varied);
    }
  }
  const std::size_t points = std::max<std::size_t>(1, results.points.size());
  const std::size_t room = variants.size() * most_points / points;
  if (room >= variants.size()) {
    return all;
  }
  const auto shipped = std::find_if(variants.begin(), variants.end(), [](const std::vector<double>& v) {
    return std::all_of(v.begin(), v.end(), [](double x) { return x == 1; });
  });
  const std::size_t kept =
      shipped == variants.end() ? 0 : static_cast<std::size_t>(shipped - variants.begin());
  std::set<std::vector<double>> chosen;
  for (const std::size_t i : spread(variants.size(), std::max<std::size_t>(room, 1), kept)) {
    chosen.insert(variants[i]);
  }
  std::vector<MapView> out;
  std::copy_if(all.begin(), all.end(), std::back_inserter(out),
               [&](const MapView& view) { return chosen.contains(view.varied); });
  return room > 0 ? out : thinned(out, std::max<std::size_t>(1, all.size() * most_points / points));
}

io::Json page_data(const Results& results, const std::vector<MapView>& views) {
  const PageAxes axes = axes_of(results);
  std::map<Key, std::vector<Point>> points;
  std::map<Key, Json> critical;
  for (const MapView& view : views) {
    points[key_of(view)] = {};
    critical[key_of(view)] = Json::array();
  }
  const bool drawn = results.bands.draws > 0;
  for (std::size_t i = 0; i < results.points.size(); ++i) {
    if (const auto found = points.find(key_of(results.points[i])); found != points.end()) {
      found->second.push_back({&results.points[i], drawn ? &results.bands.points[i] : nullptr});
    }
  }
  for (std::size_t i = 0; i < results.critical.size(); ++i) {
    const CriticalPointRow& row = results.critical[i];
    if (const auto found = critical.find(key_of(row)); found != critical.end()) {
      found->second.push_back(critical_json(axes, row, drawn ? &results.bands.critical[i] : nullptr));
    }
  }
  Json out = {{"axes", axes_json(results, axes)}, {"draws", results.bands.draws}, {"views", Json::array()}};
  for (const MapView& view : views) {
    out["views"].push_back({{"gpu", axes.gpus.place(view.gpu)},
                            {"host", axes.hosts.place(view.host)},
                            {"chain", axes.chains.place(view.chain)},
                            {"varied", view.varied},
                            {"cells", cells_json(axes, points[key_of(view)])},
                            {"critical", std::move(critical[key_of(view)])}});
  }
  return out;
}

}  // namespace hopsim::report
