// SPDX-License-Identifier: Apache-2.0
#include "report/error_plot.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/errors.hpp"
#include "report/gnuplot.hpp"

namespace hopsim::report {

namespace {

auto script_of(const std::string& output, bool svg, const std::string& title, const ErrorPlotGroups& groups)
    -> std::string {
  std::string script = fmt::format(
      "set terminal {} size 900,900 {}\nset output {}\nset title {} noenhanced\nset logscale xy\nset grid\n"
      "set key left top noenhanced\nset xlabel 'measured, us'\nset ylabel 'predicted, us'\nset size square\n",
      svg ? "svg" : "pngcairo", "background rgb 'white'", quoted(output), quoted(title));
  std::string plots =
      "x notitle lc rgb 'black', 1.2*x title '+-20 %' lc rgb 'grey', x/1.2 notitle lc rgb 'grey'";
  std::string data;
  double low = 1e300;
  double high = 0;
  for (const auto& [name, points] : groups) {
    plots += fmt::format(", '-' using 1:2 with points pt 7 ps 0.25 title {}", quoted(name));
    for (const auto& [measured, predicted] : points) {
      data += fmt::format("{:.5g} {:.5g}\n", measured, predicted);
      low = std::min({low, measured, predicted});
      high = std::max({high, measured, predicted});
    }
    data += "e\n";
  }
  HOPSIM_CHECK(high > 0, "a picture needs points");
  script += fmt::format("set xrange [{0:g}:{1:g}]\nset yrange [{0:g}:{1:g}]\nplot {2}\n{3}", low / 1.2,
                        high * 1.2, plots, data);
  return script;
}

}  // namespace

void write_error_plot(const std::string& path, const std::string& title, const ErrorPlotGroups& groups) {
  const bool svg = path.ends_with(".svg");
  if (!svg && !path.ends_with(".png")) {
    throw InputError(Location{path}, "a picture is a .png or a .svg file");
  }
  draw_with_gnuplot(path, [&](const std::string& part) { return script_of(part, svg, title, groups); });
}

}  // namespace hopsim::report
