// SPDX-License-Identifier: Apache-2.0
#include "report/results_store.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "base/errors.hpp"
#include "io/files.hpp"
#include "io/hash.hpp"
#include "report/identity_check.hpp"
#include "report/results_schema.hpp"

namespace hopsim::report {

namespace {

constexpr std::int64_t kSealed = std::int64_t{1} << 32U;
constexpr const char* kPoints = "/points";
constexpr const char* kPointBands = "/point_bands";
constexpr io::CellType kIntegerCell{io::CellType::Kind::kInteger, 8};
constexpr io::CellType kDoubleCell{io::CellType::Kind::kDouble, 8};

auto width_of(const std::vector<std::string>& texts) -> std::size_t {
  std::size_t out = 1;
  for (const std::string& text : texts) {
    out = std::max(out, text.size());
  }
  return out;
}

// The widest text that each text column can hold.
auto width_of(const std::string& column, const sweep::Plan& plan) -> std::size_t {
  const spec::ExperimentSpec& x = plan.experiment();
  std::vector<std::string> texts;
  if (column == "host") {
    for (const metrics::Machine& machine : plan.machines()) {
      texts.push_back(machine.host->name);
    }
  } else if (column == "versus") {
    for (const spec::StackSpec* stack : plan.stacks()) {
      texts.push_back(stack->name);
    }
  } else if (column == "verdict") {
    for (std::size_t v = 0; v < metrics::kVerdictCount; ++v) {
      texts.emplace_back(to_text(static_cast<metrics::Verdict>(v)));
    }
  } else {
    texts = column == "gpu" ? x.gpus : column == "model" ? x.models : column == "stack" ? x.stacks : x.chains;
  }
  return width_of(texts);
}

// By the ending of the field's name; a factor has no unit.
auto units_of(const spec::VarySpec& vary) -> std::string {
  static const std::vector<std::pair<std::string, std::string>> kUnits = {
      {"_gb_s", "GB s-1"}, {"_us", "us"},       {"_mhz", "MHz"}, {"_w", "W"},
      {"_gb", "GB"},       {"_mib", "MiB"},     {"_mb", "MB"},   {"_kib", "KiB"},
      {"_s", "s"},         {"_mflop", "Mflop"}, {"_tokens", "1"}};
  for (const auto& [ending, units] : kUnits) {
    if (!vary.steps.front().scale && vary.name.ends_with(ending)) {
      return units;
    }
  }
  return "1";
}

auto meta_of(const spec::VarySpec& vary) -> io::ColumnMeta {
  return {units_of(vary), (vary.steps.front().scale ? "factor on " : "value of ") + vary.name};
}

template <class T>
void put_number(char* cell, T value) {
  std::memcpy(cell, &value, sizeof value);
}

template <class Row, class T>
void write_columns(io::Hdf5Writer& file, const char* group, const std::vector<Row>& rows,
                   const std::vector<Column<Row, T>>& columns) {
  for (const Column<Row, T>& column : columns) {
    std::vector<T> values;
    for (const Row& row : rows) {
      values.push_back(row.*(column.field));
    }
    file.column(group, column.name, values, {column.units, column.long_name});
  }
}

// What a sweep that was killed while it wrote the final file left behind; nobody else writes while we hold
// the lock.
void remove_leftovers(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::path full(path);
  const std::filesystem::path folder = full.has_parent_path() ? full.parent_path() : ".";
  const std::string begin = full.filename().string() + ".";
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(begin) && name.ends_with(".part")) {
      found.push_back(entry.path());
    }
  }
  for (const std::filesystem::path& one : found) {
    std::filesystem::remove(one, ignored);
  }
}

}  // namespace

ResultsStore::ResultsStore(const std::string& path, const sweep::Plan& plan, const Identity& identity,
                           Mode mode)
    : path_(io::target_of(path)), plan_(plan), identity_(identity), known_(plan.grid().blocks(), false) {
  io::check_output_path(path);
  make_slots();
  std::error_code error;
  if (std::filesystem::is_regular_file(path_, error)) {
    if (mode == Mode::kNew && std::filesystem::file_size(path_, error) > 0 && !io::is_hdf5(path_)) {
      throw InputError(Location{path}, "holds something else than results",
                       "another name, or remove it first");
    }
    file_.emplace(path_);  // refuses a file that another sweep writes
    remove_leftovers(path_);
    if (mode == Mode::kResume) {
      resume(identity);
      return;
    }
    file_.reset();
  }
  create(identity);
}

