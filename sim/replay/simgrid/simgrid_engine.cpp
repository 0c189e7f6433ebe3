// SPDX-License-Identifier: Apache-2.0
#include "replay/simgrid/simgrid_engine.hpp"

#include <simgrid/s4u.hpp>

#include <cmath>
#include <cstring>
#include <deque>
#include <string>

#include "base/child_process.hpp"
#include "base/errors.hpp"
#include "replay/simgrid/run_engine.hpp"
#include "replay/simgrid/task_cursor.hpp"

namespace hopsim::replay {

namespace {

namespace s4u = simgrid::s4u;
using cost::Task;

constexpr double kPicosecondsPerSecond = 1e12;  // speed of our hosts: one flop is one picosecond

// One resource that does one thing at a time: the SimGrid host, and the Exec that it runs (SimGrid keeps only
// a raw pointer to it, so we must hold it until it has finished).
struct Resource {
  s4u::Host* host = nullptr;
  s4u::ExecPtr running;
  std::int64_t busy_until_ps = 0;  // ledger time at which the running Exec ends

  void start(std::int64_t now_ps, std::int64_t end_ps) {
    HOPSIM_CHECK(!running && end_ps > now_ps, "a resource got work while it was busy, or work of no length");
    busy_until_ps = end_ps;
    running = s4u::Exec::init();
    running->set_flops_amount(static_cast<double>(end_ps - now_ps))->set_host(host);
    running->vetoable_start();
  }
};

struct QueuedKernel {
  Task task;
  std::int64_t offset = 0;
  std::int64_t ready_ps = 0;  // not before
};

class Simulation {
 public:
  Simulation(const Schedule& schedule, s4u::Host* cpu, s4u::Host* gpu)
      : cursor_(schedule), schedule_(schedule) {
    host_.host = cpu;
    stream_.host = gpu;
  }

  void begin() {
    run_host(0);
    feed_stream();
  }

  void on_completion(const s4u::Activity& activity) {
    if (host_.running.get() == &activity) {
      host_.running.reset();
      host_finished(host_.busy_until_ps);
    } else if (stream_.running.get() == &activity) {
      stream_.running.reset();
      kernel_finished(stream_.busy_until_ps);
    }
    feed_stream();
  }

  [[nodiscard]] Totals result(double clock_s) {
    HOPSIM_CHECK(done_, "the simulation stopped before every kernel had run");
    totals_.latency_ps = std::max(host_time_, stream_time_);
    HOPSIM_CHECK(std::abs(clock_s * kPicosecondsPerSecond - static_cast<double>(totals_.latency_ps)) <=
                     1e-9 * static_cast<double>(totals_.latency_ps) + 1e3,
                 "SimGrid's clock and the ledger disagree");
    return totals_;
  }

 private:
  // The host goes on at ledger time `now`: takes actions until one must be waited for. What it does before
  // the next kernel ends only fills the queue: several such actions share one Exec, or need none.
  void run_host(std::int64_t now) {
    host_time_ = now;
    while (true) {
      if (!hop_started_) {
        if (cursor_.hop() == schedule_.hops.size()) {
          done_ = true;
          return;
        }
        if (!start_hop()) {
          return;
        }
      }
      if (!cursor_.has_task()) {
        if (!end_hop()) {
          return;
        }
        continue;
      }
      const Task& task = cursor_.task();
      if (task.kind == Task::Kind::kGraphNode) {
        enqueue(task, 0);
        cursor_.advance(totals_.steps);
        continue;
      }
      if (task.kind == Task::Kind::kSync && !drains()) {
        waiting_ = true;
        return;
      }
      if (task.kind == Task::Kind::kSync) {
        host_time_ = std::max(host_time_, stream_time_);
      }
      const std::int64_t end = host_time_ + task.dispatch_ps;
      const bool unseen = !drained() && end <= next_kernel_end();
      if (end > now_ && !unseen) {
        host_.start(now_, end);
        return;
      }
      host_time_ = end;
      act(task);
    }
  }

  // The host work of the current task is over: its effect on the stream.
  void act(const Task& task) {
    ++totals_.host_calls;
    if (task.kind == Task::Kind::kLaunch || task.kind == Task::Kind::kGraphLaunch) {
      enqueue(task, host_time_ + cursor_.launch_ps());  // a graph launch joins as a kernel of no length
    }
    cursor_.advance(totals_.steps);
  }

  void host_finished(std::int64_t now) {
    now_ = host_time_ = now;
    if (resuming_hop_) {
      resuming_hop_ = false;
      hop_started_ = true;
    } else {
      act(cursor_.task());
    }
    run_host(host_time_);
  }

