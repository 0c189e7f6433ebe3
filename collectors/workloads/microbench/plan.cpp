// SPDX-License-Identifier: Apache-2.0
#include "microbench/plan.hpp"

#include <algorithm>
#include <array>

#include "microbench/shapes.hpp"

namespace hopsim::microbench {

namespace {

constexpr std::array<std::int64_t, 9> kTokens = {1, 2, 4, 8, 16, 32, 64, 128, 256};

// Decode at batch 1, 8 and 32 is what end-to-end tables report.
bool main_batch(std::int64_t m) { return m == 1 || m == 8 || m == 32; }

void add_products(std::vector<Item>& items) {
  for (const LayerShape& shape : layer_shapes()) {
    const auto add = [&](int priority, Group group, const char* kernel, const char* dtype, std::int64_t m) {
      items.push_back({group, priority, kernel, dtype, m, shape.n, shape.k, "hbm", shape.uses});
    };
    for (const std::int64_t m : kTokens) {
      add(main_batch(m) ? 0 : 5, Group::kGemm, "cublaslt", "bfloat16", m);
      add(main_batch(m) ? 1 : 8, Group::kGemm, "cublas", "bfloat16", m);
      add(main_batch(m) ? 3 : 6, Group::kGemm, "cublaslt", "fp8", m);
      add(main_batch(m) ? 4 : 7, Group::kGemm, "cublaslt", "int8", m);
    }
    add(2, Group::kGemv, "own_nf4_gemv", "nf4", 1);
    add(2, Group::kGemv, "own_int8_gemv", "int8_wo", 1);
  }
}

void add_small(std::vector<Item>& items) {
  const auto add = [&](int priority, const char* kernel, std::int64_t rows, std::int64_t columns,
                       const char* residency) {
    items.push_back({Group::kSmall, priority, kernel, "bfloat16", rows, columns, 0, residency, ""});
  };
  for (const std::int64_t elements : dequant_sizes()) {
    add(1, "dequant_nf4", 1, elements, "hbm");
    add(1, "dequant_int8", 1, elements, "hbm");
  }
  for (const std::int64_t columns : {1024, 2048, 2560, 4096, 5120, 8192}) {
    for (const std::int64_t rows : {1, 8, 32, 256}) {
      add(main_batch(rows) ? 2 : 5, "add", rows, columns, "l2");
      add(main_batch(rows) ? 2 : 5, "rmsnorm", rows, columns, "l2");
      add(main_batch(rows) ? 3 : 5, "quant_int8", rows, columns, "l2");
    }
  }
  for (const std::int64_t columns : {3072, 6144, 9728, 12288, 14336, 17408, 25600, 28672}) {
    for (const std::int64_t rows : {1, 8, 32, 256})
      add(main_batch(rows) ? 2 : 5, "silu_mul", rows, columns, "l2");
  }
  for (const std::int64_t rows : {1024, 4096, 16384}) {
    for (const char* kernel : {"add", "rmsnorm", "quant_int8", "silu_mul"}) add(3, kernel, rows, 8192, "hbm");
  }
  for (std::int64_t bytes = 64 << 10; bytes <= std::int64_t{2} << 30; bytes *= 4) {
    for (const char* kernel : {"copy", "read", "write", "memcpy"}) add(1, kernel, 1, bytes, "hbm");
    if (bytes <= 4 << 20) {
      for (const char* kernel : {"copy", "read", "write"}) add(3, kernel, 1, bytes, "l2");
    }
  }
  for (const char* kernel : {"copy", "read", "write", "memcpy"})
    add(1, kernel, 1, std::int64_t{2} << 30, "hbm");
}

void add_launch(std::vector<Item>& items) {
  const auto add = [&](const char* name, std::int64_t count) {
    items.push_back({Group::kLaunch, 1, name, "", count, 0, 0, "", ""});
  };
  for (const char* name : {"empty_stream", "empty_stream_256b"}) add(name, 1000);
  for (const char* name :
       {"launch_seen_by_host", "launch_and_stream_sync", "launch_and_event_sync", "idle_stream_sync",
        "idle_device_sync", "read_back_4b_pageable", "read_back_4b_pinned", "event_pair"}) {
    add(name, 1);
  }
  for (const std::int64_t nodes : {1, 10, 100, 1000}) {
    add("graph_launch", nodes);
    add("graph_launch_and_sync", nodes);
    add("graph_instantiate", nodes);
  }
}

}  // namespace

const char* group_name(Group group) {
  constexpr std::array<const char*, 4> kNames = {"gemm", "gemv", "small", "launch"};
  return kNames[static_cast<std::size_t>(group)];
}

std::vector<Item> all_items() {
  std::vector<Item> items;
  add_products(items);
  add_small(items);
  add_launch(items);
  std::stable_sort(items.begin(), items.end(),
                   [](const Item& a, const Item& b) { return a.priority < b.priority; });
  return items;
}

std::int64_t weight_bytes(const Item& item) {
  const std::int64_t elements = item.n * item.k;
  if (item.dtype == "bfloat16") return 2 * elements;
  return item.dtype == "nf4" ? elements / 2 : elements;
}

double estimated_seconds(const Item& item, double hbm_bytes_per_s) {
  constexpr double kSetUp = 0.012,
                   kLaunches = 10 * 2 * 4.0;  // repeats, launches a repeat at least, graph and warm-up
  if (item.group == Group::kLaunch) return 0.05;
  const double bytes =
      static_cast<double>(item.group == Group::kSmall ? 4 * item.m * item.n : weight_bytes(item));
  return kSetUp + std::max(0.03, kLaunches * bytes / hbm_bytes_per_s);
}

}  // namespace hopsim::microbench
