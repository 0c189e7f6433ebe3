// SPDX-License-Identifier: Apache-2.0
// killed_after MICROSECONDS PROGRAM ARGUMENTS...: becomes the program, which a signal without a handler ends
// once it has used that much processor time. For programs that another one starts, such as the ranks of an
// MPI job.
#include <sys/time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("killed_after MICROSECONDS PROGRAM ARGUMENTS...\n", stderr);
    return 2;
  }
  const long cpu_us = std::atol(argv[1]);
  const itimerval limit{{0, 0}, {cpu_us / 1000000, cpu_us % 1000000}};
  setitimer(ITIMER_PROF, &limit, nullptr);  // outlives the exec
  execvp(argv[2], argv + 2);
  return 127;
}
