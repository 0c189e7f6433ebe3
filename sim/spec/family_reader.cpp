// SPDX-License-Identifier: Apache-2.0
#include "spec/family_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "spec/source_reader.hpp"

namespace hopsim::spec {

namespace {

constexpr std::size_t kMostAxes = 4;
constexpr std::size_t kMostCells = 100'000;

// "1 -2 3" in one pass; nothing where a word is no such number.
template <class Number>
auto parse_list(const std::string& text) -> std::optional<std::vector<Number>> {
  std::vector<Number> out;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    if (*at == ' ') {
      ++at;
      continue;
    }
    Number x{};
    const auto [next, error] = std::from_chars(at, end, x);
    if (error != std::errc{} || (next < end && *next != ' ')) {
      return std::nullopt;
    }
    out.push_back(x);
    at = next;
  }
  return out;
}

auto read_permille(io::ObjectReader& reader, const char* key) -> std::vector<int> {
  const auto list = parse_list<int>(reader.text(key));
  if (!list) {
    reader.complain(key, fmt::format("{} must be whole numbers with a space between", key));
    return {};
  }
  if (std::any_of(list->begin(), list->end(), [](int x) { return x < -5000 || x > 5000; })) {
    reader.complain(key, fmt::format("{} is out of range", key), "allowed: [-5000, 5000]");
    return {};
  }
  return *list;
}

auto read_correction(const io::Value& value, Findings& findings) -> std::optional<CorrectionTable> {
  io::ObjectReader reader(value, findings);
  CorrectionTable out;
  out.at = value.at;
  out.axes = reader.texts("axes");
  std::size_t cells = 1;
  for (const std::string& line : reader.texts("knots")) {
    const auto knots = parse_list<double>(line);
    const bool rising =
        knots && knots->size() > 1 && knots->front() > 0 &&
        std::adjacent_find(knots->begin(), knots->end(), std::greater_equal<>()) == knots->end();
    if (!rising) {
      reader.complain("knots", fmt::format("'{}' is no list of rising numbers > 0", line), "at least two");
      return std::nullopt;
    }
    out.knots.push_back(*knots);
    cells = std::min(kMostCells + 1, cells * knots->size());
  }
  out.permille = read_permille(reader, "permille");
  reader.finish();
  if (out.axes.empty() || out.axes.size() > kMostAxes || out.axes.size() != out.knots.size()) {
    reader.complain("axes", "a correction needs one list of knots an axis", "1 to 4 axes");
    return std::nullopt;
  }
  if (cells > kMostCells || out.permille.size() != cells) {
    reader.complain("permille", fmt::format("{} values for {} knots", out.permille.size(), cells),
                    "the product of the numbers of knots");
    return std::nullopt;
  }
  return out;
}

auto read_ranges(const io::Value& value, Findings& findings)
    -> std::map<std::string, std::pair<double, double>> {
  io::ObjectReader reader(value, findings);
  std::map<std::string, std::pair<double, double>> out;
  for (const io::Entry& entry : value.fields) {
    const auto range = parse_list<double>(reader.text(entry.key));
    if (!range || range->size() != 2 || (*range)[0] <= 0 || (*range)[1] < (*range)[0]) {
      reader.complain(entry.key, fmt::format("{} must be two rising numbers > 0", entry.key), "from to");
      continue;
    }
    out[entry.key] = {(*range)[0], (*range)[1]};
  }
  return out;
}

auto read_free(const io::Value& value, const KernelFamily& family, Findings& findings)
    -> std::map<std::string, std::pair<double, double>> {
  std::vector<std::string> known;
  for (const auto& [name, ignored] : family.parameters) {
    known.push_back(name);
  }
  for (const io::Entry& entry : value.fields) {
    if (!family.parameters.contains(entry.key)) {
      findings.add(entry.at, fmt::format("this family has no parameter '{}'", entry.key),
                   suggestion(entry.key, known));
    }
  }
  return read_ranges(value, findings);
}

void check_tensor_peak(io::ObjectReader& reader, const std::string& peak, const GpuSpec& gpu) {
  if (peak.empty() || gpu.peak_tflops.contains(peak)) {
    return;
  }
  std::vector<std::string> known;
  for (const auto& [format, ignored] : gpu.peak_tflops) {
    known.push_back(format);
  }
  reader.complain("tensor_peak", fmt::format("this GPU has no tensor peak '{}'", peak),
                  suggestion(peak, known));
}

}  // namespace

LinearFormat read_linear_format(io::ObjectReader& reader) {
  constexpr io::Range kBytes{0, 8};
  LinearFormat out;
  out.weight_bytes = reader.number("weight_bytes", {0, 8, true});
  out.scale_bytes = reader.number("scale_bytes", kBytes);
  out.scale_group = reader.number("scale_group", {0, 1e9});
  out.input_bytes = reader.number("input_bytes", kBytes);
  out.output_bytes = reader.number("output_bytes", kBytes);
  out.quantises_input = reader.flag("quantises_input");
  return out;
}

KernelFamily read_family(const io::Value& value, const GpuSpec& gpu, Findings& findings) {
  io::ObjectReader reader(value, findings);
  KernelFamily out;
  out.at = value.at;
  out.form = reader.text("form");
  out.tensor_peak = reader.optional_text("tensor_peak").value_or("");
  check_tensor_peak(reader, out.tensor_peak, gpu);
  const io::Value& parameters = reader.child("parameters");
  for (const io::Entry& entry : parameters.fields) {
    out.parameters[entry.key] = {io::number_in(entry.value, entry.key, {-1e18, 1e18}, findings),
                                 entry.value.at};
  }
  if (const io::Value* format = reader.optional_child("format")) {
    io::ObjectReader format_reader(*format, findings);
    out.format = read_linear_format(format_reader);
    format_reader.finish();
  }
  if (const io::Value* correction = reader.optional_child("correction")) {
    if (correction->kind != io::Value::Kind::kSequence) {
      reader.complain("correction", "correction must be a list of surfaces", "- {axes, knots, permille}");
    }
    for (const io::Value& surface : correction->items) {
      if (auto table = read_correction(surface, findings)) {
        out.correction.push_back(std::move(*table));
      }
    }
  }
  if (const io::Value* measured = reader.optional_child("measured")) {
    out.measured = read_ranges(*measured, findings);
  }
  if (const io::Value* free = reader.optional_child("free")) {
    out.free = read_free(*free, out, findings);
  }
  if (reader.has("error90_permille")) {
    out.error90_permille = read_permille(reader, "error90_permille");
  }
  out.borrowed_from = reader.optional_text("borrowed_from").value_or("");
  out.transfer_error90 = reader.optional_number("transfer_error90", {0, 10}).value_or(0);
  out.rows = reader.optional_number("rows", io::kNonNegative).value_or(0);
  out.median_ape = reader.optional_number("median_ape", io::kNonNegative).value_or(0);
  out.p90_ape = reader.optional_number("p90_ape", io::kNonNegative).value_or(0);
  out.source = read_source(reader);
  reader.finish();
  return out;
}

}  // namespace hopsim::spec
