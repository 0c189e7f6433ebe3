// SPDX-License-Identifier: Apache-2.0
#include "trace/import/spool/cupti_codes.hpp"

#include <cxxabi.h>
#include <fmt/format.h>

#include <cstdlib>
#include <memory>

#include "trace/import/names.hpp"

namespace hopsim::trace::spool_import {

namespace {
constexpr std::size_t kLongestMangled = 16384;
}

std::string demangled(const std::string& name) {
  if (!name.starts_with("_Z") || name.size() > kLongestMangled) {
    return name;
  }
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), &std::free);
  return status == 0 && text ? text.get() : name;
}

std::string uuid_text(const std::array<std::uint8_t, 16>& uuid) {
  if (uuid == std::array<std::uint8_t, 16>{}) {
    return "";
  }
  std::string out = "GPU-";
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    out += fmt::format("{}{:02x}", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
  }
  return out;
}

MemoryKind memory_kind(const spool::MemoryOp& op) {
  if (op.kind == spool::MemoryOpKind::kSet) {
    return MemoryKind::kSet;
  }
  const MemoryKind copy = copy_kind(op.copy_kind);
  return copy == MemoryKind::kCopyOther && op.kind == spool::MemoryOpKind::kPeerCopy ? MemoryKind::kCopyPtoP
                                                                                     : copy;
}

std::string overhead_name(std::uint32_t kind) {  // CUpti_ActivityOverheadKind
  static constexpr std::array kCupti = {
      "driver_compiler",     "cupti_buffer_flush",      "cupti_instrumentation",
      "cupti_resource",      "module_loading",          "lazy_function_loading",
      "command_buffer_full", "activity_buffer_request", "uvm_activity_init"};
  if (kind == 1) {
    return kCupti[0];
  }
  const std::uint32_t index = kind >> 16U;
  return index > 0 && index < kCupti.size() && (kind & 0xFFFFU) == 0 ? kCupti[index]
                                                                     : fmt::format("overhead kind {}", kind);
}

}  // namespace hopsim::trace::spool_import
