// SPDX-License-Identifier: Apache-2.0
#include "report/page/stored_plan.hpp"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/errors.hpp"
#include "io/hdf5.hpp"
#include "report/identity_check.hpp"

namespace hopsim::report {

namespace fs = std::filesystem;

namespace {

// Of our own, gone at the end.
class Folder {
 public:
  Folder() {
    path_ = (fs::temp_directory_path() / "hopsim-report-XXXXXX").string();
    if (mkdtemp(path_.data()) == nullptr) {
      throw InputError(Location{path_}, "can't be made a folder", "TMPDIR names one that can be written");
    }
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Stays below the folder that it is put into.
auto is_inside(const fs::path& name) -> bool {
  return !name.empty() && name.is_relative() &&
         std::none_of(name.begin(), name.end(), [](const fs::path& part) { return part == ".."; });
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) {
    throw InputError(Location{path.string()}, "can't be written");
  }
}

}  // namespace

Identity read_identity(const std::string& path) {
  const io::Hdf5Reader file(path);
  return {file.text_attribute("hopsim_version"), file.text_attribute("git_revision"),
          file.text_attribute("program_sha256"), evidence_in(file)};
}

StoredPlan::StoredPlan(const std::vector<Evidence>& evidence) {
  const Folder folder;  // every file is read before the plan is made
  for (const char* data : {"hw_profiles", "experiments"}) {
    fs::create_directories(fs::path(folder.path()) / data);
  }
  if (evidence.empty()) {
    throw InputError(Location{}, "the results hold no texts of what they rest on");
  }
  const std::string experiment = folder.path() + "/experiment.yaml";
  write(experiment, evidence.front().text);
  for (std::size_t i = 1; i < evidence.size(); ++i) {
    if (!is_inside(evidence[i].name)) {
      throw InputError(Location{evidence[i].name}, "lies outside the data folder");
    }
    write(fs::path(folder.path()) / evidence[i].name, evidence[i].text);
  }
  catalog_ = std::make_unique<spec::Catalog>(spec::Library(folder.path()));
  plan_ = std::make_unique<sweep::Plan>(spec::load_experiment(experiment), *catalog_);
}

}  // namespace hopsim::report
