// SPDX-License-Identifier: Apache-2.0
#include "cost/fit/kriging.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include "base/errors.hpp"
#include "cost/fit/folds.hpp"

namespace hopsim::cost::fit {

namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr double kSpread = 0.2;
constexpr double kHardly = 0.2;  // weight of an outlier, at most: twice what is tolerated off
constexpr double kRowReach = 4;
constexpr int kConvexSteps = 5;  // before outliers lose weight, each row pulls linearly at least
constexpr int kMostSteps = 200;
constexpr double kSettled = 1e-4;
constexpr int kLargestPermille = 2000;

// Octaves after which covariance along an axis is 1/e; `weights` along n k.
struct Ranges {
  double n, k, weights;
};
struct Noise {
  double spread, tolerated;
};
struct Covariance {
  Ranges ranges;
  double warmth = 0;
  Noise noise = {0.045, 0.08};
};
constexpr double kAny = std::numeric_limits<double>::infinity();
// What is tried, one after another, and kept where it betters the errors by more than chance may.
constexpr double kBetter = 0.99;
constexpr std::array<Ranges, 3> kRanges = {{{2.5, 3, kAny}, {8, 8, kAny}, {4, 4, 4}}};
constexpr double kWarmth = 1.5;
constexpr Noise kQuiet = {0.03, 0.06};

// A shape or a knot: log2 of n and k, share of the weights in L2.
struct Place {
  double n, k, warm;
  auto operator<=>(const Place&) const = default;
};

auto index(std::size_t i) -> Eigen::Index { return static_cast<Eigen::Index>(i); }

// Shapes by rows, sizes m by columns.
struct Lattice {
  std::vector<Place> shapes;
  std::vector<double> m;      // log2
  Matrix residuals, weights;  // weight 0: not measured
};

auto place_of(double n, double k, const WarmShare& warm) -> Place {
  return {std::log2(n), std::log2(k), warm(n, k)};
}

auto lattice_of(const std::vector<const Sample*>& samples, const std::vector<double>& residuals,
                const WarmShare& warm) -> Lattice {
  std::set<Place> shapes;
  std::set<double> rows;
  const auto place = [&](const Sample& s) { return place_of(s.work.n, s.work.k, warm); };
  for (const Sample* s : samples) {
    shapes.insert(place(*s));
    rows.insert(std::log2(s->work.m));
  }
  Lattice out{{shapes.begin(), shapes.end()}, {rows.begin(), rows.end()}, {}, {}};
  out.residuals.setZero(index(shapes.size()), index(rows.size()));
  out.weights = out.residuals;
  const auto found = [](const auto& sorted, const auto& x) {
    return std::lower_bound(sorted.begin(), sorted.end(), x) - sorted.begin();
  };
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Eigen::Index shape = found(out.shapes, place(*samples[i]));
    const Eigen::Index m = found(out.m, std::log2(samples[i]->work.m));
    HOPSIM_CHECK(out.weights(shape, m) == 0, "repeated sizes are merged before a fit");
    out.residuals(shape, m) = residuals[i];
    out.weights(shape, m) = samples[i]->weight * samples[i]->weight;
  }
  return out;
}

auto part(const Lattice& all, const std::vector<std::size_t>& folds, std::size_t fold, bool inside)
    -> Lattice {
  std::vector<Eigen::Index> rows;
  Lattice out{{}, all.m, {}, {}};
  for (std::size_t i = 0; i < folds.size(); ++i) {
    if ((folds[i] == fold) == inside) {
      rows.push_back(index(i));
      out.shapes.push_back(all.shapes[i]);
    }
  }
  out.residuals = all.residuals(rows, Eigen::all);
  out.weights = all.weights(rows, Eigen::all);
  return out;
}

auto shape_covariance(const std::vector<Place>& a, const std::vector<Place>& b, const Covariance& c)
    -> Matrix {
  Matrix out(index(a.size()), index(b.size()));
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j) {
      const double n = a[i].n - b[j].n;
      const double k = a[i].k - b[j].k;
      out(index(i), index(j)) =
          kSpread * kSpread *
          std::exp(-std::abs(n) / c.ranges.n - std::abs(k) / c.ranges.k - std::abs(n + k) / c.ranges.weights -
                   c.warmth * std::abs(a[i].warm - b[j].warm));
    }
  }
  return out;
}

auto row_covariance(const std::vector<double>& m) -> Matrix {
  Matrix out(index(m.size()), index(m.size()));
  for (std::size_t i = 0; i < m.size(); ++i) {
    for (std::size_t j = 0; j < m.size(); ++j) {
      out(index(i), index(j)) = std::exp(-std::abs(m[i] - m[j]) / kRowReach);
    }
  }
  return out;
}

class Process {
 public:
  Process(const Lattice& data, const Covariance& covariance)
      : data_(data), covariance_(covariance), rows_(row_covariance(data.m)) {
    const Eigen::SelfAdjointEigenSolver<Matrix> shapes(
        shape_covariance(data.shapes, data.shapes, covariance));
    const Eigen::SelfAdjointEigenSolver<Matrix> rows(rows_);
    HOPSIM_CHECK(shapes.info() == Eigen::Success && rows.info() == Eigen::Success,
                 "a covariance has eigenvalues");
    const Matrix prior = shapes.eigenvalues() * rows.eigenvalues().transpose();
    settle(shapes.eigenvectors(), rows.eigenvectors(), prior.cwiseMax(0));
  }

