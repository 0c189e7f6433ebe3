// SPDX-License-Identifier: Apache-2.0
// A provenance as every `--json` and the report's page give it.
#pragma once

#include "base/provenance.hpp"
#include "io/json.hpp"

namespace hopsim::io {

/// {"kind": "fitted", "source": "its citation"}
[[nodiscard]] inline Json source_json(const Source& source) {
  return {{"kind", to_text(source.kind)}, {"source", source.citation}};
}

}  // namespace hopsim::io