  // False when the hop must wait for a pause to end.
  bool start_hop() {
    const std::int64_t free = host_time_;
    std::int64_t start = free;
    for (const std::size_t before : schedule_.hops[cursor_.hop()].after) {
      start = std::max(start, ends_[before] + schedule_.hops[before].pause_ps);
    }
    totals_.pause_ps += start - free;
    if (start > free) {
      resuming_hop_ = true;
      host_.start(free, start);
      return false;
    }
    hop_started_ = true;
    return true;
  }

  // False when the hop's kernels still run.
  bool end_hop() {
    if (!drains()) {
      waiting_ = true;
      return false;
    }
    host_time_ = std::max(host_time_, stream_time_);
    ends_.push_back(host_time_);
    cursor_.next_hop();
    hop_started_ = false;
    return true;
  }

  [[nodiscard]] bool drained() const { return queue_.empty() && !stream_.running; }

  // For a host that does nothing until then: true when it need not wait.
  [[nodiscard]] bool drains() {
    feed_stream();
    return drained();
  }

  void enqueue(const Task& task, std::int64_t ready_ps) {
    queue_.push_back({task, cursor_.offset(), ready_ps});
  }

  // Starts the next kernel, once the host has done what it can: a kernel that ends before the host's next
  // action is seen by nobody and needs no Exec, nor does one that takes no time.
  void feed_stream() {
    const std::int64_t seen_from = host_.running ? host_.busy_until_ps : now_;
    while (!stream_.running && !queue_.empty()) {
      const std::int64_t end = next_kernel_end();
      if (end > seen_from) {
        stream_.start(now_, end);  // the wait for the launch to arrive and the kernel itself
      } else {
        finish_kernel(end);
      }
    }
  }

  // Requires that the stream is not drained.
  [[nodiscard]] std::int64_t next_kernel_end() const {
    const QueuedKernel& next = queue_.front();
    return std::max(stream_time_, next.ready_ps) + duration(next);
  }

  [[nodiscard]] static std::int64_t duration(const QueuedKernel& kernel) {
    return kernel.task.duration_ps + kernel.task.duration_slope_ps * kernel.offset;
  }

  void finish_kernel(std::int64_t end) {
    const QueuedKernel kernel = queue_.front();
    queue_.pop_front();
    stream_time_ = end;
    if (kernel.task.is_kernel()) {
      const auto cls = static_cast<std::size_t>(kernel.task.cls);
      ++totals_.kernels;
      totals_.busy_ps[cls] += duration(kernel);
      totals_.energy_pj[cls] +=
          kernel.task.energy_pj + static_cast<Wide>(kernel.task.energy_slope_pj) * kernel.offset;
    }
  }

  void kernel_finished(std::int64_t now) {
    now_ = now;
    finish_kernel(now);
    if (waiting_ && drains()) {
      waiting_ = false;
      run_host(std::max(host_time_, stream_time_));
    }
  }

  TaskCursor cursor_;
  const Schedule& schedule_;
  Resource host_, stream_;
  std::deque<QueuedKernel> queue_;
  std::int64_t now_ = 0;        // ledger time of SimGrid's clock
  std::int64_t host_time_ = 0;  // end of the host's last action; ahead of now_ while a kernel runs
  std::int64_t stream_time_ = 0;
  std::vector<std::int64_t> ends_;
  bool waiting_ = false;
  bool hop_started_ = false;
  bool resuming_hop_ = false;
  bool done_ = false;
  Totals totals_;
};

auto simulate(const Schedule& schedule) -> Totals {
  return run_engine(NextEvent::kFull, [&schedule](s4u::NetZone* zone) {
    s4u::Host* cpu = zone->create_host("host", kPicosecondsPerSecond)->seal();
    s4u::Host* gpu = zone->create_host("gpu", kPicosecondsPerSecond)->seal();
    return Simulation(schedule, cpu, gpu);
  });
}

}  // namespace

Totals SimGridEngine::replay(const Schedule& schedule) const {
  check(schedule);
  const std::string bytes = run_in_child([&] {
    const Totals totals = simulate(schedule);
    std::string out(sizeof totals, '\0');
    std::memcpy(out.data(), &totals, sizeof totals);
    return out;
  });
  Totals out;
  HOPSIM_CHECK(bytes.size() == sizeof out, "a simulation returned the wrong size");
  std::memcpy(&out, bytes.data(), sizeof out);
  return out;
}

}  // namespace hopsim::replay
