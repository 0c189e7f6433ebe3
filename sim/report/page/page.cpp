// SPDX-License-Identifier: Apache-2.0
#include "report/page/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "base/errors.hpp"
#include "report/page/assets.hpp"
#include "report/page/grounds.hpp"
#include "report/page/page_data.hpp"
#include "report/page/stored_plan.hpp"
#include "report/page/waterfalls.hpp"

namespace hopsim::report {

namespace {

using io::Json;

constexpr std::size_t kMostPagePoints = 32'000;

// The comment that an experiment begins with: what it asks.
auto leading_comment(const std::string& text) -> std::string {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line) && line.starts_with('#');) {
    line.erase(0, line.starts_with("# ") ? 2 : 1);
    if (!line.starts_with("SPDX-")) {
      out += (out.empty() ? "" : " ") + line;
    }
  }
  return out;
}

auto files_json(const Identity& identity) -> Json {
  Json out = Json::array();
  for (const Evidence& item : identity.evidence) {
    out.push_back({{"name", item.name}, {"sha256", item.sha256}});
  }
  return out;
}

// All but views and cells. Where the stored texts make no plan any more, the page says why instead of showing
// what rests on them.
auto head_json(const Results& results, const Identity& identity) -> Json {
  Json out = {{"experiment", results.experiment},
              {"title", results.title},
              {"asks", identity.evidence.empty() ? "" : leading_comment(identity.evidence.front().text)},
              {"complete", results.complete},
              {"points", results.points.size()},
              {"hopsim_version", identity.version},
              {"git_revision", identity.git_revision},
              {"files", files_json(identity)},
              {"grounds", nullptr},
              {"grounds_missing", ""},
              {"waterfalls", Json::array()}};
  try {
    const StoredPlan stored(identity.evidence);
    out["grounds"] = grounds_json(stored.plan());
    out["waterfalls"] = waterfalls_json(results, stored.plan());
  } catch (const InputError& e) {
    out["grounds_missing"] = e.what();
  }
  return out;
}

void replace(std::string& text, const std::string& mark, std::string_view with) {
  const std::size_t at = text.find(mark);
  HOPSIM_CHECK(at != std::string::npos, "the page's template lacks a mark");
  text.replace(at, mark.size(), with);
}

auto filled(const Results& results, const Json& data) -> std::string {
  std::string out(assets::kTemplate);
  const std::string name = results.title.empty() ? results.experiment : results.title;
  // Data last: what stands in them is no mark.
  replace(out, "@STYLE@", assets::kStyle);
  replace(out, "@D3_LICENCE@", assets::kD3Licence);
  replace(out, "@D3@", assets::kD3);
  replace(out, "@SCRIPT@", assets::kScript);
  const std::string block = script_safe(data);
  replace(out, "@DATA@", block);
  replace(out, "@TITLE@", html_escaped(name));
  return out;
}

}  // namespace

std::string script_safe(const io::Json& document) {
  const std::string text = document.dump(-1, ' ', true, Json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '<' || c == '>' || c == '&') {
      out += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string html_escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string page_html(const Results& results, const std::string& path) {
  const std::size_t all = map_views(results).size();
  Json head = head_json(results, read_identity(path));
  std::string out;
  for (std::size_t most = kMostPagePoints;; most /= 2) {
    const std::vector<MapView> views = page_views(results, most);
    Json data = head;
    data.update(page_data(results, views));
    data["views_left_out"] = all - views.size();
    out = filled(results, data);
    if (out.size() < kMostPageBytes || views.size() == 1) {
      return out;
    }
  }
}

}  // namespace hopsim::report
