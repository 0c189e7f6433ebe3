// SPDX-License-Identifier: Apache-2.0
// How a session begins, and what CUPTI's callbacks (not its records) tell it.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <system_error>

#include "cupti/host_facts.hpp"
#include "cupti/session.hpp"

namespace hopsim::collect {

namespace {

constexpr CUpti_CallbackId kGraphCallbacks[] = {CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED,
                                                CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED};

/// 130001 (CUDA 13.0) -> 13; the scheme began with CUDA 13.
std::uint32_t major_of(std::uint32_t cupti_version) { return cupti_version / 10000; }

}  // namespace

void complain(std::string_view text) noexcept {
  try {
    const std::string line = "hopsim: " + std::string(text) + "\n";
    static_cast<void>(::write(STDERR_FILENO, line.data(), line.size()) == 0);
  } catch (...) {
    static_cast<void>(::write(STDERR_FILENO, "hopsim: failed\n", 15) == 0);
  }
}

void Session::start(const CuptiEntryPoints& entries) {
  if (!open_spool()) {
    complain("can't create " + path_ + ": " + std::generic_category().message(errno) +
             "; nothing is recorded");
    finished_ = true;
    return;
  }
  try {
    write_attributes();
    if (!settings_.error.empty()) {
      return fail(settings_.error);
    }
    if (const std::string reason = subscribe(entries.callback); !reason.empty()) {
      return fail(reason);
    }
    if (const std::string reason = enable(entries); !reason.empty()) {
      return fail(reason);
    }
    write_clock();
    writer_.flush();
    start_thread();
  } catch (const std::exception& failure) {
    fail(failure.what());
  }
}

// A process may run several programs one after the other (exec) under one pid: none overwrites another.
bool Session::open_spool() {
  const std::string stem = settings_.spool_dir + "/" + std::to_string(getpid());
  for (int attempt = 0; attempt < 1000; ++attempt) {
    path_ = stem + (attempt == 0 ? "" : "-" + std::to_string(attempt)) + spool::kSuffix;
    if (writer_.open(path_)) {
      return true;
    }
    if (errno != EEXIST) {
      return false;
    }
  }
  return false;
}

void Session::write_attributes() {
  const auto write = [this](std::string_view key, const std::string& value) {
    if (!value.empty()) {
      writer_.attribute(key, value);
    }
  };
  write("collector_version", HOPSIM_VERSION);
  write("cupti_header_version", std::to_string(CUPTI_API_VERSION));
  std::uint32_t version = 0;
  if (errors_.check(cuptiGetVersion(&version), "cuptiGetVersion")) {
    write("cupti_runtime_version", std::to_string(version));
  }
  write("driver_version", nvidia_driver_version());
  write("command", command_line());
  write("host_cpu", host_cpu());
  write("utc", utc_now());
  write("graph_mode", settings_.graph_trace ? "graph" : "");
}

std::string Session::subscribe(CUpti_CallbackFunc callback) {
  std::uint32_t version = 0;
  if (const CUptiResult result = cuptiGetVersion(&version); result != CUPTI_SUCCESS) {
    return describe(result, "cuptiGetVersion");
  }
  if (major_of(version) != major_of(CUPTI_API_VERSION)) {
    return "built for CUPTI " + std::to_string(CUPTI_API_VERSION) + ", but the program runs with " +
           std::to_string(version) + ": build the collector with the CUDA of the program";
  }
  char other[2 * CUPTI_OLD_SUBSCRIBER_NAME_MIN_LEN] = "";
  CUpti_SubscriberParams parameters{};
  parameters.structSize = CUpti_SubscriberParams_STRUCT_SIZE;
  parameters.subscriberName = "hopsim";
  parameters.oldSubscriberName = other;
  parameters.oldSubscriberSize = sizeof(other);
  const CUptiResult result = cuptiSubscribe_v2(&subscriber_, callback, this, &parameters);
  if (result == CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED) {
    subscriber_ = nullptr;
    other[sizeof(other) - 1] = '\0';
    return std::string("another profiler is attached") +
           (other[0] == '\0' ? "" : " (" + std::string(other) + ")") +
           ": run the program without it; nothing is recorded";
  }
  return result == CUPTI_SUCCESS ? "" : describe(result, "cuptiSubscribe_v2");
}

std::string Session::enable(const CuptiEntryPoints& entries) {
  const CUptiResult registered = cuptiActivityRegisterCallbacks(entries.request, entries.complete);
  if (registered != CUPTI_SUCCESS) {
    return describe(registered, "cuptiActivityRegisterCallbacks");
  }
  // Both the calls and the ranges name their thread: by gettid, which is unique while the process lives.
  const CUptiResult threads = cuptiSetThreadIdType(CUPTI_ACTIVITY_THREAD_ID_TYPE_SYSTEM);
  if (threads != CUPTI_SUCCESS) {
    return describe(threads, "cuptiSetThreadIdType");
  }
  if (std::string reason = enable_callbacks(); !reason.empty()) {
    return reason;
  }
  return activities_.enable(settings_.graph_trace, errors_);
}

std::string Session::enable_callbacks() {
  CUptiResult result = CUPTI_SUCCESS;
  const auto on = [&](CUpti_CallbackDomain domain, CUpti_CallbackId id) {
    if (result == CUPTI_SUCCESS) {
      result = cuptiEnableCallback(1, subscriber_, domain, id);
    }
  };
  on(CUPTI_CB_DOMAIN_RESOURCE, CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING);
  on(CUPTI_CB_DOMAIN_STATE, CUPTI_CBID_STATE_FATAL_ERROR);
  if (!settings_.graph_trace) {
    for (const CUpti_CallbackId id : kGraphCallbacks) {
      on(CUPTI_CB_DOMAIN_RESOURCE, id);
    }
    for (const CUpti_CallbackId id : NvtxRanges::callbacks()) {
      on(CUPTI_CB_DOMAIN_NVTX, id);
    }
  }
  return result == CUPTI_SUCCESS ? "" : describe(result, "cuptiEnableCallback");
}

void Session::fail(const std::string& reason) {
  finished_ = true;
  activities_.disable(errors_);
  if (subscriber_ != nullptr) {
    errors_.check(cuptiUnsubscribe(subscriber_), "cuptiUnsubscribe");
  }
  writer_.attribute("error", reason);
  write_counts(true);
  writer_.close({});
  complain(reason);
}

void Session::on_callback(CUpti_CallbackDomain domain, CUpti_CallbackId id, const void* data) {
  if (finished_) {
    return;  // contexts are still torn down after the last flush, when CUPTI may be half gone
  }
  if (domain == CUPTI_CB_DOMAIN_NVTX) {
    ranges_.follow(id, *static_cast<const CUpti_NvtxData*>(data));
  } else if (domain == CUPTI_CB_DOMAIN_STATE) {
    on_fatal(*static_cast<const CUpti_StateData*>(data));
  } else if (domain == CUPTI_CB_DOMAIN_RESOURCE) {
    const auto& resource = *static_cast<const CUpti_ResourceData*>(data);
    if (id == CUPTI_CBID_RESOURCE_CONTEXT_DESTROY_STARTING) {
      errors_.check(cuptiActivityFlushAll(0), "cuptiActivityFlushAll");
    } else if (resource.resourceDescriptor != nullptr) {
      add_graph_node(*static_cast<const CUpti_GraphData*>(resource.resourceDescriptor),
                     id == CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED);
    }
  }
}

// Kernels are joined by node, so a graph that has no number (an executable one may not) costs no node.
void Session::add_graph_node(const CUpti_GraphData& data, bool cloned) {
  spool::GraphNode node;
  bool known = errors_.check(cuptiGetGraphNodeId(data.node, &node.node), "cuptiGetGraphNodeId");
  if (data.graph == nullptr || cuptiGetGraphId(data.graph, &node.graph) != CUPTI_SUCCESS) {
    node.graph = 0;
  }
  if (cloned) {
    known =
        known && errors_.check(cuptiGetGraphNodeId(data.originalNode, &node.original), "cuptiGetGraphNodeId");
  } else {
    node.range_name = writer_.name(NvtxRanges::innermost());
  }
  if (known) {
    writer_.append(spool::ChunkKind::kGraphNodes, node);
  }
}

void Session::on_fatal(const CUpti_StateData& data) {
  if (cupti_dead_.exchange(true)) {
    return;
  }
  const char* message = data.notification.message;
  const std::string reason =
      std::string("CUPTI gave up: ") + (message == nullptr ? "no reason given" : message);
  writer_.attribute("error", reason);
  complain(reason);
}

}  // namespace hopsim::collect
