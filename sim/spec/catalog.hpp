// SPDX-License-Identifier: Apache-2.0
// Specs by name or path, each file read once. References stay valid as long as the catalog.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "spec/chain.hpp"
#include "spec/field.hpp"
#include "spec/gpu.hpp"
#include "spec/host.hpp"
#include "spec/library.hpp"
#include "spec/model.hpp"
#include "spec/stack.hpp"

namespace hopsim::spec {

/// Not for use by several threads at once: load what a run needs first.
class Catalog {
 public:
  explicit Catalog(Library library) : library_(std::move(library)) {}

  /// Parses the files of several GPUs side by side, for gpu() to find. Their corrections are long.
  void parse_gpus(const std::vector<std::string>& names);

  /// What takes changes gives the profile with these fields changed, under its own name.
  [[nodiscard]] const GpuSpec& gpu(const std::string& name, const std::vector<FieldChange>& changes = {});
  [[nodiscard]] const HostSpec& host(const std::string& name, const std::vector<FieldChange>& changes = {});
  /// A shipped model, a file, a Hugging Face config.json, or dense@<size>.
  [[nodiscard]] const ModelSpec& model(const std::string& name);
  /// "bnb/nf4": the newest version that a measurement bears out, FRAMEWORK/PRECISION.yaml. "bnb/nf4@0.45":
  /// the newest described version that is not newer than 0.45; others are FRAMEWORK/PRECISION@VERSION.yaml.
  [[nodiscard]] const StackSpec& stack(const std::string& name, const std::vector<FieldChange>& changes = {});
  [[nodiscard]] const ChainSpec& chain(const std::string& name, const std::vector<FieldChange>& changes = {});

  [[nodiscard]] const Library& library() const { return library_; }
  /// Every file that went into what was loaded so far, those that it extends included.
  [[nodiscard]] const std::set<std::string>& files() const { return files_; }

 private:
  struct Parsed {
    io::Value document;
    std::vector<std::string> files;  // itself and what it extends
  };
  [[nodiscard]] static Parsed parse(const std::string& path, ParsedFiles* parsed);
  [[nodiscard]] io::Value document(const std::string& path, const std::vector<FieldChange>& changes,
                                   const std::string& what);
  /// The stack file that `name` at a version stands for.
  [[nodiscard]] std::string version_of(const std::string& name, const std::string& version);

  Library library_;
  ParsedFiles parsed_;
  std::set<std::string> files_;
  std::map<std::string, Parsed> documents_;  // by path
  std::map<std::string, GpuSpec> gpus_;
  std::map<std::string, HostSpec> hosts_;
  std::map<std::string, ModelSpec> models_;
  std::map<std::string, StackSpec> stacks_;
  std::map<std::string, ChainSpec> chains_;
};

/// Compares dotted versions number by number: "0.44.1" < "0.45".
[[nodiscard]] bool version_less(const std::string& a, const std::string& b);

}  // namespace hopsim::spec
