// SPDX-License-Identifier: Apache-2.0
#include "trace/import/kineto/event.hpp"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "trace/gemm_shape.hpp"
#include "trace/import/kineto/json_stream.hpp"

namespace hopsim::trace::kineto {

static_assert(JsonStream::kPadding >= simdjson::SIMDJSON_PADDING);

namespace {

namespace od = simdjson::ondemand;

struct CategoryName {
  std::string_view text;
  Category category;
};

// What profilers of 2021 to now write in "cat".
constexpr std::array kCategories = {CategoryName{"kernel", Category::kKernel},
                                    CategoryName{"cuda_runtime", Category::kCall},
                                    CategoryName{"cpu_op", Category::kOperator},
                                    CategoryName{"ac2g", Category::kFlow},
                                    CategoryName{"python_function", Category::kRedundant},
                                    CategoryName{"cuda_driver", Category::kCall},
                                    CategoryName{"gpu_memcpy", Category::kMemcpy},
                                    CategoryName{"gpu_memset", Category::kMemset},
                                    CategoryName{"cuda_sync", Category::kSync},
                                    CategoryName{"user_annotation", Category::kAnnotation},
                                    CategoryName{"gpu_user_annotation", Category::kRedundant},
                                    CategoryName{"overhead", Category::kOverhead},
                                    CategoryName{"cpu_instant_event", Category::kRedundant},
                                    CategoryName{"fwdbwd", Category::kFlow},
                                    CategoryName{"async_cpu_to_gpu", Category::kFlow},
                                    CategoryName{"async_gpu", Category::kFlow},
                                    CategoryName{"async", Category::kFlow},
                                    CategoryName{"cuda_event", Category::kSync},
                                    CategoryName{"Kernel", Category::kKernel},
                                    CategoryName{"Runtime", Category::kCall},
                                    CategoryName{"Memcpy", Category::kMemcpy},
                                    CategoryName{"Memset", Category::kMemset},
                                    CategoryName{"Operator", Category::kOperator},
                                    CategoryName{"Driver", Category::kCall},
                                    CategoryName{"UserAnnotation", Category::kAnnotation},
                                    CategoryName{"Overhead", Category::kOverhead},
                                    CategoryName{"Trace", Category::kMetadata}};

auto category_of(std::string_view text) -> Category {
  for (const CategoryName& known : kCategories) {
    if (known.text == text) {
      return known.category;
    }
  }
  return Category::kUnknown;
}

auto unquoted(std::string_view token) -> std::string_view {
  while (!token.empty() &&
         (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t')) {
    token.remove_suffix(1);
  }
  if (token.size() >= 2 && token.front() == '"' && token.back() == '"') {
    return token.substr(1, token.size() - 2);
  }
  return token;
}

// The text of a key as it stands in the file.
auto key_of(simdjson::simdjson_result<od::field>& field) -> std::string_view {
  const od::raw_json_string key = field.key();
  const char* begin = key.raw();
  const char* end = begin;
  for (; *end != '"'; ++end) {
    end += *end == '\\' ? 1 : 0;
  }
  return {begin, static_cast<std::size_t>(end - begin)};
}

auto to_integer(std::string_view token) -> std::optional<std::int64_t> {
  token = unquoted(token);
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), out);
  if (error != std::errc{} || end != token.data() + token.size()) {
    return std::nullopt;
  }
  return out;
}

}  // namespace

std::optional<std::int64_t> parse_microseconds(std::string_view token) {
  token = unquoted(token);
  const bool negative = token.starts_with('-');
  token.remove_prefix(negative ? 1 : 0);
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 1000 - 1;
  std::int64_t whole = 0;
  auto [at, error] = std::from_chars(token.data(), token.data() + token.size(), whole);
  const char* const end = token.data() + token.size();
  if (error != std::errc{} || whole > kMost || at == token.data() || *token.data() == '-') {
    return std::nullopt;
  }
  std::int64_t fraction = 0;
  if (at != end && *at == '.') {
    ++at;
    for (int digit = 0; at != end && *at >= '0' && *at <= '9'; ++at, ++digit) {
      constexpr std::array<std::int64_t, 3> kUnits = {100, 10, 1};
      if (digit < 3) {
        fraction += kUnits[static_cast<std::size_t>(digit)] * (*at - '0');
      } else if (digit == 3 && *at >= '5') {
        ++fraction;
      }
    }
  }
  if (at != end) {  // an exponent: rare, and never with many digits
    double value = 0;
    const auto [last, bad] = std::from_chars(token.data(), end, value);
    if (bad != std::errc{} || last != end || !(value < static_cast<double>(kMost))) {
      return std::nullopt;
    }
    const auto out = static_cast<std::int64_t>(std::llround(value * 1000));
    return negative ? -out : out;
  }
  const std::int64_t out = whole * 1000 + fraction;
  return negative ? -out : out;
}

