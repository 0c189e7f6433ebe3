// SPDX-License-Identifier: Apache-2.0
#include "report/identity_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/errors.hpp"

namespace hopsim::report {

namespace {

// "line 7: 'a' there, 'b' now" of the first line that differs.
auto first_difference(const std::string& there, const std::string& now) -> std::string {
  std::istringstream a(there);
  std::istringstream b(now);
  std::string line_a;
  std::string line_b;
  for (int line = 1;; ++line) {
    const bool more_a = static_cast<bool>(std::getline(a, line_a));
    const bool more_b = static_cast<bool>(std::getline(b, line_b));
    if (!more_a && !more_b) {
      return "only in line ends";
    }
    if (more_a != more_b || line_a != line_b) {
      return fmt::format("line {}: {} there, {} now", line, more_a ? "'" + line_a + "'" : "nothing",
                         more_b ? "'" + line_b + "'" : "nothing");
    }
  }
}

auto words(const sweep::DrawOptions& draws) -> std::string {
  return draws.draws == 0 ? "no draws" : fmt::format("{} draws of seed {}", draws.draws, draws.seed);
}

auto draws_in(const io::Hdf5Reader& file) -> sweep::DrawOptions {
  const std::int64_t draws = file.find_integer_attribute("draws").value_or(0);
  return draws == 0 ? sweep::DrawOptions{}
                    : sweep::DrawOptions{static_cast<int>(draws),
                                         static_cast<std::uint64_t>(file.integer_attribute("draw_seed"))};
}

auto named(const std::vector<Evidence>& list, const std::string& name) -> const Evidence* {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& e) { return e.name == name; });
  return found != list.end() ? &*found : nullptr;
}

}  // namespace

std::vector<Evidence> evidence_in(const io::Hdf5Reader& file) {
  const std::vector<std::string> names = file.texts("/provenance", "name");
  const std::vector<std::string> hashes = file.texts("/provenance", "sha256");
  const std::vector<std::string> texts = file.texts("/provenance", "text");
  std::vector<Evidence> out;
  for (std::size_t i = 0; i < std::min({names.size(), hashes.size(), texts.size()}); ++i) {
    out.push_back({names[i], hashes[i], texts[i]});
  }
  return out;
}

void check_identity(const io::Hdf5Reader& file, const std::string& path, const Identity& now) {
  const Location at{path};
  if (file.find_text_attribute("format") != "hopsim-results" ||
      file.integer_attribute("version") != kResultsVersion) {
    throw InputError(at, "holds no results that this hopsim can go on with",
                     "another -o, or without --resume");
  }
  Findings findings;
  const auto compare = [&](const char* attribute, const std::string& mine) {
    const std::string theirs = file.text_attribute(attribute);
    if (theirs != mine) {
      findings.add(at, fmt::format("can't be resumed: {} is '{}' there, '{}' now", attribute, theirs, mine));
    }
  };
  compare("hopsim_version", now.version);
  compare("git_revision", now.git_revision);
  compare("program_sha256", now.program_sha256);
  if (const std::string there = words(draws_in(file)), mine = words(now.draws); there != mine) {
    findings.add(at, fmt::format("can't be resumed: it has {}, not {}", there, mine));
  }
  const std::vector<Evidence> before = evidence_in(file);
  for (const Evidence& item : now.evidence) {
    const Evidence* theirs = named(before, item.name);
    if (theirs == nullptr) {
      findings.add(at, fmt::format("can't be resumed: it does not rest on {}", item.name));
    } else if (theirs->sha256 != item.sha256) {
      findings.add(at, fmt::format("can't be resumed: {} changed, {}", item.name,
                                   first_difference(theirs->text, item.text)));
    }
  }
  for (const Evidence& item : before) {
    if (named(now.evidence, item.name) == nullptr) {
      findings.add(at, fmt::format("can't be resumed: it rests on {}, which is not used now", item.name));
    }
  }
  findings.throw_if_any();
}

}  // namespace hopsim::report
