// SPDX-License-Identifier: Apache-2.0
// Where names resolve to files: hw_profiles/NAME.yaml, experiments/models/NAME.yaml and so on under one data
// folder. Wherever a name is taken, a path is taken too (it holds a '/' or ends in .yaml or .json).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "io/value.hpp"

namespace hopsim::spec {

class Library {
 public:
  /// `root` holds hw_profiles/ and experiments/. Throws InputError when it does not.
  explicit Library(std::string root);

  /// $HOPSIM_DATA, else share/hopsim under the prefix of the running executable; in a build folder, the
  /// source tree. A program that only links the library has its own idea of a prefix: it passes a root.
  [[nodiscard]] static Library standard();

  /// File of a name or path of a kind. `what` ("GPU", "model" ...) words the error, which lists what there
  /// is.
  [[nodiscard]] std::string gpu_path(const std::string& name) const;
  [[nodiscard]] std::string host_path(const std::string& name) const;
  [[nodiscard]] std::string model_path(const std::string& name) const;
  [[nodiscard]] std::string stack_path(const std::string& name) const;
  [[nodiscard]] std::string chain_path(const std::string& name) const;
  [[nodiscard]] std::string experiment_path(const std::string& name) const;
  /// Kernel families by framework and number format, for calibration.
  [[nodiscard]] std::string kernel_families_path() const {
    return root_ + "/hw_profiles/kernel_families.yaml";
  }
  /// The precision scaling law.
  [[nodiscard]] std::string precision_law_path() const {
    return root_ + "/experiments/quality/precision_law.yaml";
  }
  /// Kernel classes by name, for imports.
  [[nodiscard]] std::string kernel_classes_path() const { return root_ + "/traces/kernel_classes.yaml"; }

  /// Names that are shipped, sorted.
  [[nodiscard]] std::vector<std::string> gpus() const;
  [[nodiscard]] std::vector<std::string> hosts() const;
  [[nodiscard]] std::vector<std::string> models() const;
  [[nodiscard]] std::vector<std::string> stacks() const;
  [[nodiscard]] std::vector<std::string> chains() const;
  [[nodiscard]] std::vector<std::string> experiments() const;

  [[nodiscard]] const std::string& root() const { return root_; }

 private:
  [[nodiscard]] std::string resolve(const std::string& name, const std::string& folder,
                                    const std::string& what, const std::vector<std::string>& known) const;
  std::string root_;
};

/// YAML files as parsed, each read once while this lives. Not for use by several threads at once.
class ParsedFiles {
 public:
  [[nodiscard]] const io::Value& at(const std::string& path);

 private:
  std::map<std::string, io::Value> parsed_;
};

/// Loads a document and puts it over the one its `extends:` names (a path relative to the file), repeatedly.
/// The result has no `extends` key. A circle or a missing base is an InputError. `files`, where given,
/// receives what files_behind() gives; files are looked up in `parsed` where that is given.
[[nodiscard]] io::Value load_extended(const std::string& path, std::vector<std::string>* files = nullptr,
                                      ParsedFiles* parsed = nullptr);

/// The file and those that it extends, in that order.
[[nodiscard]] std::vector<std::string> files_behind(const std::string& path, ParsedFiles* parsed = nullptr);

}  // namespace hopsim::spec