struct EventParser::Impl {
  od::parser parser;
  std::string name, category;

  void parse_args(od::object args, Event& out);
  void parse_fields(od::object fields, Event& out);
};

EventParser::EventParser() : impl_(std::make_unique<Impl>()) {}
EventParser::~EventParser() = default;

namespace {

auto integer(od::value value) -> std::optional<std::int64_t> {
  return to_integer(std::string_view(value.raw_json_token()));
}

void read_axes(od::value value, std::array<std::int64_t, 3>& out) {
  std::size_t i = 0;
  for (auto item : value.get_array()) {
    const std::optional<std::int64_t> size = to_integer(std::string_view(item.value().raw_json_token()));
    if (i < out.size()) {
      out[i++] = std::max<std::int64_t>(size.value_or(0), 0);
    }
  }
}

// [[1, 141, 512], [512, 512], [], ["nested lists of tensor lists are skipped"]]
void read_dims(od::value value, std::vector<std::vector<std::int64_t>>& out) {
  for (auto operand : value.get_array()) {
    out.emplace_back();
    for (auto size : operand.get_array()) {
      out.back().push_back(to_integer(std::string_view(size.value().raw_json_token())).value_or(0));
    }
  }
}

// The format of the first operand that is a tensor.
void read_dtype(od::value value, std::string& out) {
  for (auto item : value.get_array()) {
    const std::string text(unquoted(std::string_view(item.value().raw_json_token())));
    if (out.empty() && !text.empty() && text != "Scalar") {
      out = dtype_name(text);
    }
  }
}

}  // namespace

void EventParser::Impl::parse_args(od::object args, Event& out) {
  const bool product = out.category == Category::kOperator && is_matrix_product(out.name);
  const bool gpu = out.category == Category::kKernel || out.category == Category::kMemcpy ||
                   out.category == Category::kMemset || out.category == Category::kSync ||
                   out.category == Category::kCall;
  if (!product && !gpu) {
    return;
  }
  for (auto field : args) {
    const std::string_view key = key_of(field);
    od::value value = field.value();
    if (product) {
      if (key == "Input Dims" || key == "Input dims") {
        read_dims(value, out.dims);
      } else if (key == "Input type") {
        read_dtype(value, out.dtype);
      }
    } else if (key == "device") {
      out.device = integer(value);
    } else if (key == "context") {
      out.context = integer(value);
    } else if (key == "stream") {
      out.stream = integer(value);
    } else if (key == "correlation") {
      out.correlation = integer(value);
    } else if (key == "registers per thread") {
      out.registers = integer(value);
    } else if (key == "shared memory") {
      out.shared_memory = integer(value);
    } else if (key == "grid") {
      read_axes(value, out.grid);
    } else if (key == "block") {
      read_axes(value, out.block);
    } else if (key == "bytes") {
      out.bytes = integer(value);
    } else if (key == "graph id" || key == "graph_id") {
      out.graph_id = integer(value);
    } else if (key == "graph node id" || key == "graph_node_id") {
      out.graph_node = integer(value);
    } else if (key == "cuda_sync_kind") {
      out.sync_kind = unquoted(std::string_view(value.raw_json_token()));
    } else if (key == "wait_on_stream") {
      out.waits_for_stream = integer(value);
    } else if (key == "wait_on_cuda_event_record_corr_id") {
      out.waits_for_correlation = integer(value);
    } else if (key == "wait_on_cuda_event_id" || key == "event_id" || key == "cuda_event_id") {
      out.event_id = integer(value);
    }
  }
}

