// SPDX-License-Identifier: Apache-2.0
// Who does the work: threads of this process, child processes, or the ranks of an MPI job. Units are handed
// out one by one as workers become free; each gives bytes, which come back in any order. What a unit gives
// depends on its number alone, so the outcome is the same for every pool.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace hopsim::sweep {

/// What a worker does with units: made once for each worker and phase, called from one thread at a time.
using Work = std::function<std::string(std::size_t unit)>;
using MakeWork = std::function<Work()>;
/// Takes what a unit gave; called from one thread at a time.
using Take = std::function<void(std::size_t unit, const std::string& bytes)>;

class Pool {
 public:
  virtual ~Pool() = default;

  /// Runs every unit. The first failure, of work or of take, stops the rest and is thrown again here. Every
  /// rank of an MPI job calls it once a phase; only that which takes says which units, elsewhere `units` and
  /// `take` are ignored.
  virtual void run(const std::vector<std::size_t>& units, const MakeWork& make_work, const Take& take) = 0;
  /// This process takes results (false: it only works for another).
  [[nodiscard]] virtual bool takes() const { return true; }
  /// Workers in all.
  [[nodiscard]] virtual int size() const = 0;
};

/// Threads of this process. Not for work that forks.
class ThreadPool final : public Pool {
 public:
  explicit ThreadPool(int threads) : threads_(threads) {}
  void run(const std::vector<std::size_t>& units, const MakeWork& make_work, const Take& take) override;
  [[nodiscard]] int size() const override { return threads_; }

 private:
  int threads_;
};

/// Child processes, forked for each phase: for the simgrid engine, which forks by itself.
class ProcessPool final : public Pool {
 public:
  explicit ProcessPool(int processes) : processes_(processes) {}
  void run(const std::vector<std::size_t>& units, const MakeWork& make_work, const Take& take) override;
  [[nodiscard]] int size() const override { return processes_; }

 private:
  int processes_;
};

}  // namespace hopsim::sweep
