// SPDX-License-Identifier: Apache-2.0
#include "spec/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace hopsim::spec {

namespace {

template <class Spec, class Load>
auto cached(std::map<std::string, Spec>& cache, const std::string& name, Load load) -> const Spec& {
  const auto found = cache.find(name);
  return found != cache.end() ? found->second : cache.emplace(name, load()).first->second;
}

auto version_numbers(const std::string& version) -> std::vector<int> {
  std::vector<int> out;
  const char* at = version.data();
  const char* const end = at + version.size();
  while (at < end) {
    int number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc{}) {
      break;
    }
    out.push_back(number);
    at = next < end && *next == '.' ? next + 1 : end;
  }
  return out;
}

}  // namespace

const std::string& Catalog::noted(const std::string& path) { return *paths_.insert(path).first; }

std::set<std::string> Catalog::files() const {
  std::set<std::string> out;
  for (const std::string& path : paths_) {
    for (const std::string& file : files_behind(path)) {
      out.insert(file);
    }
  }
  return out;
}

bool version_less(const std::string& a, const std::string& b) {
  return version_numbers(a) < version_numbers(b);
}

const GpuSpec& Catalog::gpu(const std::string& name) {
  return cached(gpus_, name, [&] { return load_gpu(noted(library_.gpu_path(name))); });
}

const HostSpec& Catalog::host(const std::string& name) {
  return cached(hosts_, name, [&] { return load_host(noted(library_.host_path(name))); });
}

const ModelSpec& Catalog::model(const std::string& name) {
  return cached(models_, name, [&] {
    return is_dense_name(name) ? dense_model_from_name(name)
                               : load_model_file(noted(library_.model_path(name)));
  });
}

StackSpec Catalog::versioned_stack(const std::string& name, const std::string& version) {
  const std::string prefix = name + "@";
  const auto found = [&](const std::string& candidate) {
    return load_stack(noted(library_.stack_path(candidate)));
  };
  StackSpec newest = found(name);
  std::vector<std::string> described = {newest.version};
  std::optional<std::string> best;
  if (!version_less(version, newest.version)) {
    return newest;
  }
  for (const std::string& candidate : library_.stacks()) {
    if (!candidate.starts_with(prefix)) {
      continue;
    }
    described.push_back(candidate.substr(prefix.size()));
    if (!version_less(version, described.back()) && (!best || version_less(*best, described.back()))) {
      best = described.back();
    }
  }
  if (!best) {
    std::sort(described.begin(), described.end(), version_less);
    throw InputError(
        Location{},
        fmt::format("no version of stack '{}' is described that is not newer than {}", name, version),
        fmt::format("described: {}", join(described)));
  }
  return found(prefix + *best);
}

const StackSpec& Catalog::stack(const std::string& name) {
  return cached(stacks_, name, [&] {
    // "name@version"; a path may hold an '@' in its folders.
    const std::size_t at = name.rfind('@');
    const std::size_t slash = name.rfind('/');
    const bool versioned =
        at != std::string::npos && !name.ends_with(".yaml") && (slash == std::string::npos || at > slash);
    return versioned ? versioned_stack(name.substr(0, at), name.substr(at + 1))
                     : load_stack(noted(library_.stack_path(name)));
  });
}

const ChainSpec& Catalog::chain(const std::string& name) {
  return cached(chains_, name, [&] { return load_chain(noted(library_.chain_path(name))); });
}

}  // namespace hopsim::spec
