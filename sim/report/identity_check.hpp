// SPDX-License-Identifier: Apache-2.0
// Whether a results file in work may be gone on with.
#pragma once

#include "report/results_store.hpp"

namespace hopsim::report {

/// Throws InputError, one finding a difference, when the file is no results file or comes from another
/// program or other texts.
void check_identity(const io::Hdf5Reader& file, const std::string& path, const Identity& now);

}  // namespace hopsim::report
