// SPDX-License-Identifier: Apache-2.0
#include "mock/mock_cupti.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <cstring>
#include <ctime>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

struct Buffer {
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0, used = 0;
};

struct State {
  std::recursive_mutex lock;  // held over callbacks
  std::mutex flush_mutex;     // flushes
  std::condition_variable flushed;
  std::uint64_t flushes = 0;
  Buffer current;
  std::vector<Buffer> kept;
  bool hold = false;
  std::size_t dropped = 0;
  std::uint32_t version = CUPTI_API_VERSION;
  std::string other;
  std::set<CUpti_ActivityKind> enabled, failing;
  std::set<std::pair<CUpti_CallbackDomain, CUpti_CallbackId>> callbacks;
  CUpti_CallbackFunc callback = nullptr;
  void* user = nullptr;
  CUpti_BuffersCallbackRequestFunc request = nullptr;
  CUpti_BuffersCallbackCompleteFunc complete = nullptr;
  bool nvtx = false, helper = false;
};

State& state() {
  static auto* kept_to_the_end = new State;
  return *kept_to_the_end;
}

using Guard = std::lock_guard<std::recursive_mutex>;

std::size_t aligned(std::size_t bytes) { return (bytes + 7) / 8 * 8; }

std::size_t record_bytes(CUpti_ActivityKind kind) {
  switch (kind) {
    case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
      return sizeof(CUpti_ActivityKernel10);
    case CUPTI_ACTIVITY_KIND_MEMCPY:
      return sizeof(CUpti_ActivityMemcpy6);
    case CUPTI_ACTIVITY_KIND_MEMCPY2:
      return sizeof(CUpti_ActivityMemcpyPtoP4);
    case CUPTI_ACTIVITY_KIND_MEMSET:
      return sizeof(CUpti_ActivityMemset4);
    case CUPTI_ACTIVITY_KIND_RUNTIME:
    case CUPTI_ACTIVITY_KIND_DRIVER:
      return sizeof(CUpti_ActivityAPI);
    case CUPTI_ACTIVITY_KIND_MARKER:
      return sizeof(CUpti_ActivityMarker2);
    case CUPTI_ACTIVITY_KIND_SYNCHRONIZATION:
      return sizeof(CUpti_ActivitySynchronization2);
    case CUPTI_ACTIVITY_KIND_OVERHEAD:
      return sizeof(CUpti_ActivityOverhead3);
    case CUPTI_ACTIVITY_KIND_DEVICE:
      return sizeof(CUpti_ActivityDevice5);
    case CUPTI_ACTIVITY_KIND_CONTEXT:
      return sizeof(CUpti_ActivityContext3);
    case CUPTI_ACTIVITY_KIND_STREAM:
      return sizeof(CUpti_ActivityStream);
    case CUPTI_ACTIVITY_KIND_GRAPH_TRACE:
      return sizeof(CUpti_ActivityGraphTrace2);
    case CUPTI_ACTIVITY_KIND_ENVIRONMENT:
      return sizeof(CUpti_ActivityEnvironment);
    default:
      return 0;
  }
}

Buffer request_buffer() {
  Buffer buffer;
  std::size_t most_records = 0;
  state().request(&buffer.bytes, &buffer.size, &most_records);
  return buffer;
}

void deliver() {
  State& mock = state();
  if (mock.current.bytes != nullptr) {
    const Buffer full = std::exchange(mock.current, {});
    mock.complete(nullptr, 0, full.bytes, full.size, full.used);
  }
}

}  // namespace

void mock_emit(const void* record, std::size_t bytes) {
  const Guard guard(state().lock);
  if (state().request == nullptr) {
    return;  // nobody listens
  }
  Buffer& buffer = state().current;
  if (buffer.bytes != nullptr && buffer.used + aligned(bytes) > buffer.size) {
    deliver();
  }
  if (buffer.bytes == nullptr) {
    buffer = request_buffer();
  }
  std::memcpy(buffer.bytes + buffer.used, record, bytes);
  buffer.used += aligned(bytes);
}

void mock_hold(bool hold) {
  const Guard guard(state().lock);
  state().hold = hold;
}

void mock_deliver() {
  const Guard guard(state().lock);
  deliver();
}

void mock_request_buffers(std::size_t count) {
  const Guard guard(state().lock);
  for (std::size_t i = 0; i < count; ++i) {
    state().kept.push_back(request_buffer());
  }
}

void mock_return_buffers() {
  const Guard guard(state().lock);
  for (const Buffer& buffer : std::exchange(state().kept, {})) {
    state().complete(nullptr, 0, buffer.bytes, buffer.size, 0);
  }
}

void mock_drop(std::size_t records) {
  const Guard guard(state().lock);
  state().dropped += records;
}

void mock_call_back(CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data) {
  const Guard guard(state().lock);
  if (state().callbacks.count({domain, id}) != 0) {
    state().callback(state().user, domain, id, data);
  }
}

// The flush after the next begins when the next is done and written.
void mock_wait_for_flush() {
  std::unique_lock lock(state().flush_mutex);
  const std::uint64_t until = state().flushes + 2;
  state().flushed.wait(lock, [until] { return state().flushes >= until; });
}

