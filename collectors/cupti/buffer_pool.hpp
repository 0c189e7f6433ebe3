// SPDX-License-Identifier: Apache-2.0
// The buffers that CUPTI fills, reused. CUPTI may crash when a request is answered with no buffer, so the cap
// does not refuse: it raises a flag, and the owner switches collection off. Callable from any thread; calls
// nothing of CUPTI, because CUPTI calls it with locks of its own held.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace hopsim::collect {

class BufferPool {
 public:
  BufferPool(std::size_t buffer_bytes, std::size_t most) : buffer_bytes_(buffer_bytes), most_(most) {}
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  /// A buffer aligned to 8 bytes and more; null only when the machine is out of memory.
  [[nodiscard]] std::uint8_t* take();
  void give_back(std::uint8_t* buffer);

  [[nodiscard]] std::size_t buffer_bytes() const { return buffer_bytes_; }
  /// How many buffers were given out while as many as allowed were out already.
  [[nodiscard]] std::uint64_t beyond_limit() const { return beyond_limit_.load(); }

 private:
  const std::size_t buffer_bytes_, most_;
  std::mutex mutex_;
  std::size_t out_ = 0;
  std::vector<std::uint8_t*> free_;
  std::atomic<std::uint64_t> beyond_limit_ = 0;
};

}  // namespace hopsim::collect
