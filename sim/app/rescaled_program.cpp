// SPDX-License-Identifier: Apache-2.0
#include "app/rescaled_program.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "replay/captured/what_if.hpp"

namespace hopsim::app {

namespace {

auto is_host_copy(trace::MemoryKind kind) -> bool {
  return kind == trace::MemoryKind::kCopyHtoD || kind == trace::MemoryKind::kCopyDtoH;
}

}  // namespace

const spec::GpuSpec& captured_gpu(const trace::Trace& trace, const std::string& name,
                                  spec::Catalog& catalog) {
  if (!name.empty()) {
    return catalog.gpu(name);
  }
  std::vector<std::string> devices;
  for (const trace::Device& device : trace.devices) {
    devices.push_back("'" + device.name + "'");
    for (const std::string& profile : catalog.library().gpus()) {
      const spec::GpuSpec& gpu = catalog.gpu(profile);
      if (std::find(gpu.device_names.begin(), gpu.device_names.end(), device.name) !=
          gpu.device_names.end()) {
        return gpu;
      }
    }
  }
  throw InputError(Location{}, "no profile names the captured GPU (" + join(devices) + ")",
                   "--from PROFILE; shipped: " + join(catalog.library().gpus()));
}

RescaledProgram rescaled(replay::captured::Program program, const trace::Trace& trace,
                         const spec::GpuSpec& from, const spec::GpuSpec& to) {
  const cost::Rescaler rescale(from, to);
  std::map<std::size_t, const trace::Shape*> shapes;
  for (const trace::Shape& shape : trace.shapes) {
    shapes[static_cast<std::size_t>(shape.kernel)] = &shape;
  }
  RescaledProgram out;
  std::vector<std::int64_t> durations;
  for (const replay::captured::Op& op : program.ops) {
    cost::CapturedOperation operation;
    operation.cls = op.cls;
    operation.seconds = static_cast<double>(op.duration_ns()) * 1e-9;
    operation.host_copy = !op.is_kernel && is_host_copy(trace.memory_ops[op.record].kind);
    const auto shape = op.is_kernel ? shapes.find(op.record) : shapes.end();
    if (shape != shapes.end()) {
      const trace::Shape& s = *shape->second;
      operation.product = {static_cast<double>(s.batch), static_cast<double>(s.m), static_cast<double>(s.n),
                           static_cast<double>(s.k), trace.names[static_cast<std::size_t>(s.dtype_id)]};
    }
    const cost::Rescaled result = rescale(operation);
    out.measured_ns[static_cast<std::size_t>(result.rule)] += op.duration_ns();
    durations.push_back(std::llround(result.seconds * 1e9));
  }
  out.program = replay::captured::with_durations(std::move(program), durations);
  return out;
}

}  // namespace hopsim::app
