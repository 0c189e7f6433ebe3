// SPDX-License-Identifier: Apache-2.0
#include "trace/import/nsys/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/errors.hpp"

namespace hopsim::trace::nsys {

namespace {

// A path as part of a URI; SQLite takes '?', '#' and '%' for its own there.
auto uri_of(const std::string& path) -> std::string {
  std::string out = "file:";
  for (const char c : path) {
    out += c == '?' || c == '#' || c == '%' ? fmt::format("%{:02x}", static_cast<unsigned>(c))
                                            : std::string(1, c);
  }
  return out +
         "?mode=ro&immutable=1";  // immutable: no lock and no journal beside a file that may be read-only
}

// SQLite reads missing pages at the end as empty ones. The header (SQLite file format, section 1.3) says how
// many pages there are, where the number is valid.
void check_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<unsigned char, 100> header{};
  file.read(reinterpret_cast<char*>(header.data()), header.size());
  const auto number = [&](std::size_t at) {
    return (std::uint64_t{header[at]} << 24U) | (std::uint64_t{header[at + 1]} << 16U) |
           (std::uint64_t{header[at + 2]} << 8U) | std::uint64_t{header[at + 3]};
  };
  const std::uint64_t page = (std::uint64_t{header[16]} << 8U) | header[17];
  const std::uint64_t bytes = number(28) * (page == 1 ? 65536 : page);
  const bool valid = number(24) == number(92);
  if (static_cast<std::size_t>(file.gcount()) < header.size() ||
      (valid && std::filesystem::file_size(path) < bytes)) {
    throw InputError(Location{path}, "the SQLite file is cut off", "a whole file; copy or export it again");
  }
}

}  // namespace

struct Rows::Impl {
  sqlite3* database = nullptr;
  std::string path;
  sqlite3_stmt* statement = nullptr;
};

Rows::Rows(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Rows::Rows(Rows&&) noexcept = default;
Rows::~Rows() {
  if (impl_ != nullptr) {
    sqlite3_finalize(impl_->statement);
  }
}

bool Rows::next() {
  if (impl_->statement == nullptr) {
    return false;
  }
  const int state = sqlite3_step(impl_->statement);
  if (state != SQLITE_ROW && state != SQLITE_DONE) {
    throw InputError(Location{impl_->path},
                     std::string("the SQLite file is damaged: ") + sqlite3_errmsg(impl_->database),
                     "a whole file; export it again");
  }
  return state == SQLITE_ROW;
}

std::optional<std::int64_t> Rows::integer(int column) const {
  if (sqlite3_column_type(impl_->statement, column) == SQLITE_NULL) {
    return std::nullopt;
  }
  return sqlite3_column_int64(impl_->statement, column);
}

std::optional<std::string> Rows::text(int column) const {
  const unsigned char* text = sqlite3_column_text(impl_->statement, column);
  if (text == nullptr) {
    return std::nullopt;
  }
  return std::string(reinterpret_cast<const char*>(text));
}

struct Database::Impl {
  std::string path;
  sqlite3* handle = nullptr;
};

Database::Database(const std::string& path) : impl_(std::make_unique<Impl>()) {
  impl_->path = path;
  check_whole(path);
  const int state =
      sqlite3_open_v2(uri_of(path).c_str(), &impl_->handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
  if (state != SQLITE_OK || sqlite3_exec(impl_->handle, "SELECT count(*) FROM sqlite_master", nullptr,
                                         nullptr, nullptr) != SQLITE_OK) {
    const std::string why = impl_->handle != nullptr ? sqlite3_errmsg(impl_->handle) : "out of memory";
    sqlite3_close(impl_->handle);
    impl_->handle = nullptr;
    throw InputError(Location{path}, "can't be read as SQLite: " + why, "an Nsight Systems SQLite export");
  }
}

Database::~Database() { sqlite3_close(impl_->handle); }

bool Database::has_table(const std::string& table) const {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(impl_->handle,
                     "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ?", -1,
                     &statement, nullptr);
  sqlite3_bind_text(statement, 1, table.c_str(), -1, SQLITE_TRANSIENT);
  const bool found = sqlite3_step(statement) == SQLITE_ROW;
  sqlite3_finalize(statement);
  return found;
}

Rows Database::select(const std::string& table, const std::vector<std::string>& columns) const {
  auto out = std::make_unique<Rows::Impl>();
  out->database = impl_->handle;
  out->path = impl_->path;
  if (!has_table(table)) {
    return Rows(std::move(out));
  }
  std::set<std::string> known;
  sqlite3_stmt* info = nullptr;
  if (sqlite3_prepare_v2(impl_->handle, fmt::format("PRAGMA table_info(\"{}\")", table).c_str(), -1, &info,
                         nullptr) == SQLITE_OK) {
    while (sqlite3_step(info) == SQLITE_ROW) {
      const unsigned char* name = sqlite3_column_text(info, 1);
      known.insert(name != nullptr ? reinterpret_cast<const char*>(name) : "");
    }
  }
  sqlite3_finalize(info);
  std::string list;
  for (const std::string& column : columns) {
    list +=
        (list.empty() ? "" : ", ") + (known.contains(column) ? "\"" + column + "\"" : std::string("NULL"));
  }
  const std::string text = fmt::format("SELECT {} FROM \"{}\"", list, table);
  if (sqlite3_prepare_v2(impl_->handle, text.c_str(), -1, &out->statement, nullptr) != SQLITE_OK) {
    throw InputError(Location{impl_->path},
                     fmt::format("table {} can't be read: {}", table, sqlite3_errmsg(impl_->handle)));
  }
  return Rows(std::move(out));
}

}  // namespace hopsim::trace::nsys
