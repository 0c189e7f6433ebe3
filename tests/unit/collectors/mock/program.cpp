// SPDX-License-Identifier: Apache-2.0
// A program that "uses CUDA": it plays libcuda, which loads the library named by CUDA_INJECTION64_PATH when
// CUDA is initialised, and the GPU, whose records it hands to the mock of CUPTI. The first argument says
// which scenario. It prints "done" and ends with status 7, so that a test sees that the collector left it
// alone.
#include <dlfcn.h>
#include <generated_nvtx_meta.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "mock/mock_cupti.hpp"
#include "mock/records.hpp"

namespace {

using namespace hopsim::test;

constexpr int kDone = 7;

template <class Function>
Function* symbol(const char* name) {
  void* library = dlopen(std::getenv("CUDA_INJECTION64_PATH"), RTLD_NOW);
  if (library == nullptr) {
    std::fprintf(stderr, "%s\n", dlerror());
    std::exit(3);
  }
  return reinterpret_cast<Function*>(dlsym(library, name));
}

void initialise_cuda() {
  if (symbol<int()>("InitializeInjection")() != 1) {
    std::exit(4);
  }
}

template <class Record>
void emit(const Record& record) {
  mock_emit(&record, sizeof(record));
}

void launch(std::uint32_t correlation, std::uint32_t device = 0, std::uint32_t stream = 7) {
  emit(api_record(CUPTI_ACTIVITY_KIND_RUNTIME, CUPTI_RUNTIME_TRACE_CBID_cudaLaunchKernel_v7000, correlation,
                  100));
  KernelFields fields;
  fields.device = device;
  fields.context = device + 1;
  fields.stream = stream;
  fields.correlation = correlation;
  emit(kernel_record(fields));
}

template <class Parameters>
void nvtx(CUpti_nvtx_api_trace_cbid id, const Parameters& parameters, const void* returned = nullptr) {
  const CUpti_NvtxData data{"nvtx", &parameters, returned};
  mock_call_back(CUPTI_CB_DOMAIN_NVTX, id, &data);
}

void push(const char* text) { nvtx(CUPTI_CBID_NVTX_nvtxRangePushA, nvtxRangePushA_params{text}); }
void pop() { nvtx(CUPTI_CBID_NVTX_nvtxRangePop, nvtxRangePop_params{}); }

template <class Handle>
Handle handle(std::uintptr_t value) {
  return reinterpret_cast<Handle>(value);
}

void create_node(std::uintptr_t node, std::uintptr_t graph, std::uintptr_t original = 0) {
  CUpti_GraphData graph_data{};
  graph_data.graph = handle<CUgraph>(graph);
  graph_data.node = handle<CUgraphNode>(node);
  graph_data.originalNode = handle<CUgraphNode>(original);
  CUpti_ResourceData resource{};
  resource.resourceDescriptor = &graph_data;
  mock_call_back(CUPTI_CB_DOMAIN_RESOURCE,
                 original == 0 ? CUPTI_CBID_RESOURCE_GRAPHNODE_CREATED : CUPTI_CBID_RESOURCE_GRAPHNODE_CLONED,
                 &resource);
}

void two_gpus() {
  initialise_cuda();
  for (std::uint32_t device = 0; device < 2; ++device) {
    CUpti_ActivityDevice5 gpu{};
    gpu.kind = CUPTI_ACTIVITY_KIND_DEVICE;
    gpu.id = device;
    gpu.name = "NVIDIA H100 80GB HBM3";
    gpu.numMultiprocessors = 132;
    gpu.uuid.bytes[15] = static_cast<char>(device + 1);
    emit(gpu);
    CUpti_ActivityContext3 context{};
    context.kind = CUPTI_ACTIVITY_KIND_CONTEXT;
    context.contextId = device + 1;
    context.deviceId = device;
    emit(context);
    for (std::uint32_t stream = 7; stream < 10; ++stream) {
      CUpti_ActivityStream created{};
      created.kind = CUPTI_ACTIVITY_KIND_STREAM;
      created.contextId = device + 1;
      created.streamId = stream;
      emit(created);
      launch(10 * device + stream, device, stream);
    }
  }
}

void losses() {
  initialise_cuda();
  launch(1);
  mock_drop(3);
  KernelFields unfinished;
  unfinished.end = 0;
  emit(kernel_record(unfinished));
  KernelFields backwards;
  backwards.end = backwards.start - 1;
  emit(kernel_record(backwards));
  CUpti_ActivityEnvironment not_asked_for{};
  not_asked_for.kind = CUPTI_ACTIVITY_KIND_ENVIRONMENT;
  emit(not_asked_for);
  mock_deliver();
  mock_drop(4);
}

void forced_flush() {
  initialise_cuda();
  mock_hold(true);
  launch(1);
  mock_wait_for_flush();
}

void killed() {
  initialise_cuda();
  for (std::uint32_t i = 0; i < 1000; ++i) {
    launch(i);
  }
  mock_wait_for_flush();
  mock_hold(true);
  launch(5000);
  raise(SIGKILL);
}

void in_child(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    work();
    std::exit(0);
  }
  waitpid(child, nullptr, 0);
}

