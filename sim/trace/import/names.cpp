// SPDX-License-Identifier: Apache-2.0
#include "trace/import/names.hpp"

#include <algorithm>
#include <charconv>

namespace hopsim::trace {

std::string api_name(std::string name) {
  for (const std::string_view suffix : {"_ptsz", "_ptds"}) {
    if (name.ends_with(suffix)) {
      name.resize(name.size() - suffix.size());
    }
  }
  const std::size_t version = name.rfind("_v");
  if (version != std::string::npos && version + 2 < name.size() &&
      name.find_first_not_of("0123456789", version + 2) == std::string::npos) {
    name.resize(version);
  }
  return name;
}

MemoryKind copy_kind(std::int64_t code) {
  switch (code) {
    case 1:
      return MemoryKind::kCopyHtoD;
    case 2:
      return MemoryKind::kCopyDtoH;
    case 8:
      return MemoryKind::kCopyDtoD;
    case 9:
      return MemoryKind::kCopyHtoH;
    case 10:
      return MemoryKind::kCopyPtoP;
    default:
      return MemoryKind::kCopyOther;
  }
}

std::vector<std::vector<std::int64_t>> parse_sizes(std::string_view text) {
  std::vector<std::vector<std::int64_t>> out;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[' && ++depth == 2) {
      out.emplace_back();
    } else if (text[i] == ']' && --depth == 0) {
      break;
    } else if (depth == 2 && text[i] >= '0' && text[i] <= '9') {
      std::int64_t value = 0;
      const auto [end, error] = std::from_chars(text.data() + i, text.data() + text.size(), value);
      out.back().push_back(error == std::errc{} ? value : 0);
      i = static_cast<std::size_t>(end - text.data()) - 1;
    }
  }
  return out;
}

void add_nvtx_range(Draft& draft, std::int64_t start_ns, std::int64_t end_ns, std::int64_t thread,
                    const std::string& text) {
  const std::size_t sizes = text.find(", sizes = ");
  const std::size_t cut = std::min({text.find(", op_id = "), text.find(", seq = "), sizes, text.size()});
  const std::string name = text.substr(0, cut);
  draft.trace.ranges.push_back({start_ns, end_ns - start_ns, draft.names.id(name), thread, kNone,
                                cut < text.size() ? RangeKind::kOperator : RangeKind::kNvtx});
  draft.range_shape.push_back(kNone);
  if (sizes != std::string::npos) {
    if (const auto shape = gemm_shape(name, parse_sizes(std::string_view(text).substr(sizes)))) {
      draft.range_shape.back() = static_cast<std::int64_t>(draft.operator_shapes.size());
      draft.operator_shapes.push_back({*shape, ""});
    }
  }
}

}  // namespace hopsim::trace
