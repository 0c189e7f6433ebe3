// SPDX-License-Identifier: Apache-2.0
#include "app/run_timeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "replay/build.hpp"
#include "spec/chain_waves.hpp"

namespace hopsim::app {

namespace {

using cost::Task;

constexpr std::int64_t kHostRow = 0, kStreamRow = 1;
enum Depth { kHop, kStep, kLayer, kTask };

auto ns(std::int64_t ps) -> std::int64_t { return ps / 1000; }

// From the first to the last thing in it.
struct Span {
  std::int64_t from_ps = INT64_MAX, to_ps = 0;

  void take(std::int64_t from, std::int64_t to) {
    from_ps = std::min(from_ps, from);
    to_ps = std::max(to_ps, to);
  }
  void take(const Span& other) {
    if (!other.empty()) {
      take(other.from_ps, other.to_ps);
    }
  }
  [[nodiscard]] bool empty() const { return from_ps > to_ps; }
};

struct Spans {
  Span host, stream;

  void take(const Spans& other) {
    host.take(other.host);
    stream.take(other.stream);
  }
};

using Names = std::vector<std::string>;

// A name for each task of a block: its costed tasks stand in the order of its calls.
auto names_of(const std::vector<lowering::Call>& calls) -> Names {
  Names out;
  for (const lowering::Call& call : calls) {
    out.insert(out.end(), static_cast<std::size_t>(call.count), call.name.empty() ? call.op : call.name);
  }
  return out;
}

struct StepNames {
  Names prologue, layer, epilogue;
};

// Steps that a chain takes one after another: alike but for their context, which grows by a token.
struct StepLabel {
  std::string hops;
  int tokens = 1, width = 1, context = 0, count = 1;
  bool prefill = false;
};

auto hop_names(const spec::ChainSpec& chain, const std::vector<std::size_t>& hops) -> std::string {
  std::string out;
  for (const std::size_t i : hops) {
    const std::string& id = chain.hops[i].id;
    out += (out.empty() ? "" : ", ") + (id.empty() ? std::to_string(i + 1) : id);
  }
  return (hops.size() == 1 ? "hop " : "hops ") + out;
}

auto labels_of(const spec::ChainSpec& chain) -> std::vector<StepLabel> {
  std::vector<StepLabel> out;
  for (const spec::Wave& wave : spec::waves(chain)) {
    std::vector<std::size_t> running = wave.hops;
    for (const spec::PrefillStep& step : wave.prefills) {
      out.push_back({hop_names(chain, running), step.tokens, step.width, step.context, 1, true});
    }
    for (const spec::DecodeRun& run : wave.decodes) {
      if (run.steps > 0) {
        out.push_back({hop_names(chain, running), 1, run.width, run.first_context, run.steps, false});
      }
      std::erase_if(running, [&](std::size_t i) { return std::ranges::count(run.ended, i) > 0; });
    }
  }
  return out;
}

// Launches that wait in a step, by when they were made and when they started.
struct Queue {
  std::vector<std::int64_t> made_ps, started_ps;
};

class Walk {
 public:
  Walk(const metrics::Machine& machine, const metrics::Workload& workload, replay::LoweredSteps& steps,
       int process, std::int64_t detailed_steps, io::ChromeEvents& out)
      : power_(machine.gpu->power), steps_(steps), process_(process), detailed_(detailed_steps), out_(out) {
    out_.name_process(
        process, fmt::format("{}, {}, batch {}", workload.stack->name, workload.model->name, workload.batch));
    out_.name_row(process, kHostRow, "host thread");
    out_.name_row(process, kStreamRow, "GPU stream");
  }

  std::int64_t run(const spec::ChainSpec& chain, const replay::Schedule& schedule) {
    labels_ = labels_of(chain);
    for (std::size_t i = 0; i < schedule.hops.size(); ++i) {
      wait_for_pauses(schedule, i);
      if (!schedule.hops[i].runs.empty()) {
        hop(schedule.hops[i], schedule);
      }
      host_ps_ = std::max(host_ps_, stream_ps_);
      ends_ps_.push_back(host_ps_);
    }
    power(host_ps_, power_.active_idle_w);
    return host_ps_;
  }

 private:
  void wait_for_pauses(const replay::Schedule& schedule, std::size_t i) {
    std::int64_t start = host_ps_;
    for (const std::size_t before : schedule.hops[i].after) {
      start = std::max(start, ends_ps_[before] + schedule.hops[before].pause_ps);
    }
    if (start > host_ps_) {
      slice(kHostRow, "pause", "pause", {host_ps_, start}, kHop);
      power(host_ps_, power_.loaded_idle_w);
      host_ps_ = start;
    }
  }

