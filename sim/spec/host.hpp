// SPDX-License-Identifier: Apache-2.0
// A host CPU, seen from the thread that dispatches kernels. Dispatch costs in stack files hold for speed 1,
// the host of the bitsandbytes H100 table; a host twice as fast halves them.
#pragma once

#include <string>

#include "base/provenance.hpp"
#include "io/value.hpp"

namespace hopsim::spec {

struct HostSpec {
  std::string name;
  std::string title;
  double speed = 1;  // relative to the reference host
  Source source;
};

/// Reads and checks a host profile (`hopsim: host/1`). Throws InputError.
[[nodiscard]] HostSpec load_host(const std::string& path);
/// The same from a document whose `extends:` is resolved.
[[nodiscard]] HostSpec read_host(const io::Value& document);

}  // namespace hopsim::spec