void mock_set_version(std::uint32_t version) { state().version = version; }
void mock_run_helper_at_start() { state().helper = true; }
void mock_attach_other(const char* name) { state().other = name; }
void mock_fail_enable(CUpti_ActivityKind kind) { state().failing.insert(kind); }
bool mock_is_enabled(CUpti_ActivityKind kind) {
  const Guard guard(state().lock);
  return state().enabled.count(kind) != 0;
}
bool mock_is_subscribed() { return state().callback != nullptr; }
bool mock_nvtx_attached() { return state().nvtx; }

extern "C" {

CUptiResult cuptiGetVersion(uint32_t* version) {
  *version = state().version;
  return CUPTI_SUCCESS;
}

CUptiResult cuptiGetResultString(CUptiResult result, const char** text) {
  *text = result == CUPTI_ERROR_NOT_COMPATIBLE ? "CUPTI_ERROR_NOT_COMPATIBLE" : "CUPTI_ERROR";
  return CUPTI_SUCCESS;
}

CUptiResult cuptiSubscribe_v2(CUpti_SubscriberHandle* subscriber, CUpti_CallbackFunc callback, void* user,
                              CUpti_SubscriberParams* parameters) {
  if (state().helper) {
    const pid_t child = fork();
    if (child == 0) {
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  }
  const Guard guard(state().lock);
  if (!state().other.empty()) {
    std::strncpy(parameters->oldSubscriberName, state().other.c_str(), parameters->oldSubscriberSize - 1);
    return CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED;
  }
  state().callback = callback;
  state().user = user;
  *subscriber = reinterpret_cast<CUpti_SubscriberHandle>(&state());
  return CUPTI_SUCCESS;
}

CUptiResult cuptiUnsubscribe(CUpti_SubscriberHandle) {
  const Guard guard(state().lock);
  state().callback = nullptr;
  state().callbacks.clear();
  return CUPTI_SUCCESS;
}

CUptiResult cuptiEnableCallback(uint32_t, CUpti_SubscriberHandle, CUpti_CallbackDomain domain,
                                CUpti_CallbackId id) {
  const Guard guard(state().lock);
  state().callbacks.insert({domain, id});
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityRegisterCallbacks(CUpti_BuffersCallbackRequestFunc request,
                                           CUpti_BuffersCallbackCompleteFunc complete) {
  state().request = request;
  state().complete = complete;
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityEnable(CUpti_ActivityKind kind) {
  const Guard guard(state().lock);
  if (state().failing.count(kind) != 0) {
    return CUPTI_ERROR_NOT_COMPATIBLE;
  }
  state().enabled.insert(kind);
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityDisable(CUpti_ActivityKind kind) {
  const Guard guard(state().lock);
  state().enabled.erase(kind);
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityEnableRuntimeApi(CUpti_CallbackId, uint8_t) { return CUPTI_SUCCESS; }
CUptiResult cuptiActivityEnableDriverApi(CUpti_CallbackId, uint8_t) { return CUPTI_SUCCESS; }
CUptiResult cuptiActivityEnableAllSyncRecords(uint8_t) { return CUPTI_SUCCESS; }
CUptiResult cuptiSetThreadIdType(CUpti_ActivityThreadIdType) { return CUPTI_SUCCESS; }

CUptiResult cuptiDeviceSupported(CUdevice, int* support) {
  *support = 1;
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityFlushAll(uint32_t flag) {
  {
    const std::lock_guard lock(state().flush_mutex);
    ++state().flushes;
  }
  state().flushed.notify_all();
  const Guard guard(state().lock);
  if (flag != 0 || !state().hold) {
    deliver();
  }
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityGetNextRecord(uint8_t* buffer, size_t bytes, CUpti_Activity** record) {
  const Guard guard(state().lock);
  auto* next = buffer;
  if (*record != nullptr) {
    next = reinterpret_cast<std::uint8_t*>(*record) + aligned(record_bytes((*record)->kind));
  }
  if (next >= buffer + bytes) {
    return CUPTI_ERROR_MAX_LIMIT_REACHED;
  }
  *record = reinterpret_cast<CUpti_Activity*>(next);
  return record_bytes((*record)->kind) == 0 ? CUPTI_ERROR_INVALID_KIND : CUPTI_SUCCESS;
}

CUptiResult cuptiActivityGetNumDroppedRecords(CUcontext, uint32_t, size_t* dropped) {
  const Guard guard(state().lock);
  *dropped = std::exchange(state().dropped, 0);
  return CUPTI_SUCCESS;
}

CUptiResult cuptiGetTimestamp(uint64_t* time) {
  const Guard guard(state().lock);
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  *time = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
  return CUPTI_SUCCESS;
}

CUptiResult cuptiGetCallbackName(CUpti_CallbackDomain domain, uint32_t, const char** name) {
  const Guard guard(state().lock);
  *name = domain == CUPTI_CB_DOMAIN_DRIVER_API ? "cuLaunchKernel" : "cudaLaunchKernel_v7000";
  return CUPTI_SUCCESS;
}

CUptiResult cuptiGetGraphNodeId(CUgraphNode node, uint64_t* id) {
  const Guard guard(state().lock);
  *id = reinterpret_cast<std::uintptr_t>(node);
  return CUPTI_SUCCESS;
}

CUptiResult cuptiGetGraphId(CUgraph graph, uint32_t* id) {
  const Guard guard(state().lock);
  *id = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(graph));
  return graph != nullptr ? CUPTI_SUCCESS : CUPTI_ERROR_INVALID_PARAMETER;
}

int InitializeInjectionNvtx2(void*);
int InitializeInjectionNvtx2(void*) {
  state().nvtx = true;
  return 1;
}
}
