// SPDX-License-Identifier: Apache-2.0
// What a results file rests on, and whether one in work may be gone on with.
#pragma once

#include "report/results_store.hpp"

namespace hopsim::report {

/// The texts of /provenance.
[[nodiscard]] std::vector<Evidence> evidence_in(const io::Hdf5Reader& file);

/// Throws InputError, one finding a difference, when the file is no results file or comes from another
/// program or other texts.
void check_identity(const io::Hdf5Reader& file, const std::string& path, const Identity& now);

}  // namespace hopsim::report
