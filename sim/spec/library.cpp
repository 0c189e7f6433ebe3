// SPDX-License-Identifier: Apache-2.0
#include "spec/library.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/text.hpp"

namespace hopsim::spec {

namespace fs = std::filesystem;

namespace {

// Names of the YAML files below `folder`, with sub-folders as part of the name when `deep`.
auto names_in(const fs::path& folder, bool deep) -> std::vector<std::string> {
  std::vector<std::string> out;
  std::error_code error;
  const auto take = [&](const fs::directory_entry& entry) {
    if (entry.is_regular_file() && entry.path().extension() == ".yaml") {
      out.push_back(fs::relative(entry.path(), folder).replace_extension("").generic_string());
    }
  };
  if (deep) {
    for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
      take(entry);
    }
  } else {
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      take(entry);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

// The data folder of the running command: its place under the prefix, or what hopsim.data beside it names.
auto own_root() -> std::string {
  std::error_code error;
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  std::ifstream build_folder(folder / "hopsim.data");
  if (std::string named; std::getline(build_folder, named)) {
    return named;
  }
  return (folder / HOPSIM_DATA_FROM_BIN).lexically_normal().string();
}

}  // namespace

Library::Library(std::string root) : root_(std::move(root)) {
  if (!fs::is_directory(root_ + "/hw_profiles") || !fs::is_directory(root_ + "/experiments")) {
    throw InputError(Location{root_}, "no hopsim data here",
                     "a folder with hw_profiles/ and experiments/; set HOPSIM_DATA to it");
  }
}

Library Library::standard() {
  const char* chosen = std::getenv("HOPSIM_DATA");
  return Library(chosen != nullptr && *chosen != '\0' ? chosen : own_root());
}

std::string Library::resolve(const std::string& name, const std::string& folder, const std::string& what,
                             const std::vector<std::string>& known) const {
  std::error_code error;
  if (std::find(known.begin(), known.end(), name) != known.end()) {
    return root_ + "/" + folder + "/" + name + ".yaml";
  }
  if (name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json") ||
      fs::exists(name, error)) {
    return name;
  }
  throw InputError(Location{}, fmt::format("unknown {} '{}'", what, name),
                   suggestion(name, known) + "; or a path to a file");
}

std::string Library::gpu_path(const std::string& name) const {
  return resolve(name, "hw_profiles", "GPU", gpus());
}
std::string Library::host_path(const std::string& name) const {
  return resolve(name, "hw_profiles/hosts", "host", hosts());
}
std::string Library::model_path(const std::string& name) const {
  return resolve(name, "experiments/models", "model", models());
}
std::string Library::stack_path(const std::string& name) const {
  return resolve(name, "experiments/stacks", "stack", stacks());
}
std::string Library::chain_path(const std::string& name) const {
  return resolve(name, "experiments/chains", "chain", chains());
}
std::string Library::experiment_path(const std::string& name) const {
  return resolve(name, "experiments", "experiment", experiments());
}

std::vector<std::string> Library::gpus() const {
  std::vector<std::string> out = names_in(root_ + "/hw_profiles", false);
  std::erase(out, "kernel_families");
  for (const std::string& name : names_in(root_ + "/hw_profiles/hypothetical", false)) {
    out.push_back("hypothetical/" + name);
  }
  return out;
}
std::vector<std::string> Library::hosts() const { return names_in(root_ + "/hw_profiles/hosts", false); }
std::vector<std::string> Library::models() const { return names_in(root_ + "/experiments/models", false); }
std::vector<std::string> Library::stacks() const { return names_in(root_ + "/experiments/stacks", true); }
std::vector<std::string> Library::chains() const { return names_in(root_ + "/experiments/chains", false); }
std::vector<std::string> Library::experiments() const { return names_in(root_ + "/experiments", false); }

const io::Value& ParsedFiles::at(const std::string& path) {
  const auto found = parsed_.find(path);
  return found != parsed_.end() ? found->second : parsed_.emplace(path, io::load_yaml(path)).first->second;
}

namespace {

// A path within hopsim's own data; nothing where there is none, as for a program that links the library
// alone.
auto shipped(const std::string& path) -> std::string {
  try {
    return (fs::path(Library::standard().root()) / path).lexically_normal().string();
  } catch (const InputError&) {
    return "";
  }
}

// Calls step(document, path) for the file and each one that it extends.
template <class Step>
void walk_extends(const std::string& path, ParsedFiles* parsed, Step step) {
  std::vector<std::string> seen;
  std::string next = path;
  while (true) {
    seen.push_back(fs::weakly_canonical(next).string());
    io::Value document = parsed != nullptr ? parsed->at(next) : io::load_yaml(next);
    const io::Value* base = document.find("extends");
    if (base != nullptr && (base->kind != io::Value::Kind::kScalar || base->scalar.empty())) {
      throw InputError(base->at, "extends must be a path, not " + base->describe());
    }
    std::string base_path;
    if (base != nullptr) {
      base_path = (fs::path(next).parent_path() / base->scalar).lexically_normal().string();
      if (!fs::is_regular_file(base_path)) {
        base_path = shipped(base->scalar);
      }
      if (!fs::is_regular_file(base_path)) {
        throw InputError(base->at, "extends names no file: '" + base->scalar + "'",
                         "a path relative to this file or to hopsim's data");
      }
      if (std::find(seen.begin(), seen.end(), fs::weakly_canonical(base_path).string()) != seen.end()) {
        throw InputError(base->at, "extends runs in a circle at '" + base->scalar + "'");
      }
    }
    std::erase_if(document.fields, [](const io::Entry& entry) { return entry.key == "extends"; });
    step(std::move(document), next);
    if (base_path.empty()) {
      return;
    }
    next = base_path;
  }
}

}  // namespace

io::Value load_extended(const std::string& path, std::vector<std::string>* files, ParsedFiles* parsed) {
  io::Value out;
  bool first = true;
  walk_extends(path, parsed, [&](io::Value document, const std::string& file) {
    if (files != nullptr) {
      files->push_back(file);
    }
    if (!first && document.find("name") != nullptr && out.find("name") == nullptr) {
      throw InputError(Location{path}, "a file that extends another needs a name of its own");
    }
    out = first ? std::move(document) : io::merged(document, out);
    first = false;
  });
  return out;
}

std::vector<std::string> files_behind(const std::string& path, ParsedFiles* parsed) {
  std::vector<std::string> out;
  walk_extends(path, parsed, [&](const io::Value&, const std::string& file) { out.push_back(file); });
  return out;
}

}  // namespace hopsim::spec
