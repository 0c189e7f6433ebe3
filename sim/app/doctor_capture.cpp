// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "app/doctor.hpp"
#include "base/text.hpp"

namespace hopsim::app {

namespace {

namespace fs = std::filesystem;
using State = Check::State;

constexpr const char* kGroup = "Capturing";
constexpr const char* kCollect = "hopsim-collect";

// A library, looked at while this lives.
class Library {
 public:
  // Stays loaded: CUPTI loses memory when it is unloaded.
  explicit Library(const std::string& name)
      : handle_(dlopen(name.c_str(), RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE)) {}
  ~Library() {
    if (handle_ != nullptr) {
      dlclose(handle_);
    }
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  [[nodiscard]] bool is_open() const { return handle_ != nullptr; }
  template <class F>
  [[nodiscard]] F* function(const char* symbol) const {
    return handle_ == nullptr ? nullptr : reinterpret_cast<F*>(dlsym(handle_, symbol));
  }

 private:
  void* handle_;
};

// NVML's functions; 0 is success.
using Init = int();
using Shutdown = int();
using Driver = int(char*, unsigned);
using Count = int(unsigned*);
using ByIndex = int(unsigned, void**);
using Name = int(void*, char*, unsigned);
using Energy = int(void*, unsigned long long*);

auto gpu_names(const Library& nvml) -> std::vector<std::string> {
  auto* count = nvml.function<Count>("nvmlDeviceGetCount_v2");
  auto* by_index = nvml.function<ByIndex>("nvmlDeviceGetHandleByIndex_v2");
  auto* name = nvml.function<Name>("nvmlDeviceGetName");
  auto* energy = nvml.function<Energy>("nvmlDeviceGetTotalEnergyConsumption");
  unsigned devices = 0;
  std::vector<std::string> out;
  if (count == nullptr || by_index == nullptr || name == nullptr || count(&devices) != 0) {
    return out;
  }
  for (unsigned i = 0; i < devices; ++i) {
    void* device = nullptr;
    std::array<char, 96> text{};
    if (by_index(i, &device) == 0 && name(device, text.data(), text.size() - 1) == 0) {
      unsigned long long mj = 0;
      const bool counts = energy != nullptr && energy(device, &mj) == 0;
      out.push_back(std::string(text.data()) + (counts ? "" : " (no energy counter)"));
    }
  }
  return out;
}

auto gpu_check() -> Check {
  Check out{kGroup, "GPU and NVML", State::kMissing, "", kCollect, "install the NVIDIA driver (non-free)"};
  const Library nvml("libnvidia-ml.so.1");
  auto* init = nvml.function<Init>("nvmlInit_v2");
  if (init == nullptr) {
    out.detail = "libnvidia-ml.so.1 can't be opened: no NVIDIA driver here";
    return out;
  }
  if (const int status = init(); status != 0) {
    out.detail = fmt::format("NVML can't be started: status {}", status);
    return out;
  }
  std::array<char, 96> driver{};
  if (auto* version = nvml.function<Driver>("nvmlSystemGetDriverVersion"); version != nullptr) {
    (void)version(driver.data(), driver.size() - 1);
  }
  const std::vector<std::string> names = gpu_names(nvml);
  if (auto* shutdown = nvml.function<Shutdown>("nvmlShutdown"); shutdown != nullptr) {
    (void)shutdown();
  }
  out.detail =
      names.empty() ? "the driver knows no GPU" : fmt::format("{} (driver {})", join(names), driver.data());
  if (!names.empty()) {
    out.state = State::kOk;
    out.remedy = "";
  }
  return out;
}

// Where CUPTI of CUDA 13 may lie: the loader's path, CUDA_HOME, the default folder.
auto cupti_files() -> std::vector<std::string> {
  constexpr const char* kName = "libcupti.so.13";
  std::vector<std::string> out = {kName};
  const char* home = std::getenv("CUDA_HOME");
  for (const std::string& root : {std::string(home != nullptr ? home : ""), std::string("/usr/local/cuda")}) {
    for (const char* folder : {"/extras/CUPTI/lib64/", "/lib64/"}) {
      if (!root.empty()) {
        out.push_back(root + folder + kName);
      }
    }
  }
  return out;
}

auto cupti_check() -> Check {
  Check out{kGroup,          "CUPTI",
            State::kMissing, "libcupti.so.13 can't be opened",
            kCollect,        "CUDA toolkit 13 or newer from NVIDIA, then build again"};
  for (const std::string& file : cupti_files()) {
    const Library cupti(file);
    std::uint32_t version = 0;
    auto* get = cupti.function<int(std::uint32_t*)>("cuptiGetVersion");
    if (get != nullptr && get(&version) == 0) {
      return {kGroup, "CUPTI", State::kOk, fmt::format("{} (API {})", file, version), kCollect, ""};
    }
  }
  return out;
}

// In the folder of this program, in collectors/ below it, or among the plugins of an installed one.
auto beside_us(const std::string& name) -> std::string {
  std::error_code error;
  const fs::path here = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const fs::path& file :
       {here / "collectors" / name, here / name, here / HOPSIM_PLUGINS_FROM_BIN / name}) {
    if (fs::exists(file, error)) {
      return fs::weakly_canonical(file, error).string();
    }
  }
  return "";
}

auto collector_check() -> Check {
  const std::string program = beside_us("hopsim-collect");
  const std::string library = beside_us("libhopsim_cupti.so");
  Check out{kGroup, kCollect, State::kOk, program, "capturing", ""};
  if (program.empty() || library.empty()) {
    out.state = State::kMissing;
    out.detail = program.empty() ? "not beside this program" : "built without CUPTI (no libhopsim_cupti.so)";
    out.remedy = program.empty() ? "experiments/build.sh release" : "install CUPTI, then build again";
  }
  return out;
}

}  // namespace

std::vector<Check> capture_checks() { return {gpu_check(), cupti_check(), collector_check()}; }

}  // namespace hopsim::app
