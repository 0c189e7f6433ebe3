// SPDX-License-Identifier: Apache-2.0
// The two functions that CUDA and NVTX look for in a library named by CUDA_INJECTION64_PATH and
// NVTX_INJECTION64_PATH, and the ways from C back into the session. Whatever goes wrong here, the program
// runs on: no exception leaves, nothing goes to stdout, and CUDA is always told that all is well.
//
// The session is reached through one global pointer, because CUPTI's buffer callbacks and fork handlers take
// no argument. It is null before the start and in the child of a fork, until that starts CUDA itself.
#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <mutex>
#include <optional>

#include "cupti/session.hpp"

namespace hopsim::collect {

namespace {

std::atomic<Session*> current{nullptr};
std::mutex start_mutex;  // starts, and held over a fork so that none is half done in the child
thread_local bool starting =
    false;  // this thread holds it already: CUDA may run a helper program as it starts
Session* parents =
    nullptr;  // in a child: what it does not touch but must not lose, or leak checkers complain

template <class Work>
void guarded(Session* session, Work work) noexcept {
  try {
    work();
  } catch (...) {
    if (session != nullptr) {
      session->count_internal_error();
    }
  }
}

void CUPTIAPI on_callback(void*, CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data) {
  if (Session* session = current; session != nullptr && data != nullptr) {
    guarded(session, [&] { session->on_callback(domain, id, data); });
  }
}

void CUPTIAPI on_request(std::uint8_t** buffer, std::size_t* bytes, std::size_t* most_records) {
  constexpr std::size_t kLateBytes = std::size_t{1} << 16;
  *buffer = nullptr;
  *bytes = 0;
  *most_records = 0;
  Session* session = current;
  guarded(session, [&] {
    *buffer = session != nullptr ? session->buffer() : static_cast<std::uint8_t*>(std::malloc(kLateBytes));
    if (*buffer != nullptr) {
      *bytes = session != nullptr ? session->buffer_bytes() : kLateBytes;
    }
  });
}

void CUPTIAPI on_complete(CUcontext, std::uint32_t, std::uint8_t* buffer, std::size_t,
                          std::size_t valid_bytes) {
  Session* session = current;
  if (buffer == nullptr) {
    return;
  }
  if (session == nullptr) {
    std::free(buffer);  // all buffers come from malloc
    return;
  }
  guarded(session, [&] { session->take(buffer, valid_bytes); });
}

void at_exit() {
  Session* session = current;
  guarded(session, [session] {
    if (session != nullptr) {
      session->finish();
    }
  });
}

void before_fork() {
  if (!starting) {
    start_mutex.lock();
  }
}
void after_fork_in_parent() {
  if (!starting) {
    start_mutex.unlock();
  }
}
void after_fork_in_child() {
  if (Session* session = current.exchange(nullptr); session != nullptr) {
    session->abandon();
    parents = session;
  }
  after_fork_in_parent();
}

// libcupti's own function for NVTX has the name of ours, so it is asked for by library. It makes CUPTI ready
// before it attaches ranges; cuptiNvtxInitialize2 does not, and where CUPTI has not been or can't be started,
// the first range then crashes the program.
int hand_nvtx_to_cupti(void* get_export_table) {
  const std::string name = "libcupti.so." + std::to_string(CUPTI_API_VERSION / 10000);
  void* library = dlopen(name.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  if (library == nullptr) {
    return 0;
  }
  const auto attach = reinterpret_cast<int (*)(void*)>(dlsym(library, "InitializeInjectionNvtx2"));
  const int attached = attach != nullptr ? attach(get_export_table) : 0;
  dlclose(library);  // it stays: this library needs it
  return attached;
}

void start() {
  const std::lock_guard lock(start_mutex);
  if (current != nullptr) {
    return;
  }
  std::optional<Settings> settings = settings_from_environment();
  if (!settings) {
    return;
  }
  static const bool hooked = [] {
    return std::atexit(at_exit) == 0 &&
           pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
  }();
  if (!hooked) {
    complain("can't register what is to run at exit; nothing is recorded");
    return;
  }
  auto* session = new Session(std::move(*settings));
  current = session;  // before CUPTI may call back
  starting = true;
  session->start({on_callback, on_request, on_complete});
  starting = false;
}

}  // namespace

}  // namespace hopsim::collect

#define HOPSIM_EXPORT extern "C" __attribute__((visibility("default")))

HOPSIM_EXPORT int InitializeInjection() {
  try {
    hopsim::collect::start();
  } catch (...) {
    hopsim::collect::complain("the collector failed to start; nothing is recorded");
  }
  return 1;
}

// NVTX may come before CUDA and from a process that never uses CUDA, so this starts no session: ranges are
// recorded from the initialisation of CUDA on.
HOPSIM_EXPORT int InitializeInjectionNvtx2(void* get_export_table) {
  try {
    return hopsim::collect::settings_from_environment()
               ? hopsim::collect::hand_nvtx_to_cupti(get_export_table)
               : 0;
  } catch (...) {
    return 0;
  }
}
