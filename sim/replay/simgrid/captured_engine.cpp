// SPDX-License-Identifier: Apache-2.0
#include "replay/simgrid/captured_engine.hpp"

#include <simgrid/s4u.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <unordered_map>

#include "base/child_process.hpp"
#include "base/errors.hpp"
#include "replay/simgrid/run_engine.hpp"

namespace hopsim::replay::captured {

namespace {

namespace s4u = simgrid::s4u;

constexpr double kNanosecondsPerSecond = 1e9;  // speed of our hosts: one flop is one nanosecond
// Calls and operations of one resource may overlap (a blocked call and what it launched, a kernel and the
// wait of the next): enough cores that SimGrid never shares one between two Execs. What may run when is the
// program's business.
constexpr int kCores = 1 << 16;

class Simulation {
 public:
  Simulation(const Program& program, std::vector<s4u::Host*> hosts)
      : program_(program),
        index_(program),
        hosts_(std::move(hosts)),
        missing_(index_.inputs),
        times_(program.event_count(), 0) {}

  void begin() { happen(Program::origin()); }

  void on_completion(const s4u::Activity& activity) {
    const auto found = running_.find(&activity);
    HOPSIM_CHECK(found != running_.end(), "SimGrid completed what was never started");
    const std::size_t event = found->second.event;
    finished_ =
        std::move(found->second.exec);  // alive until the next completion: SimGrid still holds a raw pointer
    running_.erase(found);
    happen(event);
  }

  [[nodiscard]] const Timeline& result(double clock_s) const {
    HOPSIM_CHECK(done_ == times_.size(), "the simulation stopped before every event had happened");
    const auto end = static_cast<double>(*std::max_element(times_.begin(), times_.end()));
    HOPSIM_CHECK(std::abs(clock_s * kNanosecondsPerSecond - end) <= 1e-9 * end + 1,
                 "SimGrid's clock and the ledger disagree");
    return times_;
  }

 private:
  struct Running {
    std::size_t event;
    s4u::ExecPtr exec;
  };

  [[nodiscard]] s4u::Host* host_of(std::size_t event) const {
    const std::size_t calls = 2 * program_.calls.size();
    const std::size_t k = event - 1;
    return k < calls ? hosts_[program_.calls[k / 2].thread]
                     : hosts_[program_.threads.size() + program_.ops[(k - calls) / 2].stream];
  }

  void happen(std::size_t first) {
    now_.push_back(first);
    while (!now_.empty()) {
      const std::size_t event = now_.back();
      now_.pop_back();
      ++done_;
      for (std::size_t k = index_.first[event]; k < index_.first[event + 1]; ++k) {
        const Edge& edge = program_.edges[index_.order[k]];
        times_[edge.to] = std::max(times_[edge.to], times_[event] + program_.weight_ns(edge));
        if (--missing_[edge.to] == 0) {
          schedule(edge.to, times_[event]);
        }
      }
    }
  }

  void schedule(std::size_t event, std::int64_t now_ns) {
    const std::int64_t delay = times_[event] - now_ns;
    HOPSIM_CHECK(delay >= 0, "an event of a replay lies in the past");
    if (delay == 0) {
      now_.push_back(event);
      return;
    }
    s4u::ExecPtr exec = s4u::Exec::init();
    exec->set_flops_amount(static_cast<double>(delay))->set_host(host_of(event));
    running_.emplace(exec.get(), Running{event, exec});
    exec->vetoable_start();
  }

  const Program& program_;
  const EdgeIndex index_;
  std::vector<s4u::Host*> hosts_;
  std::vector<std::size_t> missing_;
  Timeline times_;
  std::unordered_map<const s4u::Activity*, Running> running_;
  s4u::ExecPtr finished_;
  std::vector<std::size_t> now_;
  std::size_t done_ = 0;
};

auto simulate(const Program& program) -> Timeline {
  return run_engine(NextEvent::kLazy, [&program](s4u::NetZone* zone) {
    std::vector<s4u::Host*> hosts;
    for (std::size_t i = 0; i < program.threads.size() + program.streams.size(); ++i) {
      const bool thread = i < program.threads.size();
      const std::string host =
          (thread ? "thread" : "stream") + std::to_string(thread ? i : i - program.threads.size());
      hosts.push_back(zone->create_host(host, kNanosecondsPerSecond)->set_core_count(kCores)->seal());
    }
    return Simulation(program, std::move(hosts));
  });
}

}  // namespace

Timeline run_simgrid(const Program& program) {
  const std::string bytes = run_in_child([&program] {
    const Timeline times = simulate(program);
    std::string out(times.size() * sizeof(std::int64_t), '\0');
    std::memcpy(out.data(), times.data(), out.size());
    return out;
  });
  HOPSIM_CHECK(bytes.size() == program.event_count() * sizeof(std::int64_t),
               "a simulation returned the wrong size");
  Timeline out(program.event_count());
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

}  // namespace hopsim::replay::captured
