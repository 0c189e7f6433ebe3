// SPDX-License-Identifier: Apache-2.0
#include "trace/kernel_table.hpp"

#include <fmt/format.h>

#include <map>
#include <tuple>

#include "io/csv.hpp"
#include "trace/statistics.hpp"

namespace hopsim::trace {

namespace {

// One operator: its longest kernel and the time of all.
struct Product {
  const Shape* shape = nullptr;
  std::int64_t total_ns = 0, longest_ns = -1, name_id = 0;
};

}  // namespace

std::string kernel_table_csv(const Trace& trace) {
  std::map<std::int64_t, Product> products;  // by range
  for (const Shape& shape : trace.shapes) {
    const Kernel& kernel = trace.kernels[static_cast<std::size_t>(shape.kernel)];
    Product& product = products[shape.range_id];
    product.shape = &shape;
    product.total_ns += kernel.duration_ns;
    if (kernel.duration_ns > product.longest_ns) {
      product.longest_ns = kernel.duration_ns;
      product.name_id = kernel.name_id;
    }
  }
  using Key = std::tuple<std::string, std::string, std::int64_t, std::int64_t, std::int64_t, std::int64_t>;
  std::map<Key, std::vector<std::int64_t>> rows;
  const auto name = [&](std::int64_t id) { return trace.names[static_cast<std::size_t>(id)]; };
  for (const auto& [ignored, p] : products) {
    rows[{name(p.name_id), name(p.shape->dtype_id), p.shape->m, p.shape->n, p.shape->k, p.shape->batch}]
        .push_back(p.total_ns);
  }
  io::CsvTable table(
      {"framework", "version", "kernel", "dtype", "m", "n", "k", "latency_us", "batch", "count", "p90_us"});
  const std::string framework = attribute(trace, "source_format") == "kineto-json" ? "pytorch" : "unknown";
  for (auto& [key, times] : rows) {
    const auto& [kernel, dtype, m, n, k, batch] = key;
    const Distribution d = distribution(std::move(times));
    table.add({framework, "unknown", kernel, dtype, std::to_string(m), std::to_string(n), std::to_string(k),
               fmt::format("{:.3f}", d.median_us), std::to_string(batch), std::to_string(d.n),
               fmt::format("{:.3f}", d.p90_us)});
  }
  return table.text();
}

}  // namespace hopsim::trace
