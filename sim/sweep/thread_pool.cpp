// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "sweep/pool.hpp"

namespace hopsim::sweep {

void ThreadPool::run(const std::vector<std::size_t>& units, const MakeWork& make_work, const Take& take) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto run_worker = [&] {
    try {
      const Work work = make_work();
      for (std::size_t i = next++; i < units.size(); i = next++) {
        const std::string bytes = work(units[i]);
        const std::lock_guard lock(mutex);
        if (failure) {
          return;
        }
        take(units[i], bytes);
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) {
        failure = std::current_exception();
      }
      next = units.size();
    }
  };
  std::vector<std::jthread> threads;
  const std::size_t wanted = std::min(static_cast<std::size_t>(threads_), units.size());
  for (std::size_t i = 1; i < wanted; ++i) {
    threads.emplace_back(run_worker);
  }
  run_worker();
  threads.clear();
  if (failure) {
    std::rethrow_exception(failure);
  }
}

}  // namespace hopsim::sweep
