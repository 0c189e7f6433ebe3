// SPDX-License-Identifier: Apache-2.0
#include "cost/fit/surface_fit.hpp"

#include <Eigen/Sparse>
#include <Eigen/SparseCholesky>
#include <cmath>
#include <set>

#include "base/errors.hpp"
#include "cost/correction.hpp"

namespace hopsim::cost::fit {

namespace {

using Matrix = Eigen::SparseMatrix<double>;
using Vector = Eigen::VectorXd;

constexpr int kLargestPermille = 2000;

auto index(std::size_t i) -> Eigen::Index { return static_cast<Eigen::Index>(i); }

auto design(const std::vector<const Sample*>& samples, const std::vector<Grid>& grids, std::size_t cells)
    -> Matrix {
  std::vector<Eigen::Triplet<double>> entries;
  for (std::size_t row = 0; row < samples.size(); ++row) {
    std::size_t first = 0;
    for (const Grid& grid : grids) {
      static_cast<void>(grid.corners(samples[row]->work, [&](std::size_t cell, double weight) {
        if (weight != 0) {
          entries.emplace_back(static_cast<int>(row), static_cast<int>(first + cell), weight);
        }
      }));
      first += grid.cells();
    }
  }
  Matrix out(index(samples.size()), index(cells));
  out.setFromTriplets(entries.begin(), entries.end());
  return out;
}

// Second differences along one axis of a grid whose cells start at `first`, one row for each three
// neighbouring knots.
auto second_differences(const std::vector<GridAxis>& axes, std::size_t axis, std::size_t first,
                        std::size_t grid_cells, std::size_t cells) -> Matrix {
  const std::vector<double>& knots = axes[axis].log2_knots();
  std::size_t stride = 1;
  for (std::size_t a = axis + 1; a < axes.size(); ++a) {
    stride *= axes[a].log2_knots().size();
  }
  std::vector<Eigen::Triplet<double>> entries;
  int row = 0;
  for (std::size_t cell = 0; cell < grid_cells; ++cell) {
    const std::size_t i = cell / stride % knots.size();
    if (i + 2 >= knots.size()) {
      continue;
    }
    const double left = knots[i + 1] - knots[i];
    const double right = knots[i + 2] - knots[i + 1];
    const double values[] = {2 / (left * (left + right)), -2 / (left * right), 2 / (right * (left + right))};
    for (std::size_t j = 0; j < 3; ++j) {
      entries.emplace_back(row, static_cast<int>(first + cell + j * stride), values[j]);
    }
    ++row;
  }
  Matrix out(row, index(cells));
  out.setFromTriplets(entries.begin(), entries.end());
  return out;
}

auto penalty(const std::vector<Grid>& grids, std::size_t cells, const SurfaceOptions& options) -> Matrix {
  Matrix out(index(cells), index(cells));
  out.setIdentity();
  out *= options.ridge;
  std::size_t first = 0;
  for (const Grid& grid : grids) {
    for (std::size_t a = 0; a < grid.axes().size(); ++a) {
      const Matrix d = second_differences(grid.axes(), a, first, grid.cells(), cells);
      out += (a == 0 ? options.first_smoothness : options.smoothness) * Matrix(d.transpose() * d);
    }
    first += grid.cells();
  }
  return out;
}

// Sizes that occur, each once.
auto sizes_of(const std::vector<const Sample*>& samples, const std::string& name) -> std::vector<double> {
  const auto size = size_named(name);
  HOPSIM_CHECK(size.has_value(), "a surface's axis is a known size");
  std::set<double> out;
  for (const Sample* sample : samples) {
    out.insert(sample->work.*(*size));
  }
  return {out.begin(), out.end()};
}

auto powers(const std::vector<double>& log2) -> std::vector<double> {
  std::vector<double> out;
  for (const double x : log2) {
    out.push_back(std::round(std::exp2(x)));
  }
  return out;
}

// The batch x context plane is measured finely, heads are few: pairs of sizes, and heads of 64 apart.
auto attention_grids() -> std::vector<SurfaceGrid> {
  const auto batch = powers({0, 2, 4, 5, 6, 7, 8, 9, 10, 11});
  const auto context = powers({1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17});
  const auto heads = powers({0, 1, 2, 3, 6.6});
  const auto group = powers({0, 2, 3, 4, 4.4, 5, 6});
  const auto sequences = powers({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14});
  const std::vector<double> dims = {64, 128};
  return {{{"sequences", "kv_len", "head_dim"}, {sequences, context, dims}},
          {{"batch", "kv_len", "head_dim"}, {batch, context, dims}},
          {{"group", "kv_len", "head_dim"}, {group, context, dims}},
          {{"kv_heads", "kv_len"}, {heads, context}},
          {{"group", "sequences"}, {group, sequences}},
          {{"batch", "kv_heads"}, {batch, heads}},
          {{"group", "kv_heads"}, {group, heads}}};
}

}  // namespace

SurfaceOptions surface_options(spec::KernelOperator op) {
  SurfaceOptions out;
  if (op == spec::KernelOperator::kLinear) {
    out.grids = {{{"m", "n", "k"}, {{}, {}, {}}}};
    return out;
  }
  out.grids = attention_grids();
  out.smoothness = out.first_smoothness = 0.1;
  out.ridge = 1;
  out.robust_scale = 0.05;
  out.reweightings = 3;
  return out;
}

std::vector<spec::CorrectionTable> surface_grids(const std::vector<const Sample*>& samples,
                                                 const SurfaceOptions& options) {
  std::vector<spec::CorrectionTable> out;
  for (const SurfaceGrid& grid : options.grids) {
    spec::CorrectionTable table;
    for (std::size_t a = 0; a < grid.axes.size(); ++a) {
      const std::vector<double> sizes = sizes_of(samples, grid.axes[a]);
      if (sizes.size() >= 2) {
        table.axes.push_back(grid.axes[a]);
        table.knots.push_back(grid.knots[a].empty() ? sizes : grid.knots[a]);
      }
    }
    if (!table.axes.empty()) {
      out.push_back(std::move(table));
    }
  }
  return out;
}

void fit_surfaces(const std::vector<const Sample*>& samples, const std::vector<double>& residuals,
                  const SurfaceOptions& options, std::vector<spec::CorrectionTable>& tables) {
  std::vector<Grid> grids;
  std::size_t cells = 0;
  for (const spec::CorrectionTable& table : tables) {
    grids.emplace_back(table);
    cells += grids.back().cells();
  }
  const Matrix x = design(samples, grids, cells);
  const Matrix p = penalty(grids, cells, options);
  const Vector y = Eigen::Map<const Vector>(residuals.data(), index(residuals.size()));
  Vector base(y.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    base[index(i)] = samples[i]->weight * samples[i]->weight;
  }
  Vector w = base;
  Vector values;
  Eigen::SimplicialLDLT<Matrix> solver;
  solver.analyzePattern(Matrix(x.transpose() * x) + p);
  for (int i = 0; i < options.reweightings; ++i) {
    const Matrix weighted = w.asDiagonal() * x;
    solver.factorize(Matrix(x.transpose() * weighted) + p);
    HOPSIM_CHECK(solver.info() == Eigen::Success, "a penalised surface has one solution");
    values = solver.solve(x.transpose() * w.cwiseProduct(y));
    const Vector off = (y - x * values).cwiseAbs() / options.robust_scale;
    w = base.cwiseQuotient(off.cwiseMax(1.0));
  }
  Eigen::Index next = 0;
  for (std::size_t g = 0; g < tables.size(); ++g) {
    for (std::size_t i = 0; i < grids[g].cells(); ++i) {
      const long permille = std::lround(1e3 * values[next++]);
      tables[g].permille.push_back(
          static_cast<int>(std::clamp<long>(permille, -kLargestPermille, kLargestPermille)));
    }
  }
}

}  // namespace hopsim::cost::fit
