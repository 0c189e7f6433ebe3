// SPDX-License-Identifier: Apache-2.0
#include "spec/catalog.hpp"

#include <fmt/format.h>

#include <charconv>
#include <future>
#include <iterator>
#include <vector>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace hopsim::spec {

namespace {

template <class Spec, class Load>
auto cached(std::map<std::string, Spec>& cache, const std::string& name,
            const std::vector<FieldChange>& changes, Load load) -> const Spec& {
  std::string key = name;
  for (const FieldChange& change : changes) {
    key += "\n" + change.text();
  }
  const auto found = cache.find(key);
  return found != cache.end() ? found->second : cache.emplace(key, load()).first->second;
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

io::Value Catalog::document(const std::string& path, const std::vector<FieldChange>& changes,
                            const std::string& what) {
  auto found = documents_.find(path);
  if (found == documents_.end()) {
    found = documents_.emplace(path, parse(path, &parsed_)).first;
  }
  files_.insert(found->second.files.begin(), found->second.files.end());
  return changed(found->second.document, changes, what);
}

auto Catalog::parse(const std::string& path, ParsedFiles* parsed) -> Parsed {
  std::vector<std::string> files;
  io::Value document = load_extended(path, &files, parsed);
  return {std::move(document), std::move(files)};
}

void Catalog::parse_gpus(const std::vector<std::string>& names) {
  std::map<std::string, std::future<Parsed>> parsing;
  for (const std::string& name : names) {
    const std::string path = library_.gpu_path(name);
    if (!documents_.contains(path) && !parsing.contains(path)) {
      parsing.emplace(path, std::async(std::launch::async, parse, path, nullptr));
    }
  }
  for (auto& [path, parsed] : parsing) {
    documents_.emplace(path, parsed.get());
  }
}

bool version_less(const std::string& a, const std::string& b) {
  return version_numbers(a) < version_numbers(b);
}

const GpuSpec& Catalog::gpu(const std::string& name, const std::vector<FieldChange>& changes) {
  return cached(gpus_, name, changes, [&] {
    return read_gpu(document(library_.gpu_path(name), changes, fmt::format("GPU '{}'", name)));
  });
}

const HostSpec& Catalog::host(const std::string& name, const std::vector<FieldChange>& changes) {
  return cached(hosts_, name, changes, [&] {
    return read_host(document(library_.host_path(name), changes, fmt::format("host '{}'", name)));
  });
}

const ModelSpec& Catalog::model(const std::string& name) {
  return cached(models_, name, {}, [&] {
    if (is_dense_name(name)) {
      return dense_model_from_name(name);
    }
    const std::string path = library_.model_path(name);
    for (const std::string& file : files_behind(path)) {
      files_.insert(file);
    }
    return load_model_file(path);
  });
}

std::string Catalog::version_of(const std::string& name, const std::string& version) {
  const std::string prefix = name + "@";
  std::map<std::string, std::string, decltype(&version_less)> files(version_less);  // by version
  files.emplace(stack(name).version, name);
  for (const std::string& candidate : library_.stacks()) {
    if (candidate.starts_with(prefix)) {
      files.emplace(candidate.substr(prefix.size()), candidate);
    }
  }
  const auto newer = files.upper_bound(version);
  if (newer == files.begin()) {
    std::vector<std::string> described;
    for (const auto& [one, file] : files) {
      described.push_back(one);
    }
    throw InputError(
        Location{},
        fmt::format("no version of stack '{}' is described that is not newer than {}", name, version),
        fmt::format("described: {}", join(described)));
  }
  return std::prev(newer)->second;
}

const StackSpec& Catalog::stack(const std::string& name, const std::vector<FieldChange>& changes) {
  return cached(stacks_, name, changes, [&] {
    // "name@version"; a path may hold an '@' in its folders.
    const std::size_t at = name.rfind('@');
    const std::size_t slash = name.rfind('/');
    const bool versioned =
        at != std::string::npos && !name.ends_with(".yaml") && (slash == std::string::npos || at > slash);
    const std::string file = versioned ? version_of(name.substr(0, at), name.substr(at + 1)) : name;
    StackSpec out =
        read_stack(document(library_.stack_path(file), changes, fmt::format("stack '{}'", name)), &parsed_);
    if (!out.quality.table.path.empty()) {
      const std::vector<std::string> files = files_behind(out.quality.table.path, &parsed_);
      files_.insert(files.begin(), files.end());
    }
    return out;
  });
}

const ChainSpec& Catalog::chain(const std::string& name, const std::vector<FieldChange>& changes) {
  return cached(chains_, name, changes, [&] {
    return read_chain(document(library_.chain_path(name), changes, fmt::format("chain '{}'", name)));
  });
}

}  // namespace hopsim::spec