  void hop(const replay::Hop& hop, const replay::Schedule& schedule) {
    Spans all;
    all.host.take(host_ps_, host_ps_);
    const std::string name = labels_[label_].hops;
    bool first = true;
    std::int64_t decoded = 0;
    for (const replay::StepRun& run : hop.runs) {
      const cost::CostedStep costed = schedule.steps[run.step].costed();
      for (std::int64_t k = 0; k < run.count; ++k) {
        const StepLabel& label = labels_[label_];
        const int context = label.context + in_label_;
        out_.counter(process_, "context length", "tokens", ns(host_ps_), context);
        all.take(step(costed, run.first_offset + k, label,
                      label.prefill ? fmt::format("prefill of {} tokens", label.tokens)
                                    : fmt::format("decode at context {}", context),
                      first || label.prefill || decoded++ < detailed_));
        first = false;
        if (++in_label_ == label.count) {
          in_label_ = 0;
          ++label_;
        }
      }
    }
    all.host.take(host_ps_, std::max(host_ps_, stream_ps_));
    both(name, "hop", all, kHop);
  }

  Spans step(const cost::CostedStep& step, std::int64_t offset, const StepLabel& label,
             const std::string& name, bool detailed) {
    Spans all;
    queue_ = {};
    step_energy_pj_ = step_busy_ps_ = 0;
    const std::int64_t begin_ps = std::max(host_ps_, stream_ps_);
    const StepNames& names = names_for(label);
    const auto walk = [&](const std::vector<Task>& tasks, const Names& labels, const std::string& layer) {
      Spans spans;
      for (std::size_t t = 0; t < tasks.size(); ++t) {
        task(tasks[t], offset, step.launch_ps, detailed ? &labels[t] : nullptr, spans);
      }
      if (detailed && !layer.empty()) {
        both(layer, "layer", spans, kLayer);
      }
      all.take(spans);
    };
    walk(step.prologue, names.prologue, "");
    for (std::int64_t layer = 0; layer < step.layers; ++layer) {
      walk(step.layer, names.layer, detailed ? fmt::format("layer {}", layer) : "");
    }
    walk(step.epilogue, names.epilogue, "");
    both(name, "step", all, kStep);
    count_queue(detailed);
    if (!detailed) {
      mean_power(begin_ps);
    }
    return all;
  }

  // The rules of the contract. Without a name nothing is drawn.
  void task(const Task& task, std::int64_t offset, std::int64_t launch_ps, const std::string* name,
            Spans& spans) {
    std::int64_t ready_ps = 0;
    if (task.kind != Task::Kind::kGraphNode) {
      const std::int64_t begin_ps = host_ps_;
      const bool sync = task.kind == Task::Kind::kSync;
      host_ps_ = (sync ? std::max(host_ps_, stream_ps_) : host_ps_) + task.dispatch_ps;
      spans.host.take(begin_ps, host_ps_);
      const bool launch = task.kind == Task::Kind::kLaunch || task.kind == Task::Kind::kGraphLaunch;
      ready_ps = launch ? host_ps_ + launch_ps : 0;
      if (launch) {
        queue_.made_ps.push_back(host_ps_);
      }
      if (name != nullptr && host_ps_ > begin_ps) {
        slice(kHostRow,
              sync     ? "wait for GPU"
              : launch ? "launch " + *name
                       : *name,
              sync     ? "sync"
              : launch ? "launch"
                       : "host",
              {begin_ps, host_ps_}, kTask);
      }
    }
    const std::int64_t start_ps = std::max(stream_ps_, ready_ps);
    if (ready_ps > 0) {
      queue_.started_ps.push_back(start_ps);
    }
    if (task.kind == Task::Kind::kGraphLaunch) {
      stream_ps_ = start_ps;
    } else if (task.is_kernel()) {
      kernel(task, offset, start_ps, name);
      spans.stream.take(start_ps, stream_ps_);
    }
  }

