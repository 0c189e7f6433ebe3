// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <memory>
#include <numeric>
#include <optional>

#include "app/command.hpp"
#include "app/rescaled_program.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "io/files.hpp"
#include "io/json.hpp"
#include "replay/captured/chrome_trace.hpp"
#include "replay/captured/program.hpp"
#include "replay/captured/timeline.hpp"
#include "replay/captured/what_if.hpp"
#include "replay/simgrid/captured_engine.hpp"
#include "trace/trace_file.hpp"

namespace hopsim::app {

namespace {

namespace captured = replay::captured;

struct ReplayOptions {
  CommonOptions common;
  std::string file, engine = "simgrid", perfetto, on, from;
  double host_speed = 1;
  bool graph = false;
  std::vector<std::string> without;
};

constexpr double kSecond = 1e9;  // ns

// How the durations were carried over to another GPU.
struct Rescaling {
  std::string from, to;
  std::array<std::int64_t, cost::kRescaleRuleCount> measured_ns{};

  [[nodiscard]] double share(std::size_t rule) const {
    const double all =
        static_cast<double>(std::accumulate(measured_ns.begin(), measured_ns.end(), std::int64_t{0}));
    return all > 0 ? static_cast<double>(measured_ns[rule]) / all : 0;
  }
  [[nodiscard]] io::Json json() const {
    io::Json out = {{"from", from}, {"to", to}, {"device_time_share", io::Json::object()}};
    for (std::size_t rule = 0; rule < cost::kRescaleRuleCount; ++rule) {
      out["device_time_share"][std::string(cost::to_text(static_cast<cost::RescaleRule>(rule)))] =
          share(rule);
    }
    return out;
  }
  [[nodiscard]] std::string text() const {
    std::string out = fmt::format("durations carried over from {} to {}:", from, to);
    for (std::size_t rule = 0; rule < cost::kRescaleRuleCount; ++rule) {
      if (measured_ns[rule] > 0) {
        out += fmt::format(" {} {:.0f} %", cost::to_text(static_cast<cost::RescaleRule>(rule)),
                           100 * share(rule));
      }
    }
    return out + " of device time\n";
  }
};

auto seconds(std::int64_t ns) -> double { return static_cast<double>(ns) / kSecond; }

auto class_of(const std::string& name) -> KernelClass {
  if (const std::optional<KernelClass> cls = kernel_class_from(name)) {
    return *cls;
  }
  std::vector<std::string> known(kKernelClassNames.begin(), kKernelClassNames.end());
  throw InputError(Location{}, fmt::format("unknown kernel class '{}'", name), suggestion(name, known));
}

auto changed(captured::Program program, const ReplayOptions& options) -> captured::Program {
  for (const std::string& name : options.without) {
    program = captured::without_class(std::move(program), class_of(name));
  }
  if (options.graph) {
    program = captured::with_graphs(std::move(program));
  }
  return captured::with_host_speed(std::move(program), options.host_speed);
}

using Run = captured::Timeline (*)(const captured::Program&);

auto engine_of(const std::string& engine) -> Run {
  if (engine == "folded") {
    return captured::run_folded;
  }
  if (engine == "simgrid") {
    return captured::run_simgrid;
  }
  throw InputError(Location{}, fmt::format("unknown engine '{}'", engine),
                   suggestion(engine, {"folded", "simgrid"}));
}

// Share of the span that lies on rules that infer what no record says.
auto inferred_share(const captured::ReplayResult& result) -> double {
  std::int64_t sum = 0;
  for (std::size_t r = 0; r < captured::kRuleCount; ++r) {
    sum += captured::is_inferred(static_cast<captured::Rule>(r)) ? result.rules[r].on_path_ns : 0;
  }
  return result.simulated_ns == 0 ? 0 : seconds(sum) / seconds(result.simulated_ns);
}

auto rules_json(const captured::ReplayResult& result) -> io::Json {
  io::Json out = io::Json::object();
  for (std::size_t r = 0; r < captured::kRuleCount; ++r) {
    const captured::RuleShare& share = result.rules[r];
    if (share.count > 0) {
      out[std::string(captured::kRuleNames[r])] = {
          {"inferred", captured::is_inferred(static_cast<captured::Rule>(r))},
          {"decided", share.count},
          {"on_path_s", seconds(share.on_path_ns)},
          {"span_share",
           result.simulated_ns == 0 ? 0 : seconds(share.on_path_ns) / seconds(result.simulated_ns)}};
    }
  }
  return out;
}

auto result_json(const captured::Program& program, const captured::ReplayResult& result, bool what_if,
                 double wall_s) -> io::Json {
  return {{"measured_s", seconds(result.measured_ns)},
          {"simulated_s", seconds(result.simulated_ns)},
          {"error", result.error()},
          {"idle_measured_s", seconds(result.idle_measured_ns)},
          {"idle_simulated_s", seconds(result.idle_simulated_ns)},
          {"engine", result.engine},
          {"what_if", what_if},
          {"streams", result.streams},
          {"streams_in_order", result.streams_in_order},
          {"operations", program.ops.size()},
          {"calls", program.calls.size()},
          {"inferred_share", inferred_share(result)},
          {"rules", rules_json(result)},
          {"repairs",
           {{"clock_shift_s", seconds(program.clock_shift_ns)},
            {"nested_calls", program.nested_calls},
            {"ambiguous_correlations", program.ambiguous_correlations},
            {"launches_after_start", program.launches_after_start},
            {"queue_limit", program.queue_limit}}},
          {"wall_s", wall_s}};
}

auto result_text(const captured::Program& program, const captured::ReplayResult& result, bool what_if)
    -> std::string {
  const auto ms = [](std::int64_t ns) { return static_cast<double>(ns) / 1e6; };
  std::string out = fmt::format("measured   {:12.3f} ms, GPU idle {:12.3f} ms\n", ms(result.measured_ns),
                                ms(result.idle_measured_ns));
  out += fmt::format("{}  {:12.3f} ms, GPU idle {:12.3f} ms   {:+.3f} %   ({})\n",
                     what_if ? "what if  " : "simulated", ms(result.simulated_ns),
                     ms(result.idle_simulated_ns), 100 * result.error(), result.engine);
  out +=
      fmt::format("{} of {} streams in the order of the capture\n", result.streams_in_order, result.streams);
  if (program.clock_shift_ns != 0) {
    out += fmt::format("the device clock was shifted by {:.3f} us against the host's\n",
                       static_cast<double>(program.clock_shift_ns) / 1e3);
  }
  out += fmt::format("{:.1f} % of the span rests on inferred rules\n", 100 * inferred_share(result));
  out += "\nrule                   decided      on the critical path\n";
  for (std::size_t r = 0; r < captured::kRuleCount; ++r) {
    const captured::RuleShare& share = result.rules[r];
    if (share.count > 0) {
      out += fmt::format("{:<20} {:>9} {:>12.3f} ms {:>6.2f} %{}\n", captured::kRuleNames[r], share.count,
                         ms(share.on_path_ns),
                         result.simulated_ns == 0 ? 0 : 100 * ms(share.on_path_ns) / ms(result.simulated_ns),
                         captured::is_inferred(static_cast<captured::Rule>(r)) ? "  inferred" : "");
    }
  }
  return out;
}

int run(const ReplayOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  if (!options.perfetto.empty()) {
    io::check_output_path(options.perfetto);
  }
  const Run engine = engine_of(options.engine);
  const trace::Trace trace = trace::read_trace(options.file);
  captured::Program built = captured::build_program(trace);
  std::optional<Rescaling> rescaling;
  if (!options.on.empty()) {
    spec::Catalog catalog(spec::Library::standard());
    const spec::GpuSpec& from = captured_gpu(trace, options.from, catalog);
    const spec::GpuSpec& to = catalog.gpu(options.on);
    RescaledProgram other = rescaled(std::move(built), trace, from, to);
    built = std::move(other.program);
    rescaling = Rescaling{from.name, to.name, other.measured_ns};
  } else if (!options.from.empty()) {
    throw InputError(Location{}, "--from without --on", "--on names the other GPU");
  }
  const captured::Program program = changed(std::move(built), options);
  const captured::ReplayResult result = captured::judge(program, engine(program), options.engine);
  if (!options.perfetto.empty()) {
    io::write_text_file(options.perfetto, captured::chrome_trace(trace, program, result.times));
  }
  const bool what_if = rescaling || options.graph || options.host_speed != 1 || !options.without.empty();
  const double wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (options.common.json || !options.common.quiet || !options.common.output.empty()) {
    io::Json json = result_json(program, result, what_if, wall_s);
    if (rescaling) {
      json["rescaled"] = rescaling->json();
    }
    emit(options.common.json
             ? io::to_text(json)
             : (rescaling ? rescaling->text() : std::string()) + result_text(program, result, what_if),
         options.common.output);
  }
  return 0;
}

}  // namespace

Action register_replay(CLI::App& app) {
  auto options = std::make_shared<ReplayOptions>();
  Command command(app, "replay", "Replay a captured trace from its dependencies, or ask what if");
  command.add_option("trace", &options->file, "Trace (HDF5 of hopsim import)").type_name("FILE").required();
  command.add_option("--engine", &options->engine, "Default simgrid; both agree").type_name("simgrid|folded");
  command
      .add_option("--perfetto", &options->perfetto,
                  "Write measured and simulated timelines (Chrome trace JSON, for ui.perfetto.dev)")
      .type_name("FILE");
  command.add_option("--on", &options->on, "What if it ran on this GPU (name or profile file)")
      .type_name("GPU");
  command
      .add_option("--from", &options->from,
                  "With --on: profile of the captured GPU, where no profile names it")
      .type_name("GPU");
  command.add_option("--host-speed", &options->host_speed, "What if the host were so many times as fast")
      .type_name("X");
  command.add_flag("--graph", &options->graph, "What if launches between two waits were one graph launch");
  command
      .add_option("--without", &options->without, "What if this kernel class cost nothing (may be repeated)")
      .type_name("CLASS");
  add_common(command, options->common, "Write the result into this file");
  set_examples(command, "",
               {"hopsim replay capture.h5", "hopsim replay capture.h5 --graph --perfetto timeline.json",
                "hopsim replay capture.h5 --host-speed 2", "hopsim replay capture.h5 --on l4"});
  return [options] { return run(*options); };
}

}  // namespace hopsim::app
