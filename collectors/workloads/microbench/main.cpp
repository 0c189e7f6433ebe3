// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>

#include "microbench/options.hpp"
#include "microbench/plan.hpp"
#include "microbench/power_classes.hpp"
#include "microbench/session.hpp"

namespace {

namespace mb = hopsim::microbench;

void print_list(const mb::Options& options) {
  std::printf("part,priority,kernel,dtype,m,n,k,residency,uses\n");
  for (const mb::Item& item : mb::all_items()) {
    if (options.parts.count(mb::group_name(item.group)) == 0) continue;
    std::printf("%s,%d,%s,%s,%lld,%lld,%lld,%s,%s\n", mb::group_name(item.group), item.priority,
                item.kernel.c_str(), item.dtype.c_str(), static_cast<long long>(item.m),
                static_cast<long long>(item.n), static_cast<long long>(item.k), item.residency.c_str(),
                item.uses.c_str());
  }
  if (options.parts.count("power") == 0) return;
  for (const mb::PowerClass& load : mb::power_classes()) std::printf("power,9,%s,,,,,,\n", load.name.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const mb::Options options = mb::parse_options({argv + 1, argv + argc});
    if (options.help) {
      std::fputs(mb::usage(), stdout);
      return 0;
    }
    if (options.list) {
      print_list(options);
      return 0;
    }
    return mb::run_session(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 2;
  }
}
