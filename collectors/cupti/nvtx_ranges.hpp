// SPDX-License-Identifier: Apache-2.0
// The NVTX ranges that the calling thread has open, followed through CUPTI's NVTX callbacks. Only needed
// where a CUDA graph is captured: its kernels have no API call of their own when they run, so that the range
// that was open when a node was created is the only thing that says which layer it belongs to. Each thread
// has a stack of its own; a range with a text that can't be read (wide characters) is there without a name.
#pragma once

#include <cupti.h>

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hopsim::collect {

class NvtxRanges {
 public:
  /// The callback ids that `follow` wants to see.
  static const std::vector<CUpti_CallbackId>& callbacks();

  void follow(CUpti_CallbackId callback, const CUpti_NvtxData& data);

  /// The text of the innermost open range of this thread; empty where there is none.
  [[nodiscard]] static std::string_view innermost();

 private:
  std::string text_of(const void* attributes);

  std::mutex mutex_;
  std::unordered_map<const void*, std::string> registered_;  // nvtxDomainRegisterStringA
};

}  // namespace hopsim::collect
