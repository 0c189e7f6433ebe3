// SPDX-License-Identifier: Apache-2.0
#include "cost/fit/profile_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cost/forms/forms.hpp"

namespace hopsim::cost::fit {

namespace {

auto heading(const ProfileText& head) -> std::string {
  return fmt::format(
      "# Written by {}; edit the tables' fit, not this file.\nhopsim: gpu/1\nname: {}\nextends: {}\n",
      head.origin, head.name, head.base);
}

auto quoted(const std::string& text) -> std::string {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  return out + "\"";
}

auto correction_text(const std::vector<spec::CorrectionTable>& tables) -> std::string {
  std::string out = "    correction:\n";
  for (const spec::CorrectionTable& table : tables) {
    out += fmt::format("      - axes: [{}]\n        knots:\n", fmt::join(table.axes, ", "));
    for (const std::vector<double>& knots : table.knots) {
      out += fmt::format("          - \"{:g}\"\n", fmt::join(knots, " "));
    }
    out += fmt::format("        permille: \"{}\"\n", fmt::join(table.permille, " "));
  }
  return out;
}

auto format_text(const spec::LinearFormat& f) -> std::string {
  return fmt::format(
      "    format: {{weight_bytes: {:g}, scale_bytes: {:g}, scale_group: {:g}, input_bytes: {:g}, "
      "output_bytes: {:g}, quantises_input: {}}}\n",
      f.weight_bytes, f.scale_bytes, f.scale_group, f.input_bytes, f.output_bytes, f.quantises_input);
}

auto family_text(const spec::KernelFamily& f) -> std::string {
  std::string out = fmt::format("    form: {}\n", f.form);
  if (!f.tensor_peak.empty()) {
    out += fmt::format("    tensor_peak: {}\n", f.tensor_peak);
  }
  if (f.format) {
    out += format_text(*f.format);
  }
  out += "    parameters:\n";
  for (const forms::Parameter& p : forms::form_of(f).parameters) {
    out += fmt::format("      {}: {:.5g}\n", p.name, f.parameter(std::string(p.name)));
  }
  if (!f.measured.empty()) {
    out += "    measured:\n";
    for (const auto& [size, range] : f.measured) {
      out += fmt::format("      {}: \"{:g} {:g}\"\n", size, range.first, range.second);
    }
  }
  if (!f.error90_permille.empty()) {
    out += fmt::format("    error90_permille: \"{}\"\n", fmt::join(f.error90_permille, " "));
  }
  out += fmt::format("    kind: {}\n    source: {}\n", to_text(f.source.kind), quoted(f.source.citation));
  if (!f.borrowed_from.empty()) {
    out += fmt::format("    borrowed_from: {}\n    transfer_error90: {:g}\n", f.borrowed_from,
                       f.transfer_error90);
  }
  if (f.rows > 0) {
    out += fmt::format("    rows: {:g}\n    median_ape: {:.4g}\n    p90_ape: {:.4g}\n", f.rows, f.median_ape,
                       f.p90_ape);
  }
  return out;
}

}  // namespace

std::string profile_text(const ProfileText& head, const std::map<std::string, spec::KernelFamily>& families,
                         bool corrections) {
  std::string out = heading(head) + "families:\n";
  for (const auto& [name, family] : families) {
    out += fmt::format("  {}:\n{}", name, family_text(family));
    if (corrections && !family.correction.empty()) {
      out += correction_text(family.correction);
    }
  }
  return out;
}

std::string corrections_text(const ProfileText& head,
                             const std::map<std::string, spec::KernelFamily>& families) {
  std::string out = heading(head) + "families:\n";
  for (const auto& [name, family] : families) {
    if (!family.correction.empty()) {
      out += fmt::format("  {}:\n{}", name, correction_text(family.correction));
    }
  }
  return out;
}

}  // namespace hopsim::cost::fit
