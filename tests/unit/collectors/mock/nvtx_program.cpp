// SPDX-License-Identifier: Apache-2.0
// A program that opens an NVTX range and never uses CUDA. It prints "done" and ends with status 7.
#include <nvtx3/nvToolsExt.h>

#include <cstdio>

int main() {
  nvtxRangePushA("range");
  nvtxRangePop();
  std::puts("done");
  return 7;
}
