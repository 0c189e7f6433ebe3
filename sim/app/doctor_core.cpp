// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>

#include "app/doctor.hpp"
#include "app/scenario.hpp"
#include "replay/folded/folded_engine.hpp"
#include "replay/simgrid/simgrid_engine.hpp"

namespace hopsim::app {

namespace {

namespace fs = std::filesystem;
using State = Check::State;

auto data_check() -> Check {
  Check out{"Simulating", "data", State::kOk, "", "every command", ""};
  const char* chosen = std::getenv("HOPSIM_DATA");
  try {
    spec::Catalog catalog(spec::Library::standard());
    const spec::Library& library = catalog.library();
    for (const std::string& name : library.gpus()) {
      (void)catalog.gpu(name);
    }
    for (const std::string& name : library.stacks()) {
      (void)catalog.stack(name);
    }
    out.detail =
        fmt::format("{}: {} GPUs, {} hosts, {} models, {} stacks, {} chains, {} experiments", library.root(),
                    library.gpus().size(), library.hosts().size(), library.models().size(),
                    library.stacks().size(), library.chains().size(), library.experiments().size());
  } catch (const std::exception& e) {
    out.state = State::kBroken;
    out.detail = e.what();
    out.remedy = chosen != nullptr && *chosen != '\0'
                     ? fmt::format("HOPSIM_DATA is {}: unset it or correct it", chosen)
                     : std::string("set HOPSIM_DATA to a folder with hw_profiles/ and experiments/");
  }
  return out;
}

// Both engines on two decoded tokens of a small model.
auto engines_check() -> Check {
  Check out{"Simulating", "engines", State::kOk, "", "run, sweep, explain, replay", ""};
  try {
    ScenarioOptions options;
    options.gpu = "l4";
    options.model = "qwen3-0.6b";
    options.stack = "bnb/nf4";
    options.decode_tokens = "2";
    const Scenario scenario(options);
    const cost::StepCoster coster(*scenario.machine().gpu, *scenario.machine().host);
    const double folded = judged(scenario, coster, replay::FoldedEngine(), {}).point.performance.latency_s;
    const double simgrid = judged(scenario, coster, replay::SimGridEngine(), {}).point.performance.latency_s;
    const bool agree = folded == simgrid;
    out.state = agree ? State::kOk : State::kBroken;
    out.detail = fmt::format("folded and simgrid {} on a small chain (SimGrid {})",
                             agree ? "agree" : "disagree", HOPSIM_SIMGRID_VERSION);
    out.remedy = agree ? "" : "report this with the output of hopsim --version";
  } catch (const std::exception& e) {
    out.state = State::kBroken;
    out.detail = e.what();
    out.remedy = "see above, or report this with the output of hopsim --version";
  }
  return out;
}

// Where PATH has the program.
auto found_in_path(const std::string& program) -> std::optional<std::string> {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string file = folder + "/" + program;
    if (!folder.empty() && access(file.c_str(), X_OK) == 0 && !fs::is_directory(file)) {
      return file;
    }
  }
  return std::nullopt;
}

auto program_check(const std::string& program, const std::string& needed_for, const std::string& package)
    -> Check {
  const std::optional<std::string> file = found_in_path(program);
  return {"Programs and data",          program,    file ? State::kOk : State::kMissing,
          file.value_or("not in PATH"), needed_for, file ? "" : "apt install " + package};
}

auto mpi_check() -> Check {
#ifdef HOPSIM_WITH_MPI
  return {"Programs and data", "MPI", State::kOk, "in this build", "mpirun -n K hopsim sweep", ""};
#else
  return {"Programs and data",
          "MPI",
          State::kMissing,
          "not in this build",
          "mpirun -n K hopsim sweep",
          "apt install libopenmpi-dev, then build again"};
#endif
}

auto shared_check() -> Check {
  Check out{
      "Programs and data", "../shared", State::kOk, "", "fitting (experiments/calibrate.sh) and tests", ""};
  std::error_code error;
  try {
    const fs::path folder = fs::path(spec::Library::standard().root()) / ".." / "shared";
    const fs::path whole = fs::weakly_canonical(folder, error);
    if (fs::is_directory(folder, error)) {
      out.detail = whole.string();
      return out;
    }
    out.detail = whole.string() + " does not exist";
  } catch (const std::exception&) {
    out.detail = "no data folder to stand beside";
  }
  out.state = State::kMissing;
  out.remedy = "public measured tables beside the repository; nothing that is shipped needs them";
  return out;
}

}  // namespace

std::string_view to_text(Check::State state) {
  switch (state) {
    case State::kOk:
      return "ok";
    case State::kMissing:
      return "missing";
    default:
      return "broken";
  }
}

std::vector<Check> core_checks() { return {data_check(), engines_check()}; }

std::vector<Check> optional_checks() {
  return {program_check("gnuplot", "report, predict --plot", "gnuplot-nox"), mpi_check(),
          program_check("mpirun", "mpirun -n K hopsim sweep", "openmpi-bin"), shared_check()};
}

}  // namespace hopsim::app
