// SPDX-License-Identifier: Apache-2.0
#include "report/trap_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "base/errors.hpp"
#include "report/gnuplot.hpp"

namespace hopsim::report {

namespace {

constexpr double kColourLimit =
    2;  // log2 of the energy ratio at which the colour saturates: 4 times and a quarter

struct Panel {
  std::string stack;
  std::string versus;
};

// What is on the axes, in order of first appearance or of value.
struct Axes {
  std::vector<Panel> panels;
  std::vector<std::int64_t> batches;
  std::vector<std::pair<double, std::string>> models;  // by parameters
};

template <class Row>
auto view_of(const Row& row) -> MapView {
  return {row.gpu, row.host, row.chain, row.varied};
}

template <class Row>
auto shown(const Row& row, const MapView& view) -> bool {
  return row.gpu == view.gpu && row.host == view.host && row.chain == view.chain && row.varied == view.varied;
}

// "gpu.hbm_gb_s 2" for each varied field.
auto varied_text(const Results& results, const MapView& view, const char* format) -> std::string {
  std::string out;
  for (std::size_t i = 0; i < view.varied.size(); ++i) {
    out += fmt::format(fmt::runtime(format), results.varied[i], view.varied[i]);
  }
  return out;
}

// 16 bit, under whatever name it stands in the grid.
auto anchors_of(const Results& results) -> std::set<std::string> {
  std::set<std::string> out;
  for (const PointRow& row : results.points) {
    if (row.verdict == "anchor") {
      out.insert(row.stack);
    }
  }
  return out;
}

auto axes_of(const Results& results, const MapView& view) -> Axes {
  Axes out;
  const std::set<std::string> anchors = anchors_of(results);
  for (const PointRow& row : results.points) {
    if (!shown(row, view)) {
      continue;
    }
    if (row.stack != row.versus && !anchors.contains(row.stack) &&
        std::none_of(out.panels.begin(), out.panels.end(),
                     [&](const Panel& p) { return p.stack == row.stack; })) {
      out.panels.push_back({row.stack, row.versus});
    }
    if (std::find(out.batches.begin(), out.batches.end(), row.batch) == out.batches.end()) {
      out.batches.push_back(row.batch);
    }
    const std::pair<double, std::string> model{row.params, row.model};
    if (std::find(out.models.begin(), out.models.end(), model) == out.models.end()) {
      out.models.push_back(model);
    }
  }
  std::sort(out.batches.begin(), out.batches.end());
  std::sort(out.models.begin(), out.models.end());
  return out;
}

auto letter(const PointRow& row) -> std::string {
  if (row.verdict == "dissolved") {
    return row.accuracy_trap != 0 ? "a" : "";
  }
  return row.verdict == "full-trap"      ? "F"
         : row.verdict == "latency-trap" ? "L"
         : row.verdict == "energy-trap"  ? "E"
                                         : "";
}

// N* at a batch, in cells.
struct Crossing {
  std::ptrdiff_t x;
  double y;
  bool trap_below;
};

auto dots_of(const std::vector<Crossing>& crossings) -> std::string {
  std::string out;
  for (const Crossing& one : crossings) {
    out += fmt::format("{} {:.3f}\n", one.x, one.y);
  }
  return out;
}

// Each joined to the nearest of its kind at the next batch, where that has one.
auto line_of(const std::vector<Crossing>& crossings) -> std::string {
  std::string out;
  for (const Crossing& one : crossings) {
    const Crossing* next = nullptr;
    for (const Crossing& other : crossings) {
      const bool joins = other.x == one.x + 1 && other.trap_below == one.trap_below;
      if (joins && (next == nullptr || std::abs(other.y - one.y) < std::abs(next->y - one.y))) {
        next = &other;
      }
    }
    if (next != nullptr) {
      out += fmt::format("{} {:.3f}\n{} {:.3f}\n\n", one.x, one.y, next->x, next->y);
    }
  }
  return out;
}

// Place of a parameter count on the axis of two sizes or more, where sizes stand at 0, 1, 2 ...; between them
// in the logarithm.
auto size_position(const Axes& axes, double params) -> double {
  std::size_t i = 0;
  while (i + 2 < axes.models.size() && params > axes.models[i + 1].first) {
    ++i;
  }
  const double low = std::log(axes.models[i].first);
  const double high = std::log(axes.models[i + 1].first);
  return static_cast<double>(i) + (std::log(params) - low) / (high - low);
}

auto model_label(const std::string& name) -> std::string {
  return name.starts_with("dense@") ? name.substr(6) : name;
}

// The data of one panel as two here-documents: cells (x, y, log2 ratio, letter) and what does not fit.
auto panel_data(const Results& results, const MapView& view, const Axes& axes, const Panel& panel,
                std::size_t index) -> std::string {
  std::string cells;
  std::string blocked;
  std::string labels;
  for (const PointRow& row : results.points) {
    if (!shown(row, view) || row.stack != panel.stack) {
      continue;
    }
    const auto x = std::find(axes.batches.begin(), axes.batches.end(), row.batch) - axes.batches.begin();
    const auto y = std::find_if(axes.models.begin(), axes.models.end(),
                                [&](const auto& m) { return m.second == row.model; }) -
                   axes.models.begin();
    if (row.feasible == 0 || row.verdict == "no-anchor") {
      blocked += fmt::format("{} {}\n", x, y);
      continue;
    }
    const double colour = std::clamp(std::log2(row.energy_ratio), -kColourLimit, kColourLimit);
    cells += fmt::format("{} {} {:.4f}\n", x, y, colour);
    const std::string mark = letter(row) + (row.anchor_fits == 0 ? "*" : "");
    if (!mark.empty()) {
      labels += fmt::format("{} {} \"{}\"\n", x, y, mark);
    }
  }
  std::vector<Crossing> crossings;
  for (const CriticalPointRow& row : results.critical) {
    if (axes.models.size() > 1 && row.kind == "N" && shown(row, view) && row.stack == panel.stack &&
        row.equal == "energy" && row.outcome == "crossings") {
      const auto x = std::find(axes.batches.begin(), axes.batches.end(), row.batch) - axes.batches.begin();
      const double y = size_position(axes, row.at);
      if (y > -0.5 && y < static_cast<double>(axes.models.size()) - 0.5) {
        crossings.push_back({x, y, row.trap_below != 0});
      }
    }
  }
  const auto block = [&](const char* name, const std::string& text, const char* nothing) {
    return fmt::format("${}{} << EOD\n{}EOD\n", name, index, text.empty() ? nothing : text);
  };
  return block("cells", cells, "-9 -9 0\n") + block("blocked", blocked, "-9 -9\n") +
         block("labels", labels, "-9 -9 \"\"\n") + block("dots", dots_of(crossings), "-9 -9\n") +
         block("line", line_of(crossings), "-9 -9\n");
}

auto ticks(const Axes& axes) -> std::string {
  std::string x;
  for (std::size_t i = 0; i < axes.batches.size(); ++i) {
    const bool crowded = axes.batches.size() > 9 && i % 2 == 1;
    x += fmt::format("{}'{}' {}", i > 0 ? ", " : "",
                     crowded ? std::string() : std::to_string(axes.batches[i]), i);
  }
  std::string y;
  for (std::size_t i = 0; i < axes.models.size(); ++i) {
    y += fmt::format("{}{} {}", i > 0 ? ", " : "", quoted(model_label(axes.models[i].second)), i);
  }
  return fmt::format(
      "set xtics ({}) scale 0 font ',9' tc rgb '#222222'\nset ytics ({}) scale 0 noenhanced font ',10' tc "
      "rgb "
      "'#222222'\n",
      x, y);
}

// In pixels: room for the names of models on the left, for a colour bar on the right, and for every batch.
struct Layout {
  double left = 0, panel = 0, width = 0;
};

auto layout_of(const Axes& axes) -> Layout {
  constexpr double kRight = 75, kLeastWidth = 780, kLetter = 7, kLeastPanel = 245, kBatch = 28;
  std::size_t longest = 4;
  for (const auto& [ignored, name] : axes.models) {
    longest = std::max(longest, model_label(name).size());
  }
  Layout out;
  out.left = 48 + kLetter * static_cast<double>(longest);
  const auto panels = static_cast<double>(axes.panels.size());
  out.panel = std::max({kLeastPanel, kBatch * static_cast<double>(axes.batches.size()),
                        (kLeastWidth - out.left - kRight) / panels});
  out.width = std::round(out.left + panels * out.panel + kRight);
  return out;
}

// What stands once on the picture.
auto frame(const Results& results, const MapView& view, const Axes& axes) -> std::string {
  const auto label = [](int number, const std::string& text, double height, int size) {
    return fmt::format("set label {} {} at screen 0.5,{} center noenhanced font ',{}'\n", number,
                       quoted(text), height, size);
  };
  return label(1, view.gpu + ": energy against 16 bit under the same framework", 0.965, 14) +
         label(2, view.chain + varied_text(results, view, ", {} {:g}"), 0.915, 11) +
         label(3,
               "F full trap (slower and hungrier)   L slower only   E hungrier only   a hungrier per right "
               "answer   blank: dissolved",
               0.065, 10) +
         label(4,
               "* 16 bit itself does not fit   hatched: does not fit or not supported   line: N* of energy",
               0.025, 10) +
         "set palette defined (-2 '#2166ac', -1 '#92c5de', 0 '#f7f7f7', 1 '#f4a582', 2 '#b2182b')\n" +
         fmt::format(
             "set cbrange [-{0}:{0}]\nset cbtics ('1/4' -2, '1/2' -1, 'equal' 0, '2x' 1, '4x' 2) font "
             "',10'\n",
             kColourLimit) +
         fmt::format("set xrange [-0.5:{}.5]\nset yrange [-0.5:{}.5]\n", axes.batches.size() - 1,
                     axes.models.size() - 1) +
         "unset key\nset border lc rgb '#888888'\nset tmargin at screen 0.81\nset bmargin at screen 0.22\n" +
         ticks(axes) + "set style fill solid noborder\nset boxwidth 1\n";
}

auto script(const Results& results, const MapView& view, const Axes& axes, const std::string& path, bool svg)
    -> std::string {
  const std::size_t n = axes.panels.size();
  const Layout layout = layout_of(axes);
  std::string out;
  for (std::size_t i = 0; i < n; ++i) {
    out += panel_data(results, view, axes, axes.panels[i], i);
  }
  out +=
      fmt::format("set terminal {} size {},460 font 'DejaVu Sans,11' background '#ffffff'\nset output {}\n",
                  svg ? "svg" : "pngcairo", layout.width, quoted(path));
  out += "set multiplot\n" + frame(results, view, axes);
  for (std::size_t i = 0; i < n; ++i) {
    constexpr double kShare = 0.94;  // of a panel's width, the rest is space
    const double begin = layout.left + layout.panel * static_cast<double>(i);
    const double end = begin + kShare * layout.panel;
    out += fmt::format("set lmargin at screen {:.4f}\nset rmargin at screen {:.4f}\n", begin / layout.width,
                       end / layout.width);
    out += fmt::format("set title {} noenhanced font ',13' offset 0,-0.5\nset xlabel 'batch' offset 0,0.6\n",
                       quoted(axes.panels[i].stack));
    out += i == 0 ? "set ylabel 'parameters' offset 1.2,0\n" : "unset ylabel\nset format y ''\n";
    if (i > 0) {
      out += "set ytics ('' 0)\n";
    }
    out += i + 1 == n ? fmt::format("set colorbox user origin {:.4f},0.22 size {:.4f},0.59\n",
                                    (end + 10) / layout.width, 12 / layout.width)
                      : std::string("unset colorbox\n");
    out += fmt::format(
        "plot $cells{0} using 1:2:(0.5):(0.5):3 with boxxyerror lc palette, "
        "$blocked{0} using 1:2:(0.5):(0.5) with boxxyerror lc rgb '#c8c8c8' fs pattern 4 border lc rgb "
        "'#c8c8c8', "
        "$labels{0} using 1:2:3 with labels font ',9' tc rgb '#222222', "
        "$line{0} using 1:2 with lines lw 2 lc rgb '#000000', "
        "$dots{0} using 1:2 with points pt 7 ps 0.4 lc rgb '#000000'\n",
        i);
    out += "unset label 1\nunset label 2\nunset label 3\nunset label 4\n";
  }
  return out + "unset multiplot\n";
}

}  // namespace

std::vector<MapView> map_views(const Results& results) {
  std::vector<MapView> out;
  std::set<std::tuple<std::string, std::string, std::string, std::vector<double>>> known;
  for (const PointRow& row : results.points) {
    if (known.emplace(row.gpu, row.host, row.chain, row.varied).second) {
      out.push_back(view_of(row));
    }
  }
  return out;
}

std::string map_name(const Results& results, const std::vector<MapView>& all, const MapView& view) {
  std::string out = "map_" + view.gpu;
  for (const MapView& other : all) {
    if (other.gpu == view.gpu && other.chain == view.chain && other.host != view.host) {
      out += "_" + view.host;
      break;
    }
  }
  for (const MapView& other : all) {
    if (other.gpu == view.gpu && other.chain != view.chain) {
      out += "_" + view.chain;
      break;
    }
  }
  out += varied_text(results, view, "_{}={:g}");
  std::replace(out.begin(), out.end(), '/', '-');
  return out;
}

bool draw_map(const Results& results, const MapView& view, const std::string& path) {
  const Axes axes = axes_of(results, view);
  if (axes.panels.empty()) {
    return false;  // only 16-bit stacks
  }
  draw_with_gnuplot(path, [&](const std::string& part) {
    return script(results, view, axes, part, path.ends_with(".svg"));
  });
  return true;
}

}  // namespace hopsim::report
