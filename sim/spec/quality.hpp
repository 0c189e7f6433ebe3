// SPDX-License-Identifier: Apache-2.0
// What low precision does to answers: accuracy over that of 16 bit, and CTIR (tokens decoded over those at 16
// bit), as measured rows (`hopsim: quality/1`) by model size, method and benchmark, each with its citation. A
// CTIR is stated with the output cap of its measurement, without which it can't be carried over.
//
// Rules. Rows of the chain's benchmark are taken; where there are none, those over several ("mean of ..."),
// whose scatter is smaller, or else all rows, marked as another benchmark's. Rows of one size (several
// methods) enter as their geometric mean. Between two measured sizes the logarithm of the value is linear in
// that of the parameters; outside, the nearest size is taken and marked as extrapolated (sizes are nominal:
// 15 % over the end is inside). Without rows the accuracy is unknown and the CTIR is 1, and that is said.
// Accuracy compounds: in a chain of which every hop is a reasoning step of the benchmark, a row whose answers
// took s steps counts as its s-th root a hop. A row without steps holds for a whole answer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/provenance.hpp"

namespace hopsim::spec {

struct ChainSpec;
class ParsedFiles;

struct QualityRow {
  double params = 0;
  std::string model, method, benchmark;
  double value = 1;
  double steps = 0;           // reasoning steps of the benchmark's answers; 0: not known
  int output_cap_tokens = 0;  // of a CTIR; 0: the source does not state it
  Source source;
};

struct QualityTable {
  std::string name, title, path;
  std::vector<QualityRow> accuracy, token_inflation;
};

/// What a stack states: a value of its own wins over the table's.
struct StackQuality {
  std::optional<double> accuracy_ratio;   // over 16 bit
  std::optional<double> token_inflation;  // CTIR
  Source source;                          // of these two
  QualityTable table;                     // without rows: none
  bool borrowed = false;                  // the table is that of another method or format
};

/// A value looked up, and what it rests on.
struct QualityValue {
  std::optional<double> value;
  bool extrapolated = false;     // in model size
  bool other_benchmark = false;  // no rows of the chain's
  std::vector<const QualityRow*> rows;
};

/// Of a model of that many parameters on a chain. The quality must outlive what is given back.
[[nodiscard]] QualityValue accuracy_ratio(const StackQuality& quality, double params, const ChainSpec& chain);
[[nodiscard]] QualityValue token_inflation(const StackQuality& quality, double params,
                                           const ChainSpec& chain);

/// Where such a value comes from, in words; the kind is the weakest of its rows', and at least borrowed where
/// it is extrapolated or another benchmark's.
[[nodiscard]] Source source_of(const StackQuality& quality, const QualityValue& value);

/// Reads and checks a table. Throws InputError with all findings.
[[nodiscard]] QualityTable load_quality(const std::string& path, ParsedFiles* parsed = nullptr);

}  // namespace hopsim::spec
