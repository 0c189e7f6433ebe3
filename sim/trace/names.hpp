// SPDX-License-Identifier: Apache-2.0
// Names as small numbers: each text once, numbered in the order of first use, so that the same input gives
// the same dictionary.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hopsim::trace {

class Names {
 public:
  [[nodiscard]] std::int64_t id(std::string_view name) {
    const auto found = ids_.find(name);
    if (found != ids_.end()) {
      return found->second;
    }
    texts_.emplace_back(name);
    const auto id = static_cast<std::int64_t>(texts_.size()) - 1;
    ids_.emplace(texts_.back(), id);
    return id;
  }

  [[nodiscard]] std::vector<std::string> texts() const { return {texts_.begin(), texts_.end()}; }

 private:
  std::deque<std::string> texts_;  // a deque keeps its elements where they are
  std::unordered_map<std::string_view, std::int64_t> ids_;
};

}  // namespace hopsim::trace
