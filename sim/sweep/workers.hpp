// SPDX-License-Identifier: Apache-2.0
// Runs units of work on threads, handed out one by one.
#pragma once

#include <cstddef>
#include <functional>

namespace hopsim::sweep {

/// Calls work(unit, worker) for every unit in [0, units) on `jobs` threads (worker counts them from 0), and
/// progress(done, units) after each. The first exception stops the others and is thrown again here.
void for_each_unit(std::size_t units, int jobs, const std::function<void(std::size_t, std::size_t)>& work,
                   const std::function<void(std::size_t, std::size_t)>& progress);

}  // namespace hopsim::sweep
