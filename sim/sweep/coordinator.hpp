// SPDX-License-Identifier: Apache-2.0
// One process hands out units to others over messages, whatever carries them: sockets to child processes, MPI
// between machines. Each worker has one unit in work and one in wait, so that it never idles for a round
// trip.
#pragma once

#include <exception>
#include <optional>
#include <string>

#include "sweep/pool.hpp"

namespace hopsim::sweep {

/// The end of the process that hands out. Throws InternalError when a peer is lost.
class Hub {
 public:
  virtual ~Hub() = default;
  [[nodiscard]] virtual int peers() const = 0;
  virtual void send(int peer, const std::string& message) = 0;
  struct Received {
    int peer;
    std::string message;
  };
  /// A message from anyone; nothing when there is none and `wait` is false.
  [[nodiscard]] virtual std::optional<Received> receive(bool wait) = 0;
};

/// The end of a worker.
class Link {
 public:
  virtual ~Link() = default;
  virtual void send(const std::string& message) = 0;
  [[nodiscard]] virtual std::string receive() = 0;
};

/// Hands out the units, takes what comes back, and ends the phase on all peers. `own_work`, where given, runs
/// units here as well whenever no message waits. A worker's failure is thrown here as what it was.
void coordinate(Hub& hub, const std::vector<std::size_t>& units, const Work& own_work, const Take& take);

/// Works off units until the phase ends. Throws whatever work throws
/// (tell the hub: report_failure).
void serve(Link& link, const MakeWork& make_work);

/// The hub's message that the phase is over.
[[nodiscard]] bool ends_phase(const std::string& message);

/// Tells the hub of a failure.
void report_failure(Link& link, const std::exception& failure);

}  // namespace hopsim::sweep
