// SPDX-License-Identifier: Apache-2.0
#include "spec/token_distribution.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

namespace hopsim::spec {

namespace {

// Of the logarithm: sigma^2 = ln(1 + cv^2), mu = ln(mean) - sigma^2 / 2.
struct LogNormal {
  explicit LogNormal(const TokenDistribution& d)
      : sigma(std::sqrt(std::log1p(d.cv * d.cv))), mu(std::log(d.mean) - sigma * sigma / 2) {}
  double sigma, mu;
};

// Of those that don't loop.
auto finished_tokens(const TokenDistribution& d) -> double {
  const LogNormal log(d);
  const double log_cap = std::log(d.cap_tokens);
  double finished = std::min(d.mean, static_cast<double>(d.cap_tokens));
  if (log.sigma > 0) {
    // E min(X, c) = mean Phi((ln c - mu) / sigma - sigma) + c (1 - Phi((ln c - mu) / sigma))
    const boost::math::normal phi;
    const double z = (log_cap - log.mu) / log.sigma;
    finished = d.mean * cdf(phi, z - log.sigma) + d.cap_tokens * cdf(complement(phi, z));
  }
  return finished;
}

}  // namespace

TokenDistribution TokenDistribution::inflated(double factor) const {
  TokenDistribution out = *this;
  const double finished = finished_tokens(*this);
  if (loop_share > 0 && finished < cap_tokens) {
    // factor E = p cap + (1 - p) finished; fewer tokens than with no loop at all are shorter answers
    const double wanted = factor * expectation();
    out.loop_share = std::clamp((wanted - finished) / (cap_tokens - finished), 0.0, 1.0);
    out.mean = std::max(1.0, mean * std::min(1.0, wanted / finished));
  } else {
    out.mean = std::max(1.0, factor * mean);
  }
  return out;
}

double TokenDistribution::expectation() const {
  return loop_share * cap_tokens + (1 - loop_share) * finished_tokens(*this);
}

int TokenDistribution::quantile(double u) const {
  if (u >= 1 - loop_share) {
    return cap_tokens;
  }
  const LogNormal log(*this);
  const double z = log.sigma > 0 ? boost::math::quantile(boost::math::normal(), u / (1 - loop_share)) : 0;
  const double tokens = std::min(std::exp(log.mu + log.sigma * z), static_cast<double>(cap_tokens));
  return std::max(1, static_cast<int>(std::lround(tokens)));
}

}  // namespace hopsim::spec