void forked() {
  initialise_cuda();
  launch(1);
  in_child([] { launch(99); });
  launch(2);
}

void helper_at_start() {
  mock_run_helper_at_start();
  initialise_cuda();
  launch(1);
}

void child_starts_cuda() {
  in_child([] {
    initialise_cuda();
    launch(99);
  });
}

void both_start_cuda() {
  initialise_cuda();
  launch(1);
  in_child([] {
    initialise_cuda();
    launch(99);
  });
}

void run_again(char** argv) {
  initialise_cuda();
  launch(1);
  mock_wait_for_flush();
  char next[] = "two_gpus";
  char* const arguments[] = {argv[0], next, nullptr};
  execv(argv[0], arguments);
}

void graphs() {
  initialise_cuda();
  push("hop=1");
  push("hop=1;layer=0");
  create_node(0x100, 1);
  pop();
  std::thread other([] {
    push("elsewhere");
    create_node(0x110, 1);
  });
  other.join();
  const auto domain = handle<nvtxDomainHandle_t>(0xd0);
  const auto text = handle<nvtxStringHandle_t>(0x70);
  nvtx(CUPTI_CBID_NVTX_nvtxDomainRegisterStringA, nvtxDomainRegisterStringA_params{domain, "hop=1;layer=1"},
       &text);
  nvtxEventAttributes_t event{};
  event.messageType = NVTX_MESSAGE_TYPE_REGISTERED;
  event.message.registered = text;
  nvtx(CUPTI_CBID_NVTX_nvtxDomainRangePushEx, nvtxDomainRangePushEx_params{domain, {&event}});
  create_node(0x120, 1);
  pop();  // closes "hop=1" below the range of the domain
  create_node(0x130, 1);
  nvtx(CUPTI_CBID_NVTX_nvtxDomainRangePop, nvtxDomainRangePop_params{domain});
  create_node(0x140, 1);
  create_node(0x200, 0, 0x100);  // of an executable graph, which CUPTI gives no number
  KernelFields replayed;
  replayed.graph = 2;
  replayed.graph_node = 0x200;
  emit(kernel_record(replayed));
}

void graph_trace() {
  initialise_cuda();
  CUpti_ActivityGraphTrace2 trace{};
  trace.kind = CUPTI_ACTIVITY_KIND_GRAPH_TRACE;
  trace.start = 1000;
  trace.end = 9000;
  trace.graphId = 3;
  trace.streamId = 7;
  emit(trace);
  if (!mock_is_enabled(CUPTI_ACTIVITY_KIND_GRAPH_TRACE)) {
    std::exit(5);
  }
}

