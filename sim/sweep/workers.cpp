// SPDX-License-Identifier: Apache-2.0
#include "sweep/workers.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace hopsim::sweep {

void for_each_unit(std::size_t units, int jobs, const std::function<void(std::size_t, std::size_t)>& work,
                   const std::function<void(std::size_t, std::size_t)>& progress) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::size_t done = 0;
  std::exception_ptr failure;
  const auto run_worker = [&](std::size_t worker) {
    for (std::size_t unit = next++; unit < units; unit = next++) {
      try {
        work(unit, worker);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) {
          failure = std::current_exception();
        }
        next = units;
        return;
      }
      const std::lock_guard lock(mutex);
      ++done;
      if (progress) {
        progress(done, units);
      }
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 1; i < std::min<int>(jobs, static_cast<int>(units)); ++i) {
    threads.emplace_back(run_worker, static_cast<std::size_t>(i));
  }
  run_worker(0);
  threads.clear();
  if (failure) {
    std::rethrow_exception(failure);
  }
}

}  // namespace hopsim::sweep
