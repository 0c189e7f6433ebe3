// SPDX-License-Identifier: Apache-2.0
// One importer on arbitrary bytes: HOPSIM_FUZZ_READER names it. Whatever the bytes are, the importer returns
// a trace that can be summarised, or throws InputError; anything else is a finding. Importers read files, so
// each input becomes one.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>

#include "base/errors.hpp"
#include "trace/critical_path.hpp"
#include "trace/draft.hpp"
#include "trace/import/kineto/kineto_import.hpp"
#include "trace/import/nsys/nsys_import.hpp"
#include "trace/kernel_table.hpp"
#include "trace/statistics.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hopsim;  // NOLINT: a fuzz target is one function
  static const std::string path = "/tmp/hopsim-fuzz-" + std::to_string(getpid());
  static const trace::KernelClasses classes({});
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  try {
    const trace::Trace trace = trace::finish(trace::HOPSIM_FUZZ_READER(path), classes);
    if (trace::summarise(trace).span_s < 0 || trace::critical_path(trace).host_s < 0 ||
        trace::kernel_table_csv(trace).empty()) {
      std::abort();
    }
  } catch (const InputError&) {
    return 0;
  }
  return 0;
}
