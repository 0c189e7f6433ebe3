// SPDX-License-Identifier: Apache-2.0
// A libnvidia-ml.so.1 with two GPUs that draw 300 W each; their counters move every 2 ms. FAKE_COUNTER:
// "wrap" starts them just below 2^32 mJ, "still" keeps them where they are, "none" has none. The second GPU
// has no instantaneous power.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

namespace {

constexpr std::uint64_t kStepNs = 2'000'000, kStepMj = 600;

std::uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

const std::uint64_t kFirst = now_ns();  // when it is loaded: no thread reads an earlier time

struct Field {
  std::uint32_t field, scope;
  std::int64_t timestamp_us, latency_us;
  std::int32_t type, result;
  std::uint64_t value;
};

int index_of(void* device) { return static_cast<int>(reinterpret_cast<std::uintptr_t>(device)) - 1; }

std::string counter_kind() {
  const char* text = std::getenv("FAKE_COUNTER");
  return text != nullptr ? text : "";
}

int copy(const std::string& text, char* to, unsigned size) {
  std::strncpy(to, text.c_str(), size);
  return 0;
}

}  // namespace

extern "C" {

int nvmlInit_v2() { return 0; }
int nvmlShutdown() { return 0; }
const char* nvmlErrorString(int) { return "fake"; }
int nvmlSystemGetDriverVersion(char* to, unsigned size) { return copy("580.1", to, size); }

int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = 2;
  return 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) {
  *device = reinterpret_cast<void*>(static_cast<std::uintptr_t>(index + 1));
  return 0;
}

int nvmlDeviceGetName(void* device, char* to, unsigned size) {
  return copy("Fake GPU " + std::to_string(index_of(device)), to, size);
}

int nvmlDeviceGetUUID(void* device, char* to, unsigned size) {
  return copy(index_of(device) == 0 ? "GPU-01010101-0101-0101-0101-010101010101"
                                    : "GPU-02020202-0202-0202-0202-020202020202",
              to, size);
}

int nvmlDeviceGetTotalEnergyConsumption(void*, unsigned long long* mj) {
  const std::string kind = counter_kind();
  if (kind == "none") {
    return 3;  // NVML_ERROR_NOT_SUPPORTED
  }
  const std::uint64_t used = kind == "still" ? 0 : (now_ns() - kFirst) / kStepNs * kStepMj;
  constexpr std::uint64_t kWrap = std::uint64_t{1} << 32U;
  *mj = kind == "wrap" ? (kWrap - 10 * kStepMj + used) % kWrap : 1'000'000 + used;  // after 20 ms
  return 0;
}

int nvmlDeviceGetFieldValues(void* device, int count, Field* fields) {
  for (int i = 0; i < count; ++i) {
    fields[i].type = 1;
    fields[i].value = 300'000;
    fields[i].result = fields[i].field == 186 && index_of(device) == 0 ? 0 : 3;
  }
  return 0;
}

int nvmlDeviceGetClockInfo(void*, unsigned what, unsigned* mhz) {
  *mhz = what == 1 ? 1980 : 2619;
  return 0;
}

int nvmlDeviceGetTemperature(void*, unsigned, unsigned* celsius) {
  *celsius = 45;
  return 0;
}

int nvmlDeviceGetCurrentClocksThrottleReasons(void*, unsigned long long* reasons) {
  *reasons = 4;
  return 0;
}
}