  [[nodiscard]] Matrix at(const std::vector<Place>& places) const {
    return shape_covariance(places, data_.shapes, covariance_) * pull_ * rows_;
  }
  [[nodiscard]] std::size_t outliers() const { return outliers_; }

 private:
  void settle(const Matrix& shapes, const Matrix& rows, const Matrix& prior) {
    const auto [noise, tolerated] = covariance_.noise;
    const Eigen::ArrayXXd denominator = prior.array() + noise * noise;
    const Matrix kept = (prior.array() / denominator).matrix();
    Matrix mean = Matrix::Zero(data_.weights.rows(), data_.weights.cols());
    Matrix filled;
    double moved = kAny;
    for (int step = 0; step < kMostSteps && (step <= kConvexSteps || moved > kSettled); ++step) {
      const Eigen::ArrayXXd off = (data_.residuals - mean).array() / tolerated;
      const Eigen::ArrayXXd trust =
          step < kConvexSteps ? off.abs().max(1.0).inverse().eval() : (1 + off.square()).inverse().eval();
      filled = mean + (data_.weights.array() * trust * off * tolerated).matrix();
      Matrix next = shapes * kept.cwiseProduct(shapes.transpose() * filled * rows) * rows.transpose();
      moved = (next - mean).cwiseAbs().maxCoeff();
      mean = std::move(next);
      outliers_ = static_cast<std::size_t>((data_.weights.array() > 0 && trust < kHardly).count());
    }
    const Matrix spectrum = shapes.transpose() * filled * rows;
    pull_ = shapes * (spectrum.array() / denominator).matrix() * rows.transpose();
  }

  const Lattice& data_;
  Covariance covariance_;
  Matrix rows_, pull_;
  std::size_t outliers_ = 0;
};

// Median and 90 % quantile of |off| count alike.
auto badness(std::vector<double> off) -> double {
  std::sort(off.begin(), off.end());
  return 3 * off[off.size() / 2] + off[off.size() * 9 / 10];
}

// Of the errors on unseen shapes.
auto badness_of(const Lattice& data, const Covariance& covariance) -> double {
  const std::vector<std::size_t> folds = shuffled_folds(data.shapes.size());
  std::vector<double> off;
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    const Lattice seen = part(data, folds, fold, false);
    const Lattice unseen = part(data, folds, fold, true);
    if (seen.shapes.empty() || unseen.shapes.empty()) {
      continue;
    }
    const Matrix wrong = (unseen.residuals - Process(seen, covariance).at(unseen.shapes)).cwiseAbs();
    for (Eigen::Index i = 0; i < wrong.size(); ++i) {
      if (unseen.weights(i) > 0) {
        off.push_back(wrong(i));
      }
    }
  }
  return off.empty() ? kAny : badness(std::move(off));
}

auto chosen_covariance(const Lattice& data) -> Covariance {
  Covariance best{kRanges.front()};
  double least = badness_of(data, best);
  const auto attempt = [&](auto change) {
    Covariance other = best;
    change(other);
    const double bad = badness_of(data, other);
    if (bad < kBetter * least) {
      best = other;
      least = bad;
    }
  };
  std::for_each(kRanges.begin() + 1, kRanges.end(),
                [&](Ranges ranges) { attempt([&](Covariance& c) { c.ranges = ranges; }); });
  if (std::any_of(data.shapes.begin(), data.shapes.end(), [](const Place& p) { return p.warm > 0; })) {
    attempt([](Covariance& c) { c.warmth = kWarmth; });
  }
  attempt([](Covariance& c) { c.noise = kQuiet; });
  return best;
}

auto sizes_of(const std::vector<const Sample*>& samples, Size size) -> std::vector<double> {
  std::set<double> out;
  for (const Sample* s : samples) {
    out.insert(s->work.*size);
  }
  return {out.begin(), out.end()};
}

}  // namespace

Kriged kriged_correction(const std::vector<const Sample*>& samples, const std::vector<double>& residuals,
                         const WarmShare& warm) {
  spec::CorrectionTable table;
  for (const char* name : {"m", "n", "k"}) {
    std::vector<double> sizes = sizes_of(samples, *size_named(name));
    if (sizes.size() >= 2) {
      table.axes.emplace_back(name);
      table.knots.push_back(std::move(sizes));
    }
  }
  if (table.axes.empty()) {
    return {};
  }
  const Lattice data = lattice_of(samples, residuals, warm);
  const Process process(data, chosen_covariance(data));
  std::vector<Place> knots;
  for (const double n : sizes_of(samples, &KernelWork::n)) {
    for (const double k : sizes_of(samples, &KernelWork::k)) {
      knots.push_back(place_of(n, k, warm));
    }
  }
  const Matrix values = process.at(knots);  // column by column: m first, then n, then k
  for (Eigen::Index i = 0; i < values.size(); ++i) {
    const long permille = std::lround(1e3 * values(i));
    table.permille.push_back(
        static_cast<int>(std::clamp<long>(permille, -kLargestPermille, kLargestPermille)));
  }
  return {{std::move(table)}, process.outliers()};
}

}  // namespace hopsim::cost::fit
