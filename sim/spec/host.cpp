// SPDX-License-Identifier: Apache-2.0
#include "spec/host.hpp"

#include "io/object_reader.hpp"
#include "spec/library.hpp"
#include "spec/source_reader.hpp"

namespace hopsim::spec {

HostSpec load_host(const std::string& path) { return read_host(load_extended(path)); }

HostSpec read_host(const io::Value& document) {
  Findings findings;
  io::ObjectReader reader(document, findings);
  io::check_header(reader, "host");
  HostSpec out;
  out.name = reader.text("name");
  out.title = reader.text("title");
  out.speed = reader.number("speed", {0.01, 100});
  out.source = read_source(reader);
  reader.finish();
  findings.throw_if_any();
  return out;
}

}  // namespace hopsim::spec
