// SPDX-License-Identifier: Apache-2.0
#include "cost/draw.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "base/errors.hpp"
#include "base/random.hpp"
#include "cost/uncertainty.hpp"
#include "io/hash.hpp"

namespace hopsim::cost {

namespace {

constexpr int k16Bit = 16;

// The generator's counter: the 256 bits of the name's SHA-256.
auto counter_of(std::string_view name) -> RandomWords {
  const std::string digits = io::sha256(std::string(name));
  RandomWords out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char* const begin = digits.data() + 16 * i;
    const auto [end, error] = std::from_chars(begin, begin + 16, out[i], 16);
    HOPSIM_CHECK(error == std::errc{} && end == begin + 16, "a hash has 64 hexadecimal digits");
  }
  return out;
}

auto words_of(std::uint64_t seed, std::uint64_t index, std::string_view name) -> RandomWords {
  return random_words(counter_of(name), seed, index);
}

void draw_family(const std::string& prefix, const Draw& draw, spec::KernelFamily& family) {
  family.deviation = draw.normal(prefix);
  for (const auto& [name, ends] : family.free) {
    family.parameters.at(name).value =
        ends.first * std::pow(ends.second / ends.first, draw.uniform(prefix + "/" + name));
  }
}

}  // namespace

double Draw::normal(std::string_view parameter) const {
  const auto words = words_of(seed_, index_, parameter);
  return std::sqrt(-2 * std::log(in_0_1(words[0]))) * std::cos(2 * std::numbers::pi * in_0_1(words[1]));
}

double Draw::uniform(std::string_view parameter) const {
  return in_0_1(words_of(seed_, index_, parameter)[0]);
}

double Draw::factor(std::string_view parameter, double error90) const {
  return std::exp(normal(parameter) * error90 / kNormal90);
}

spec::GpuSpec drawn(const spec::GpuSpec& gpu, const Draw& draw) {
  spec::GpuSpec out = gpu;
  for (auto& [name, family] : out.families) {
    draw_family(fmt::format("gpu/{}/families/{}", gpu.name, name), draw, family);
  }
  const double error90 =
      gpu.power.source.kind == Provenance::kFitted || gpu.power.source.kind == Provenance::kMeasured
          ? kFittedPower90
          : kAssumedPower90;
  const auto scale = [&](double& field, const char* name, double error) {
    field *= draw.factor(fmt::format("gpu/{}/power/{}", gpu.name, name), error);
  };
  scale(out.power.loaded_idle_w, "loaded_idle_w", error90);
  scale(out.power.active_idle_w, "active_idle_w", error90);
  scale(out.power.busy_w, "busy_w", error90);
  scale(out.power.pj_per_byte, "pj_per_byte", error90);
  scale(out.power.pj_per_flop, "pj_per_flop", error90);
  scale(out.power.pj_per_element, "pj_per_element", kAssumedPower90);  // assumed in every profile
  return out;
}

spec::HostSpec drawn(const spec::HostSpec& host, const Draw& draw) {
  spec::HostSpec out = host;
  out.speed *= draw.factor("host/" + host.name,
                           host.source.kind == Provenance::kFitted ? kFittedHost90 : kAssumedHost90);
  return out;
}

double dispatch_factor(const spec::StackSpec& stack, const Draw& draw) {
  return stack.bits == k16Bit ? 1 : draw.factor("stack/" + stack.name + "/linears", kDispatch90);
}

void set_linear_dispatch(const spec::StackSpec& original, double factor, spec::StackSpec& copy) {
  for (const auto& [name, cases] : original.linears) {
    std::vector<spec::StackCase>& into = copy.linears.at(name);
    for (std::size_t i = 0; i < cases.size(); ++i) {
      for (std::size_t j = 0; j < cases[i].calls.size(); ++j) {
        into.at(i).calls.at(j).dispatch_us = factor * cases[i].calls[j].dispatch_us;
      }
    }
  }
}

}  // namespace hopsim::cost
