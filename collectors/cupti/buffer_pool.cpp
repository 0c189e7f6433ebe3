// SPDX-License-Identifier: Apache-2.0
#include "cupti/buffer_pool.hpp"

#include <cstdlib>

namespace hopsim::collect {

BufferPool::~BufferPool() {
  for (std::uint8_t* buffer : free_) {
    std::free(buffer);
  }
}

std::uint8_t* BufferPool::take() {
  const std::lock_guard lock(mutex_);
  if (++out_ > most_) {
    ++beyond_limit_;
  }
  if (!free_.empty()) {
    std::uint8_t* buffer = free_.back();
    free_.pop_back();
    return buffer;
  }
  return static_cast<std::uint8_t*>(std::malloc(buffer_bytes_));
}

void BufferPool::give_back(std::uint8_t* buffer) {
  const std::lock_guard lock(mutex_);
  --out_;
  if (free_.size() < most_) {
    free_.push_back(buffer);
  } else {
    std::free(buffer);
  }
}

}  // namespace hopsim::collect
