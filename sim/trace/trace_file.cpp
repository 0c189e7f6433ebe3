// SPDX-License-Identifier: Apache-2.0
#include "trace/trace_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/errors.hpp"
#include "io/hdf5.hpp"
#include "trace/schema.hpp"

namespace hopsim::trace {

namespace {

template <class R>
void write_group(io::Hdf5Writer& file, const std::string& group, const std::vector<R>& rows,
                 const std::vector<Column<R>>& columns) {
  std::vector<std::int64_t> values(rows.size());
  for (const Column<R>& column : columns) {
    std::transform(rows.begin(), rows.end(), values.begin(), column.get);
    file.column(group, column.name, values, {column.units, column.long_name});
  }
}

// Sizes of what ids may point into.
struct Limits {
  std::int64_t names = 0, ranges = 0, kernels = 0;
  std::string version;  // of the file

  [[nodiscard]] std::int64_t of(Target target, std::int64_t otherwise) const {
    switch (target) {
      case Target::kNothing:
        return otherwise;
      case Target::kNames:
        return names - 1;
      case Target::kRanges:
        return ranges - 1;
      case Target::kKernels:
        return kernels - 1;
    }
    throw InternalError("unknown target of an id");
  }
};

template <class R>
std::vector<R> read_group(const io::Hdf5Reader& file, const std::string& path, const std::string& group,
                          const std::vector<Column<R>>& columns, const Limits& limits) {
  std::vector<R> rows(file.check_group(group));
  for (const Column<R>& column : columns) {
    if (limits.version < column.since) {
      continue;
    }
    const std::vector<std::int64_t> values = file.integers(group, column.name);
    const std::int64_t high = limits.of(column.target, column.high);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (values[i] < column.low || values[i] > high) {
        throw InputError(Location{path},
                         fmt::format("dataset {}/{} row {} holds {}", group, column.name, i, values[i]),
                         fmt::format("allowed: {} to {}", column.low, high));
      }
      column.set(rows[i], values[i]);
    }
  }
  return rows;
}

void write_dictionaries(io::Hdf5Writer& file, const Trace& trace) {
  file.column("/names", "name", trace.names, {"1", "names of kernels, calls, ranges and number formats"});
  std::vector<std::string> classes;
  for (const std::string_view name : kKernelClassNames) {
    classes.emplace_back(name);
  }
  file.column("/classes", "name", classes, {"1", "kernel classes"});
  std::vector<std::int64_t> id, sms, memory;
  std::vector<std::string> name, uuid;
  for (const Device& device : trace.devices) {
    id.push_back(device.id);
    name.push_back(device.name);
    uuid.push_back(device.uuid);
    sms.push_back(device.sms);
    memory.push_back(device.memory_bytes);
  }
  file.column("/devices", "id", id, {"1", "device id"});
  file.column("/devices", "name", name, {"1", "product name"});
  file.column("/devices", "uuid", uuid, {"1", "unique id, empty where unknown"});
  file.column("/devices", "sms", sms, {"1", "multiprocessors, 0 where unknown"});
  file.column("/devices", "memory_bytes", memory, {"byte", "device memory, 0 where unknown"});
}

void write_quality(io::Hdf5Writer& file, const Trace& trace) {
  std::vector<std::string> name, severity, help;
  std::vector<std::int64_t> count;
  for (const QualityCount& q : trace.quality) {
    name.push_back(q.name);
    severity.push_back(q.severity);
    count.push_back(q.count);
    help.push_back(q.help);
  }
  file.column("/quality", "name", name, {"1", "what could not be used or had to be repaired"});
  file.column("/quality", "severity", severity, {"1", "info, loss or error"});
  file.column("/quality", "count", count, {"1", "records"});
  file.column("/quality", "help", help, {"1", "what it means"});
}

void read_dictionaries(const io::Hdf5Reader& file, const std::string& path, Trace& trace) {
  static_cast<void>(file.check_group("/names"));
  trace.names = file.texts("/names", "name");
  trace.devices.resize(file.check_group("/devices"));
  const auto id = file.integers("/devices", "id"), sms = file.integers("/devices", "sms"),
             memory = file.integers("/devices", "memory_bytes");
  const auto name = file.texts("/devices", "name"), uuid = file.texts("/devices", "uuid");
  for (std::size_t i = 0; i < trace.devices.size(); ++i) {
    trace.devices[i] = {id[i], name[i], uuid[i], sms[i], memory[i]};
  }
  trace.quality.resize(file.check_group("/quality"));
  const auto what = file.texts("/quality", "name"), severity = file.texts("/quality", "severity"),
             help = file.texts("/quality", "help");
  const auto count = file.integers("/quality", "count");
  for (std::size_t i = 0; i < trace.quality.size(); ++i) {
    if (count[i] < 0) {
      throw InputError(Location{path}, fmt::format("dataset /quality/count row {} holds {}", i, count[i]),
                       "allowed: 0 and more");
    }
    trace.quality[i] = {what[i], severity[i], count[i], help[i]};
  }
}

// Class numbers are those of the file's own dictionary, so that a later version may add classes.
void translate_classes(const io::Hdf5Reader& file, const std::string& path, Trace& trace) {
  static_cast<void>(file.check_group("/classes"));
  std::vector<KernelClass> known;
  for (const std::string& name : file.texts("/classes", "name")) {
    known.push_back(kernel_class_from(name).value_or(KernelClass::kOther));
  }
  for (std::size_t i = 0; i < trace.kernels.size(); ++i) {
    const auto number = static_cast<std::size_t>(trace.kernels[i].cls);
    if (number >= known.size()) {
      throw InputError(Location{path}, fmt::format("dataset /kernels/class row {} holds {}", i, number),
                       fmt::format("allowed: 0 to {}", static_cast<std::int64_t>(known.size()) - 1));
    }
    trace.kernels[i].cls = known[number];
  }
}

void check_format(const io::Hdf5Reader& file, const std::string& path) {
  const std::string format = file.find_text_attribute("format").value_or("");
  if (format != kTraceFormat) {
    throw InputError(Location{path},
                     format.empty() ? "is an HDF5 file, but no trace (attribute format is missing)"
                                    : fmt::format("is a file of format '{}'", format),
                     fmt::format("needed here: {} (made by hopsim import)", kTraceFormat));
  }
  const std::string version = file.text_attribute("version");
  const auto major = [](const std::string& text) { return text.substr(0, text.find('.')); };
  if (major(version) != major(kTraceVersion)) {
    throw InputError(Location{path}, fmt::format("is a trace of version {}", version),
                     fmt::format("readable: version {}.x; import it again", major(kTraceVersion)));
  }
}

}  // namespace

