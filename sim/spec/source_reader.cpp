// SPDX-License-Identifier: Apache-2.0
#include "spec/source_reader.hpp"

namespace hopsim::spec {

Source read_source(io::ObjectReader& reader) {
  static const std::vector<std::string> kKinds = {"measured", "fitted", "spec", "borrowed", "assumed"};
  Source out;
  out.kind = static_cast<Provenance>(reader.choice("kind", kKinds));
  out.citation = reader.text("source");
  return out;
}

}  // namespace hopsim::spec
