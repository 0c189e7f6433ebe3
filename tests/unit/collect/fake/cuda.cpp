// SPDX-License-Identifier: Apache-2.0
// A libcuda.so.1 with as many GPUs as FAKE_GPUS says (default 1); FAKE_CUINIT is what cuInit returns.
#include <cstdlib>

namespace {
int number(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::atoi(text) : otherwise;
}
}  // namespace

extern "C" int cuInit(unsigned) { return number("FAKE_CUINIT", 0); }

extern "C" int cuDeviceGetCount(int* count) {
  *count = number("FAKE_GPUS", 1);
  return 0;
}
