// SPDX-License-Identifier: Apache-2.0
#include "cost/fit/kernel_rows.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/text.hpp"
#include "io/object_reader.hpp"

namespace hopsim::cost::fit {

namespace {

using spec::KernelOperator;

const std::vector<std::string> kLinearColumns = {"framework", "version", "kernel", "dtype", "m", "n", "k"};
const std::vector<std::string> kAttentionColumns = {"framework", "version", "kernel",   "kv_dtype", "batch",
                                                    "kv_len",    "q_heads", "kv_heads", "head_dim"};
constexpr const char* kLatency = "latency_us";  // a table without it asks for predictions
constexpr double kLargestSize = 1e8;
constexpr double kLongest_us = 1e9;
constexpr int kMostFindings = 20;

auto has_all(const io::CsvFile& csv, const std::vector<std::string>& columns) -> bool {
  for (const std::string& title : columns) {
    if (csv.column(title) == csv.header.size()) {
      return false;
    }
  }
  return true;
}

// Cells of one row by title, with findings at their line.
class RowReader {
 public:
  RowReader(const io::CsvFile& csv, Findings& findings) : csv_(csv), findings_(findings) {}

  void select(std::size_t row) {
    row_ = row;
    at_ = Location{csv_.name, csv_.lines[row], 1};
  }
  [[nodiscard]] const Location& at() const { return at_; }
  [[nodiscard]] int bad() const { return bad_; }
  [[nodiscard]] const std::string& text(const std::string& title) const {
    return csv_.rows[row_][csv_.column(title)];
  }
  [[nodiscard]] double size(const std::string& title) {
    const auto x = io::parse_number(text(title));
    if (!x || *x < 1 || *x > kLargestSize || *x != std::floor(*x)) {
      complain(title, fmt::format("a whole number from 1 to {:g}", kLargestSize));
      return 1;
    }
    return *x;
  }
  [[nodiscard]] std::optional<double> seconds() {
    if (csv_.column(kLatency) == csv_.header.size() || text(kLatency).empty()) {
      return std::nullopt;
    }
    const std::string& cell = text(kLatency);
    const auto x = io::parse_number(cell);
    if (!x || *x <= 0 || *x > kLongest_us) {
      complain(kLatency, "a positive number of microseconds, or nothing to ask for a prediction");
      return std::nullopt;
    }
    return *x * 1e-6;
  }
  [[nodiscard]] std::optional<bool> warm() {
    if (csv_.column("maybe_l2_warm") == csv_.header.size()) {
      return std::nullopt;
    }
    const std::string& cell = text("maybe_l2_warm");
    if (cell != "0" && cell != "1" && !cell.empty()) {
      complain("maybe_l2_warm", "0 or 1");
    }
    return cell.empty() ? std::nullopt : std::optional(cell == "1");
  }

 private:
  void complain(const std::string& title, const std::string& allowed) {
    findings_.add(at_, fmt::format("{} is '{}'", title, text(title)), allowed);
    ++bad_;
  }

  const io::CsvFile& csv_;
  Findings& findings_;
  std::size_t row_ = 0;
  Location at_;
  int bad_ = 0;
};

auto read_row(RowReader& reader, KernelOperator op) -> KernelRow {
  KernelRow out;
  const bool linear = op == KernelOperator::kLinear;
  out.at = reader.at();
  out.label = {reader.text("framework"), reader.text("version"), reader.text("kernel"),
               reader.text(linear ? "dtype" : "kv_dtype")};
  if (linear) {
    out.m = reader.size("m");
    out.n = reader.size("n");
    out.k = reader.size("k");
    out.warm = reader.warm();
  } else {
    out.m = reader.size("batch");
    out.kv_len = reader.size("kv_len");
    out.q_heads = reader.size("q_heads");
    out.kv_heads = reader.size("kv_heads");
    out.head_dim = reader.size("head_dim");
  }
  out.seconds = reader.seconds();
  return out;
}

}  // namespace

KernelTable kernel_table_from(io::CsvFile csv) {
  KernelTable out;
  out.csv = std::move(csv);
  if (has_all(out.csv, kLinearColumns)) {
    out.op = KernelOperator::kLinear;
  } else if (has_all(out.csv, kAttentionColumns)) {
    out.op = KernelOperator::kDecodeAttention;
  } else {
    throw InputError(
        Location{out.csv.name, 1, 1}, "no kernel table: its header is " + join(out.csv.header, ","),
        fmt::format("columns {} (linear layers) or {} (decode attention), {} where measured, and any others",
                    join(kLinearColumns, ","), join(kAttentionColumns, ","), kLatency));
  }
  Findings findings;
  RowReader reader(out.csv, findings);
  for (std::size_t i = 0; i < out.csv.rows.size() && reader.bad() < kMostFindings; ++i) {
    reader.select(i);
    out.rows.push_back(read_row(reader, out.op));
  }
  findings.throw_if_any();
  return out;
}

KernelTable read_kernel_table(const std::string& path) { return kernel_table_from(io::read_csv(path)); }

}  // namespace hopsim::cost::fit