// A thread of the program launches and annotates while another does, and the collector flushes all the time.
void threads() {
  initialise_cuda();
  static const std::vector<std::string>& names = *[] {  // never destroyed: read by the last flush
    auto* texts = new std::vector<std::string>;
    for (int i = 0; i < 1000; ++i) {
      texts->push_back("kernel_" + std::to_string(i));
    }
    return texts;
  }();
  std::vector<std::thread> workers;
  for (std::uint32_t worker = 0; worker < 4; ++worker) {
    workers.emplace_back([worker] {
      for (std::uint32_t i = 0; i < 5000; ++i) {
        KernelFields fields;
        fields.correlation = worker * 5000 + i;
        fields.stream = worker;
        fields.name = names[i % names.size()].c_str();
        emit(marker_record(CUPTI_ACTIVITY_FLAG_MARKER_START, i, 500, worker, "layer"));
        emit(kernel_record(fields));
        emit(marker_record(CUPTI_ACTIVITY_FLAG_MARKER_END, i, 600, worker, nullptr));
        push("layer");
        create_node(worker * 5000 + i + 1, 1);
        pop();
      }
    });
  }
  for (std::thread& worker : workers) {
    worker.join();
  }
}

void record_limit() {
  initialise_cuda();
  for (std::uint32_t i = 0; i < 25; ++i) {
    launch(i);
  }
  mock_wait_for_flush();
  mock_wait_for_flush();
  if (mock_is_enabled(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL)) {
    std::exit(5);
  }
}

void buffer_limit() {
  initialise_cuda();
  mock_request_buffers(200);
  mock_wait_for_flush();
  if (mock_is_enabled(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL)) {
    std::exit(5);
  }
  launch(1);
  mock_return_buffers();
}

void expect_nothing_on() {
  if (mock_is_subscribed() || mock_is_enabled(CUPTI_ACTIVITY_KIND_RUNTIME)) {
    std::exit(5);
  }
}

void other_profiler() {
  mock_attach_other("CUPTI for Nsight Systems");
  initialise_cuda();
  initialise_cuda();
  expect_nothing_on();
}

void newer_cupti() {
  mock_set_version(140000);
  initialise_cuda();
  expect_nothing_on();
}

void kernels_not_recorded() {
  mock_fail_enable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL);
  initialise_cuda();
  expect_nothing_on();
}

void overhead_not_recorded() {
  mock_fail_enable(CUPTI_ACTIVITY_KIND_OVERHEAD);
  initialise_cuda();
  launch(1);
}

void not_asked_for() {
  initialise_cuda();
  if (symbol<int(void*)>("InitializeInjectionNvtx2")(nullptr) != 0 || mock_nvtx_attached()) {
    std::exit(5);
  }
  expect_nothing_on();
}

void nvtx_first() {
  if (symbol<int(void*)>("InitializeInjectionNvtx2")(nullptr) != 1 || !mock_nvtx_attached()) {
    std::exit(5);
  }
  expect_nothing_on();
  initialise_cuda();
  launch(1);
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, std::function<void()>> scenarios = {
      {"two_gpus", two_gpus},
      {"losses", losses},
      {"helper_at_start", helper_at_start},
      {"forced_flush", forced_flush},
      {"killed", killed},
      {"forked", forked},
      {"child_starts_cuda", child_starts_cuda},
      {"both_start_cuda", both_start_cuda},
      {"run_again", [argv] { run_again(argv); }},
      {"graphs", graphs},
      {"graph_trace", graph_trace},
      {"threads", threads},
      {"record_limit", record_limit},
      {"buffer_limit", buffer_limit},
      {"other_profiler", other_profiler},
      {"newer_cupti", newer_cupti},
      {"kernels_not_recorded", kernels_not_recorded},
      {"overhead_not_recorded", overhead_not_recorded},
      {"not_asked_for", not_asked_for},
      {"nvtx_first", nvtx_first}};
  const auto scenario = scenarios.find(argc > 1 ? argv[1] : "");
  if (scenario == scenarios.end()) {
    return 2;
  }
  scenario->second();
  std::puts("done");
  return kDone;
}
