// SPDX-License-Identifier: Apache-2.0
#include "cupti/nvtx_ranges.hpp"

#include <generated_nvtx_meta.h>

#include <algorithm>

namespace hopsim::collect {

namespace {

struct OpenRange {
  const void* domain = nullptr;
  std::string text;
};

// Of the thread, because NVTX nests ranges by thread. A plain pointer, because ranges are also closed by
// static destructors, which run after those of the thread.
thread_local std::vector<OpenRange>* thread_ranges = nullptr;

struct FreeAtThreadEnd {
  ~FreeAtThreadEnd() {
    delete thread_ranges;
    thread_ranges = nullptr;
  }
};

std::vector<OpenRange>& open_ranges() {
  if (thread_ranges == nullptr) {
    thread_local FreeAtThreadEnd at_end;
    static_cast<void>(at_end);
    thread_ranges = new std::vector<OpenRange>;
  }
  return *thread_ranges;
}

void pop(const void* domain) {
  std::vector<OpenRange>& ranges = open_ranges();
  const auto last = std::find_if(ranges.rbegin(), ranges.rend(),
                                 [domain](const OpenRange& range) { return range.domain == domain; });
  if (last != ranges.rend()) {
    ranges.erase(std::next(last).base());
  }
}

template <class Parameters>
const Parameters& as(const CUpti_NvtxData& data) {
  return *static_cast<const Parameters*>(data.functionParams);
}

std::string copy(const char* text) { return text == nullptr ? "" : text; }

}  // namespace

const std::vector<CUpti_CallbackId>& NvtxRanges::callbacks() {
  static const std::vector<CUpti_CallbackId> ids = {
      CUPTI_CBID_NVTX_nvtxRangePushA,           CUPTI_CBID_NVTX_nvtxRangePushW,
      CUPTI_CBID_NVTX_nvtxRangePushEx,          CUPTI_CBID_NVTX_nvtxRangePop,
      CUPTI_CBID_NVTX_nvtxDomainRangePushEx,    CUPTI_CBID_NVTX_nvtxDomainRangePop,
      CUPTI_CBID_NVTX_nvtxDomainRegisterStringA};
  return ids;
}

std::string NvtxRanges::text_of(const void* attributes) {
  const auto* event = static_cast<const nvtxEventAttributes_t*>(attributes);
  if (event == nullptr) {
    return "";
  }
  if (event->messageType == NVTX_MESSAGE_TYPE_ASCII) {
    return copy(event->message.ascii);
  }
  if (event->messageType == NVTX_MESSAGE_TYPE_REGISTERED) {
    const std::lock_guard lock(mutex_);
    const auto known = registered_.find(event->message.registered);
    return known == registered_.end() ? "" : known->second;
  }
  return "";
}

void NvtxRanges::follow(CUpti_CallbackId callback, const CUpti_NvtxData& data) {
  switch (callback) {
    case CUPTI_CBID_NVTX_nvtxRangePushA:
      open_ranges().push_back({nullptr, copy(as<nvtxRangePushA_params>(data).message)});
      break;
    case CUPTI_CBID_NVTX_nvtxRangePushW:
      open_ranges().push_back({nullptr, ""});
      break;
    case CUPTI_CBID_NVTX_nvtxRangePushEx:
      open_ranges().push_back({nullptr, text_of(as<nvtxRangePushEx_params>(data).eventAttrib)});
      break;
    case CUPTI_CBID_NVTX_nvtxRangePop:
      pop(nullptr);
      break;
    case CUPTI_CBID_NVTX_nvtxDomainRangePushEx: {
      const auto& parameters = as<nvtxDomainRangePushEx_params>(data);
      open_ranges().push_back({parameters.domain, text_of(parameters.core.eventAttrib)});
      break;
    }
    case CUPTI_CBID_NVTX_nvtxDomainRangePop:
      pop(as<nvtxDomainRangePop_params>(data).domain);
      break;
    case CUPTI_CBID_NVTX_nvtxDomainRegisterStringA:
      if (data.functionReturnValue != nullptr) {
        const std::lock_guard lock(mutex_);
        registered_[*static_cast<const nvtxStringHandle_t*>(data.functionReturnValue)] =
            copy(as<nvtxDomainRegisterStringA_params>(data).string);
      }
      break;
    default:
      break;
  }
}

std::string_view NvtxRanges::innermost() {
  const std::vector<OpenRange>& ranges = open_ranges();
  return ranges.empty() ? std::string_view{} : std::string_view{ranges.back().text};
}

}  // namespace hopsim::collect
