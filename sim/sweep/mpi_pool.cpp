// SPDX-License-Identifier: Apache-2.0
#include "sweep/mpi_pool.hpp"

#include <mpi.h>

#include <cstdlib>

#include "base/errors.hpp"
#include "sweep/coordinator.hpp"

namespace hopsim::sweep {

namespace {

constexpr int kTag = 0;

auto wait_for(int source) -> MPI_Status {
  MPI_Status status;
  MPI_Probe(source, kTag, MPI_COMM_WORLD, &status);
  return status;
}

auto take_message(MPI_Status status) -> std::string {
  int size = 0;
  MPI_Get_count(&status, MPI_BYTE, &size);
  std::string out(static_cast<std::size_t>(size), '\0');
  MPI_Recv(out.data(), size, MPI_BYTE, status.MPI_SOURCE, kTag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  return out;
}

void send_to(int rank, const std::string& message) {
  MPI_Send(message.data(), static_cast<int>(message.size()), MPI_BYTE, rank, kTag, MPI_COMM_WORLD);
}

// Peers count from 0, ranks other than 0 from 1.
class RankHub final : public Hub {
 public:
  explicit RankHub(int ranks) : peers_(ranks - 1) {}
  [[nodiscard]] int peers() const override { return peers_; }
  void send(int peer, const std::string& message) override { send_to(peer + 1, message); }
  [[nodiscard]] std::optional<Received> receive(bool wait) override {
    int found = 1;
    MPI_Status status;
    if (wait) {
      status = wait_for(MPI_ANY_SOURCE);
    } else {
      MPI_Iprobe(MPI_ANY_SOURCE, kTag, MPI_COMM_WORLD, &found, &status);
    }
    if (found == 0) {
      return std::nullopt;
    }
    return Received{status.MPI_SOURCE - 1, take_message(status)};
  }

 private:
  int peers_;
};

class RankLink final : public Link {
 public:
  void send(const std::string& message) override { send_to(0, message); }
  [[nodiscard]] std::string receive() override { return take_message(wait_for(0)); }
  // Until the phase is over, or (rank 0 aborts the job on a failure) mpirun kills this process. A rank that
  // leaves by itself while the job is aborted can crash mpirun 4.1.4, which then hides the exit status.
  void wait_for_end() {
    while (!ends_phase(receive())) {
    }
  }
};

class Job final : public MpiPool {
 public:
  Job() {
    int provided = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks_);
  }
  ~Job() override { MPI_Finalize(); }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  void run(const std::vector<std::size_t>& units, const MakeWork& make_work, const Take& take) override {
    if (takes()) {
      RankHub hub(ranks_);
      coordinate(hub, units, make_work(), take);
    } else {
      RankLink link;
      serve(link, make_work);
    }
  }
  [[nodiscard]] bool takes() const override { return rank_ == 0; }
  [[nodiscard]] int size() const override { return ranks_; }

  void give_up(const std::exception& failure, int status) noexcept override {
    if (takes()) {
      MPI_Abort(MPI_COMM_WORLD, status);
    } else {
      RankLink link;
      report_failure(link, failure);
      link.wait_for_end();
    }
  }

 private:
  int rank_ = 0;
  int ranks_ = 1;
};

}  // namespace

std::unique_ptr<MpiPool> MpiPool::join() {
  return std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr || std::getenv("PMIX_RANK") != nullptr
             ? std::make_unique<Job>()
             : nullptr;
}

}  // namespace hopsim::sweep
