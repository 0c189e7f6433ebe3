// SPDX-License-Identifier: Apache-2.0
#include "collect/preflight.hpp"

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <vector>

namespace hopsim::collect {

namespace {

std::string gpu_trouble() {
  void* driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (driver == nullptr) {
    return "no NVIDIA driver here: libcuda.so.1 can't be loaded";
  }
  const auto init = reinterpret_cast<int (*)(unsigned)>(dlsym(driver, "cuInit"));
  const auto count = reinterpret_cast<int (*)(int*)>(dlsym(driver, "cuDeviceGetCount"));
  if (init == nullptr || count == nullptr) {
    return "libcuda.so.1 is no CUDA driver";
  }
  unsetenv("CUDA_INJECTION64_PATH");
  if (const int status = init(0); status != 0) {
    return "no usable NVIDIA GPU here: cuInit gives " + std::to_string(status);
  }
  int devices = 0;
  if (count(&devices) != 0 || devices == 0) {
    return "the NVIDIA driver finds no GPU";
  }
  return "";
}

std::string library_trouble(const std::string& library) {
  if (!std::filesystem::exists(library)) {
    return library + " is missing; it is built where CMake finds CUPTI (CUDA toolkit 13 or newer)";
  }
  if (dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr) {
    const char* why = dlerror();
    return std::string("the injection library can't be loaded: ") + (why != nullptr ? why : library);
  }
  return "";
}

std::string own_folder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
}

}  // namespace

std::string what_is_missing(const std::string& injection_library) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) {
    return "no pipe can be made";
  }
  const pid_t child = fork();
  if (child == 0) {
    std::string trouble = gpu_trouble();
    if (trouble.empty()) {
      trouble = library_trouble(injection_library);
    }
    const ssize_t written = write(ends[1], trouble.data(), trouble.size());
    _exit(written == static_cast<ssize_t>(trouble.size()) ? 0 : 1);
  }
  close(ends[1]);
  std::string out;
  std::array<char, 512> piece{};
  for (ssize_t n = 0; (n = read(ends[0], piece.data(), piece.size())) > 0;) {
    out.append(piece.data(), static_cast<std::size_t>(n));
  }
  close(ends[0]);
  int status = 0;
  const bool died =
      child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
  return died && out.empty() ? "the NVIDIA driver crashes when it starts" : out;
}

std::string find_injection_library() {
  const std::string name = "/libhopsim_cupti.so";
  const std::string installed = own_folder() + "/" HOPSIM_PLUGINS_FROM_BIN + name;
  std::error_code ignored;
  if (std::filesystem::exists(own_folder() + name, ignored) || !std::filesystem::exists(installed, ignored)) {
    return own_folder() + name;
  }
  return std::filesystem::canonical(installed).string();
}

std::string find_hopsim() {
  std::vector<std::string> candidates;
  if (const char* chosen = std::getenv("HOPSIM")) {
    candidates.emplace_back(chosen);
  }
  candidates.push_back(own_folder() + "/hopsim");
  candidates.push_back(own_folder() + "/../hopsim");
  const char* path = std::getenv("PATH");
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    candidates.push_back(folder + "/hopsim");
  }
  for (const std::string& candidate : candidates) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(candidate, ignored) && access(candidate.c_str(), X_OK) == 0) {
      return std::filesystem::canonical(candidate).string();
    }
  }
  return "";
}

}  // namespace hopsim::collect