void ResultsStore::make_slots() {
  for (const auto& column : point_schema().texts) {
    const std::size_t width = width_of(column.name, plan_);
    slots_.push_back({kPoints,
                      column.name,
                      {column.units, column.long_name},
                      {io::CellType::Kind::kText, width},
                      [field = column.field](const StoredRow& row, char* cell) {
                        std::memcpy(cell, (row.point.*field).data(), (row.point.*field).size());
                      }});
  }
  const auto add_numbers = [&](const char* group, const auto& columns, io::CellType type, auto row_of) {
    for (const auto& column : columns) {
      slots_.push_back({group,
                        column.name,
                        {column.units, column.long_name},
                        type,
                        [field = column.field, row_of](const StoredRow& row, char* cell) {
                          put_number(cell, row.*row_of.*field);
                        }});
    }
  };
  add_numbers(kPoints, point_schema().integers, kIntegerCell, &StoredRow::point);
  add_numbers(kPoints, point_schema().doubles, kDoubleCell, &StoredRow::point);
  for (std::size_t i = 0; i < plan_.experiment().vary.size(); ++i) {
    const spec::VarySpec& vary = plan_.experiment().vary[i];
    slots_.push_back({kPoints, vary.name, meta_of(vary), kDoubleCell,
                      [i](const StoredRow& row, char* cell) { put_number(cell, row.point.varied[i]); }});
  }
  if (identity_.draws.draws > 0) {
    add_numbers(kPointBands, point_band_schema().doubles, kDoubleCell, &StoredRow::band);
  }
}

void ResultsStore::write_head(io::Hdf5Writer& file, const Identity& identity, bool complete) const {
  file.attribute("format", std::string("hopsim-results"));
  file.attribute("version", kResultsVersion);
  file.attribute("complete", std::int64_t{complete ? 1 : 0});
  file.attribute("experiment", plan_.experiment().name);
  file.attribute("title", plan_.experiment().title);
  file.attribute("hopsim_version", identity.version);
  file.attribute("git_revision", identity.git_revision);
  file.attribute("program_sha256", identity.program_sha256);
  if (identity.draws.draws > 0) {
    file.attribute("draws", std::int64_t{identity.draws.draws});
    file.attribute("draw_seed", static_cast<std::int64_t>(identity.draws.seed));
  }
  std::vector<std::string> names, hashes, texts;
  for (const Evidence& item : identity.evidence) {
    names.push_back(item.name);
    hashes.push_back(item.sha256);
    texts.push_back(item.text);
  }
  file.column("/provenance", "name", names, {"1", "file that the results rest on"});
  file.column("/provenance", "sha256", hashes, {"1", "SHA-256 of its text"});
  file.column("/provenance", "text", texts, {"1", "its text"});
}

void ResultsStore::create(const Identity& identity) {
  const sweep::Grid& grid = plan_.grid();
  io::Hdf5Writer file(path_);
  write_head(file, identity, false);
  std::vector<std::int64_t> first, rows;
  for (std::size_t i = 0; i < grid.blocks(); ++i) {
    first.push_back(static_cast<std::int64_t>(grid.block(i).first));
    rows.push_back(static_cast<std::int64_t>(grid.block(i).rows));
  }
  file.column("/progress", "first_row", first, {"1", "first row of the block in /points"});
  file.column("/progress", "rows", rows, {"1", "rows of the block"});
  file.reserve("/progress", "seal", kIntegerCell, grid.blocks(),
               {"1", "2^32 + CRC-32 of the block's cells, column after column; 0: not finished"});
  for (const Slot& slot : slots_) {
    file.reserve(slot.group, slot.name, slot.type, grid.rows(), slot.meta);
  }
  file.commit();
  file_.emplace(path_);
  find_offsets(io::Hdf5Reader(path_));
}

