// SPDX-License-Identifier: Apache-2.0
#include "collect/session.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>

#include "collect/energy_run.hpp"
#include "collect/preflight.hpp"
#include "collect/program.hpp"
#include "core/spool_scan.hpp"
#include "core/spool_writer.hpp"

namespace hopsim::collect {

namespace {

namespace fs = std::filesystem;

constexpr int kNoCapture = 2;
constexpr const char* kRunSpool = "/run.hopspool";

int fail(const std::string& what) {
  std::fprintf(stderr, "error: %s\n", what.c_str());
  return kNoCapture;
}

// The folder of the spools: the user's, or one beside the trace that goes away unless it is to be kept.
class SpoolFolder {
 public:
  explicit SpoolFolder(const Options& options) : kept_(!options.spool_dir.empty()), options_(options) {}
  ~SpoolFolder() {
    std::error_code ignored;
    if (kept_ || path_.empty()) {
      return;
    }
    if (options_.keep_spools || imported_badly_) {
      fs::remove_all(options_.output + ".spools", ignored);
      fs::rename(path_, options_.output + ".spools", ignored);
    } else {
      fs::remove_all(path_, ignored);
    }
  }
  SpoolFolder(const SpoolFolder&) = delete;
  SpoolFolder& operator=(const SpoolFolder&) = delete;

  // What is wrong; empty where nothing is.
  std::string make() {
    std::error_code error;
    if (!kept_) {
      std::string name = options_.output + ".spools-XXXXXX";
      if (mkdtemp(name.data()) == nullptr) {
        return options_.output + ": its folder can't be written to";
      }
      path_ = fs::absolute(name).string();
      return "";
    }
    fs::create_directories(options_.spool_dir, error);
    path_ = fs::absolute(options_.spool_dir).string();
    if (error || access(path_.c_str(), W_OK) != 0) {
      return options_.spool_dir + " can't be written to";
    }
    return spools_in(path_).empty()
               ? ""
               : options_.spool_dir + " holds spools already; --spool takes a new folder";
  }

  [[nodiscard]] const std::string& path() const { return path_; }

  // The run may have been long: what could not be imported stays.
  void keep_for_another_import() {
    imported_badly_ = true;
    std::fprintf(stderr, "error: the import failed; the spools stay in %s\n",
                 (kept_ ? options_.spool_dir : options_.output + ".spools").c_str());
  }

 private:
  bool kept_, imported_badly_ = false;
  const Options& options_;
  std::string path_;
};

Environment traced_environment(const Options& options, const std::string& library,
                               const std::string& spools) {
  Environment out = {{"CUDA_INJECTION64_PATH", library},
                     {"NVTX_INJECTION64_PATH", library},
                     {"HOPSIM_SPOOL_DIR", spools},
                     {"HOPSIM_GRAPH_TRACE", options.graph_trace ? "1" : "0"}};
  if (std::getenv("CUDA_MODULE_LOADING") == nullptr) {
    out.emplace_back("CUDA_MODULE_LOADING", "EAGER");  // lazy loading would stand in the middle of the trace
  }
  return out;
}

struct Captured {
  std::vector<Uuid> gpus;
  std::string error;  // there is nothing to import
};

Captured look_at(const std::string& folder) {
  Captured out;
  std::uint64_t records = 0;
  std::string reason;
  const std::vector<std::string> files = spools_in(folder);
  for (const std::string& file : files) {
    if (const std::optional<SpoolScan> scan = scan_spool(file)) {
      records += scan->gpu_records;
      std::copy_if(scan->gpus.begin(), scan->gpus.end(), std::back_inserter(out.gpus),
                   [](const Uuid& uuid) { return uuid != Uuid{}; });  // zero: CUPTI does not know it
      const auto error = scan->attributes.find("error");
      reason = error != scan->attributes.end() && reason.empty() ? error->second : reason;
    }
  }
  if (files.empty()) {
    out.error = "the program made no CUDA call";
  } else if (records == 0) {
    out.error =
        reason.empty() ? "the program ran no kernel and no copy on a GPU" : "nothing was captured: " + reason;
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : " ") + word;
  }
  return out;
}

// Facts about the run as a spool of its own; what is wrong, or nothing.
std::string write_run(const Options& options, const ProgramRun& run, const Captured& captured,
                      const std::string& folder) {
  SpoolWriter spool;
  if (!spool.open(folder + kRunSpool)) {
    return folder + " can't be written to";
  }
  spool.attribute("command", joined(options.program));
  spool.attribute("program_status", std::to_string(run.status));
  std::string trouble;
  if (options.energy && run.status == 0) {
    if (options.window_s < kTrustedWindowS) {
      std::fprintf(stderr, "warning: energy windows below %.0f s are not to be trusted\n", kTrustedWindowS);
    }
    const EnergyResult energy = measure_energy(options, captured.gpus, spool);
    if (energy.error.empty()) {
      write_energy(energy, run.wall_s, spool);
    } else {
      spool.attribute("energy_error", energy.error);
      trouble = "no energy: " + energy.error;
    }
  } else if (options.energy) {
    trouble = "no energy: the program failed";
  }
  spool.close({});
  return spool.write_error() != 0 ? folder + ": " + std::strerror(spool.write_error()) : trouble;
}

// Status of the import; the summary goes to stdout.
int import(const Options& options, const std::string& hopsim, const std::string& folder) {
  std::vector<std::string> command = {hopsim, "import", folder, "-o", options.output, "--quiet"};
  if (!options.range.empty()) {
    command.insert(command.end(), {"--range", options.range});
  }
  const ProgramRun run = run_program(command, {});
  if (!run.error.empty() || run.status > 1) {
    return kNoCapture;
  }
  static_cast<void>(run_program({hopsim, "trace", options.output}, {}));
  return run.status;
}

}  // namespace

int collect(const Options& options) {
  const std::string library = find_injection_library();
  if (const std::string missing = what_is_missing(library); !missing.empty()) {
    return fail(missing);
  }
  const std::string hopsim = options.output.empty() ? "" : find_hopsim();
  if (!options.output.empty() && hopsim.empty()) {
    return fail(
        "no hopsim command to import with; --spool DIR leaves the raw spools, HOPSIM names a command");
  }
  SpoolFolder folder(options);
  if (const std::string trouble = folder.make(); !trouble.empty()) {
    return fail(trouble);
  }
  const ProgramRun run = run_program(options.program, traced_environment(options, library, folder.path()));
  if (!run.error.empty()) {
    return fail(options.program.front() + ": " + run.error);
  }
  const std::string ended =
      run.status == 0 ? "" : "the program ended with status " + std::to_string(run.status);
  const Captured captured = look_at(folder.path());
  if (!captured.error.empty()) {
    return fail(captured.error + (ended.empty() ? "" : "; " + ended));
  }
  const std::string trouble = write_run(options, run, captured, folder.path());
  const int status = options.output.empty() ? 0 : import(options, hopsim, folder.path());
  if (status == kNoCapture) {
    folder.keep_for_another_import();
  }
  if (!trouble.empty()) {
    std::fprintf(stderr, "error: %s\n", trouble.c_str());
  }
  if (!ended.empty()) {
    std::fprintf(stderr, "%s\n", ended.c_str());
    return run.status;
  }
  return status != 0 || trouble.empty() ? status : 1;
}

}  // namespace hopsim::collect
