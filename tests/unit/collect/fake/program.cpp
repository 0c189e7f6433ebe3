// SPDX-License-Identifier: Apache-2.0
// A "CUDA program": loads the injection library as libcuda does. Its argument: a number is its exit status,
// "nocuda" loads nothing, "signal" sends SIGTERM to its parent and ends with 7 when that comes back.
#include <dlfcn.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "0";
  std::puts("the program's own output");
  if (const char* library = std::getenv("CUDA_INJECTION64_PATH"); library != nullptr && what != "nocuda") {
    void* loaded = dlopen(library, RTLD_NOW);
    const auto start =
        loaded != nullptr ? reinterpret_cast<int (*)()>(dlsym(loaded, "InitializeInjection")) : nullptr;
    if (start == nullptr || start() != 1) {
      return 99;
    }
    std::fprintf(stderr, "loading %s\n", std::getenv("CUDA_MODULE_LOADING"));
  }
  if (what == "signal") {
    sigset_t terminate{};
    sigemptyset(&terminate);
    sigaddset(&terminate, SIGTERM);
    sigprocmask(SIG_BLOCK, &terminate, nullptr);
    kill(getppid(), SIGTERM);
    int got = 0;
    sigwait(&terminate, &got);
    return 7;
  }
  return std::atoi(what.c_str());
}