void ResultsStore::resume(const Identity& identity) {
  const io::Hdf5Reader file(path_);
  check_identity(file, path_, identity);
  resumed_ = true;
  complete_ = file.integer_attribute("complete") != 0;
  if (complete_) {
    known_.assign(known_.size(), true);
  } else {
    find_offsets(file);
    verify_blocks();
  }
}

void ResultsStore::find_offsets(const io::Hdf5Reader& file) {
  for (Slot& slot : slots_) {
    slot.offset = file.offset(slot.group, slot.name, slot.type, plan_.grid().rows());
  }
  seal_offset_ = file.offset("/progress", "seal", kIntegerCell, plan_.grid().blocks());
}

void ResultsStore::verify_blocks() {
  std::vector<char> cells;
  for (std::size_t i = 0; i < known_.size(); ++i) {
    std::int64_t seal = 0;
    file_->read(seal_offset_ + i * sizeof seal, {reinterpret_cast<char*>(&seal), sizeof seal});
    if (seal == 0) {
      continue;
    }
    const sweep::Block block = plan_.grid().block(i);
    std::uint32_t crc = 0;
    for (const Slot& slot : slots_) {
      cells.resize(block.rows * slot.type.width);
      file_->read(slot.offset + block.first * slot.type.width, cells);
      crc = io::crc32(std::as_bytes(std::span(cells)), crc);
    }
    known_[i] = seal == kSealed + crc;
  }
}

std::size_t ResultsStore::known_points() const {
  std::size_t out = 0;
  for (std::size_t i = 0; i < known_.size(); ++i) {
    out += known_[i] ? plan_.grid().block(i).rows : 0;
  }
  return out;
}

void ResultsStore::store(std::size_t index, std::span<const sweep::PointRecord> records,
                         std::span<const metrics::PointBands> bands) {
  const sweep::Block block = plan_.grid().block(index);
  HOPSIM_CHECK(records.size() == block.rows, "a block has the wrong number of rows");
  HOPSIM_CHECK(bands.size() == (identity_.draws.draws > 0 ? block.rows : 0), "a point has no band");
  std::vector<StoredRow> rows;
  for (std::size_t i = 0; i < records.size(); ++i) {
    rows.push_back(
        {point_row(block.first + i, records[i]), bands.empty() ? PointBandRow{} : band_row(bands[i])});
  }
  std::vector<char> cells;
  std::uint32_t crc = 0;
  for (const Slot& slot : slots_) {
    cells.assign(rows.size() * slot.type.width, '\0');
    for (std::size_t i = 0; i < rows.size(); ++i) {
      slot.put(rows[i], cells.data() + i * slot.type.width);
    }
    file_->write(slot.offset + block.first * slot.type.width, cells);
    crc = io::crc32(std::as_bytes(std::span(cells)), crc);
  }
  const std::int64_t seal = kSealed + crc;
  file_->write(seal_offset_ + index * sizeof seal, {reinterpret_cast<const char*>(&seal), sizeof seal});
  known_[index] = true;
}

void ResultsStore::finish(const std::vector<sweep::CriticalRow>& critical) {
  HOPSIM_CHECK(std::find(known_.begin(), known_.end(), false) == known_.end(), "a block is missing");
  const io::Hdf5Reader in_work(path_);
  io::Hdf5Writer file(path_);
  write_head(file, identity_, true);
  for (const Slot& slot : slots_) {
    file.copy_column(in_work, slot.group, slot.name);
  }
  const std::vector<CriticalPointRow> rows = critical_rows(critical);
  write_columns(file, "/critical", rows, critical_schema().texts);
  write_columns(file, "/critical", rows, critical_schema().integers);
  write_columns(file, "/critical", rows, critical_schema().doubles);
  for (std::size_t i = 0; i < plan_.experiment().vary.size(); ++i) {
    std::vector<double> values;
    for (const CriticalPointRow& row : rows) {
      values.push_back(row.varied[i]);
    }
    const spec::VarySpec& vary = plan_.experiment().vary[i];
    file.column("/critical", vary.name, values, meta_of(vary));
  }
  if (identity_.draws.draws > 0) {
    write_columns(file, "/critical_bands", band_rows(critical), critical_band_schema().doubles);
  }
  file.commit();
  complete_ = true;
}

void ResultsStore::discard() {
  if (!resumed_ && !complete_) {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
}

}  // namespace hopsim::report