void EventParser::Impl::parse_fields(od::object fields, Event& out) {
  for (auto field : fields) {
    const std::string_view key = key_of(field);
    od::value value = field.value();
    if (key == "ph") {
      const std::string_view text = unquoted(std::string_view(value.raw_json_token()));
      out.phase = text.empty() ? '\0' : text.front();
    } else if (key == "cat") {
      out.category_text = unquoted(std::string_view(value.raw_json_token()));
      out.category = category_of(out.category_text);
    } else if (key == "name") {
      std::string_view text;
      out.name = value.get_string().get(text) == simdjson::SUCCESS ? text : unquoted(value.raw_json_token());
    } else if (key == "ts") {
      out.start_ns = parse_microseconds(std::string_view(value.raw_json_token()));
    } else if (key == "dur") {
      out.duration_ns = parse_microseconds(std::string_view(value.raw_json_token()));
    } else if (key == "tid") {
      out.thread = unquoted(std::string_view(value.raw_json_token()));
      out.thread_id = to_integer(out.thread);
    } else if (key == "pid") {
      if (!out.device) {
        out.device = integer(value);  // of a device's events; "device" of the args is better
      }
    } else if (key == "args") {
      parse_args(value.get_object(), out);
    }
  }
}

// A third of a capture are arrows, which say nothing that the correlation ids do not say. Writers put the
// phase first, so such an event need not be parsed.
static bool is_flow(std::string_view text) {
  constexpr std::string_view kHead = "{\"ph\":\"";
  std::size_t at = 0;
  for (const char c : kHead) {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n')) {
      ++at;
    }
    if (at >= text.size() || text[at] != c) {
      return false;
    }
    ++at;
  }
  return at < text.size() && (text[at] == 's' || text[at] == 'f' || text[at] == 't');
}

bool EventParser::parse(std::string_view text, Event& out) {
  out = Event{};
  if (is_flow(text)) {
    out.category = Category::kFlow;
    return true;
  }
  try {
    od::document document = impl_->parser.iterate(
        simdjson::padded_string_view(text.data(), text.size(), text.size() + JsonStream::kPadding));
    impl_->parse_fields(document.get_object(), out);
  } catch (const simdjson::simdjson_error&) {
    return false;
  }
  if (out.phase == 'M') {
    out.category = Category::kMetadata;
  } else if (out.phase == 's' || out.phase == 'f' || out.phase == 't') {
    out.category = Category::kFlow;
  } else if (out.phase == 'i' && out.category_text.empty()) {
    out.category = Category::kMetadata;
  }
  return true;
}

std::vector<DeviceProperties> parse_device_properties(std::string_view text) {
  std::vector<DeviceProperties> out;
  try {
    od::parser parser;
    const simdjson::padded_string padded(text);
    od::document document = parser.iterate(padded);
    for (auto item : document.get_array()) {
      DeviceProperties device;
      for (auto field : item.get_object()) {
        const std::string_view key = key_of(field);
        od::value value = field.value();
        if (key == "name") {
          device.name = std::string(unquoted(value.raw_json_token()));
        } else if (key == "id") {
          device.id = integer(value).value_or(0);
        } else if (key == "totalGlobalMem") {
          device.memory_bytes = integer(value).value_or(0);
        } else if (key == "numSms") {
          device.sms = integer(value).value_or(0);
        }
      }
      out.push_back(std::move(device));
    }
  } catch (const simdjson::simdjson_error&) {
    return out;  // a head that can't be read costs names of devices, nothing else
  }
  return out;
}

std::string parse_scalar(std::string_view text) {
  return text.starts_with('{') || text.starts_with('[') ? std::string() : std::string(unquoted(text));
}

std::string parse_member(std::string_view text, std::string_view key) {
  try {
    od::parser parser;
    const simdjson::padded_string padded(text);
    od::document document = parser.iterate(padded);
    for (auto field : document.get_object()) {
      if (key_of(field) == key) {
        return parse_scalar(std::string_view(field.value().raw_json_token()));
      }
    }
  } catch (const simdjson::simdjson_error&) {
    return "";
  }
  return "";
}

}  // namespace hopsim::trace::kineto