  void kernel(const Task& task, std::int64_t offset, std::int64_t start_ps, const std::string* name) {
    const std::int64_t end_ps = start_ps + task.duration_ps + task.duration_slope_ps * offset;
    const double energy_pj = static_cast<double>(task.energy_pj) +
                             static_cast<double>(task.energy_slope_pj) * static_cast<double>(offset);
    step_energy_pj_ += energy_pj;
    step_busy_ps_ += static_cast<double>(end_ps - start_ps);
    if (name != nullptr) {
      if (start_ps > stream_ps_) {
        power(stream_ps_, power_.active_idle_w);
      }
      if (end_ps > start_ps) {
        power(start_ps, energy_pj / static_cast<double>(end_ps - start_ps));
      }
      slice(kStreamRow, *name, to_text(task.cls), {start_ps, end_ps}, kTask, is_casting(task.cls));
    }
    stream_ps_ = end_ps;
  }

  // Of a step that isn't drawn in detail, idle parts included.
  void mean_power(std::int64_t begin_ps) {
    const auto length_ps = static_cast<double>(std::max(host_ps_, stream_ps_) - begin_ps);
    if (length_ps > 0) {
      const double idle_ps = std::max(0.0, length_ps - step_busy_ps_);
      power(begin_ps, (step_energy_pj_ + power_.active_idle_w * idle_ps) / length_ps);
    }
  }

  // Every change of a step that is drawn in detail, the deepest queue of any other.
  void count_queue(bool detailed) {
    constexpr const char* kName = "queue depth";
    std::size_t started = 0;
    std::size_t deepest = 0;
    const auto emit = [&](std::int64_t t_ps, std::size_t depth) {
      deepest = std::max(deepest, depth);
      if (detailed) {
        out_.counter(process_, kName, "launches", ns(t_ps), static_cast<double>(depth));
      }
    };
    const auto start_until = [&](std::size_t made, std::int64_t t_ps) {
      for (; started < made && queue_.started_ps[started] <= t_ps; ++started) {
        emit(queue_.started_ps[started], made - started - 1);
      }
    };
    for (std::size_t made = 0; made < queue_.made_ps.size(); ++made) {
      start_until(made, queue_.made_ps[made]);
      emit(queue_.made_ps[made], made + 1 - started);
    }
    start_until(queue_.made_ps.size(), INT64_MAX);
    if (!detailed && !queue_.made_ps.empty()) {
      out_.counter(process_, kName, "launches", ns(queue_.made_ps.front()), static_cast<double>(deepest));
    }
  }

  void power(std::int64_t t_ps, double watts) { out_.counter(process_, "power", "W", ns(t_ps), watts); }

  void both(const std::string& name, std::string_view category, const Spans& spans, Depth depth) {
    slice(kHostRow, name, category, spans.host, depth);
    slice(kStreamRow, name, category, spans.stream, depth);
  }

  void slice(std::int64_t row, std::string_view name, std::string_view category, const Span& span,
             Depth depth, bool casting = false) {
    if (!span.empty()) {
      out_.slice({process_, row, name, category, ns(span.from_ps), ns(span.to_ps), depth,
                  casting ? io::SliceColour::kAlarm : io::SliceColour::kByName});
    }
  }

  const StepNames& names_for(const StepLabel& label) {
    const auto [at, fresh] = names_.try_emplace({label.tokens, label.width});
    if (fresh) {
      const lowering::StepWork& work = steps_.step(label.tokens, label.width);
      at->second = {names_of(work.prologue), names_of(work.layer), names_of(work.epilogue)};
    }
    return at->second;
  }

  const spec::PowerSpec& power_;
  replay::LoweredSteps& steps_;
  int process_;
  std::int64_t detailed_;
  io::ChromeEvents& out_;
  std::map<std::pair<int, int>, StepNames> names_;  // by tokens and width
  std::vector<StepLabel> labels_;
  std::size_t label_ = 0;  // that of the next step
  int in_label_ = 0;       // steps of it that are done
  std::int64_t host_ps_ = 0, stream_ps_ = 0;
  std::vector<std::int64_t> ends_ps_;
  Queue queue_;
  double step_energy_pj_ = 0, step_busy_ps_ = 0;
};

}  // namespace

std::int64_t add_timeline(const metrics::Machine& machine, const cost::StepCoster& coster,
                          const metrics::Workload& workload, int gpus, int process,
                          std::int64_t detailed_steps, io::ChromeEvents& out) {
  replay::LoweredSteps steps(*workload.model, *workload.stack, workload.batch, gpus);
  const spec::ChainSpec chain =
      spec::inflated(*workload.chain, metrics::quality_of(workload).token_inflation);
  const replay::Schedule schedule = replay::build_schedule(chain, steps, coster);
  return Walk(machine, workload, steps, process, detailed_steps, out).run(chain, schedule);
}

}  // namespace hopsim::app