void write_trace(const Trace& trace, const std::string& path) {
  io::Hdf5Writer file(path);
  file.attribute("format", std::string(kTraceFormat));
  file.attribute("version", std::string(kTraceVersion));
  for (const auto& [name, value] : trace.attributes) {
    file.attribute(name, value);
  }
  write_group(file, "/kernels", trace.kernels, kernel_columns());
  write_group(file, "/launches", trace.calls, launch_columns());
  write_group(file, "/memory_ops", trace.memory_ops, memory_columns());
  write_group(file, "/syncs", trace.syncs, sync_columns());
  write_group(file, "/ranges", trace.ranges, range_columns());
  write_group(file, "/power", trace.power, power_columns());
  write_group(file, "/overhead", trace.overhead, overhead_columns());
  write_group(file, "/shapes", trace.shapes, shape_columns());
  write_dictionaries(file, trace);
  write_quality(file, trace);
  file.commit();
}

Trace read_trace(const std::string& path) {
  const io::Hdf5Reader file(path);
  check_format(file, path);
  Trace out;
  for (auto& [name, value] : file.text_attributes()) {
    if (name != "format" && name != "version") {
      out.attributes.emplace_back(name, value);
    }
  }
  read_dictionaries(file, path, out);
  Limits limits;
  limits.version = file.text_attribute("version");
  limits.names = static_cast<std::int64_t>(out.names.size());
  limits.ranges = static_cast<std::int64_t>(file.check_group("/ranges"));
  limits.kernels = static_cast<std::int64_t>(file.check_group("/kernels"));
  out.kernels = read_group(file, path, "/kernels", kernel_columns(), limits);
  translate_classes(file, path, out);
  out.calls = read_group(file, path, "/launches", launch_columns(), limits);
  out.memory_ops = read_group(file, path, "/memory_ops", memory_columns(), limits);
  out.syncs = read_group(file, path, "/syncs", sync_columns(), limits);
  out.ranges = read_group(file, path, "/ranges", range_columns(), limits);
  out.power = read_group(file, path, "/power", power_columns(), limits);
  out.overhead = read_group(file, path, "/overhead", overhead_columns(), limits);
  out.shapes = read_group(file, path, "/shapes", shape_columns(), limits);
  return out;
}

}  // namespace hopsim::trace
