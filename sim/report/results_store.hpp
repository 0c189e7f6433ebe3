// SPDX-License-Identifier: Apache-2.0
// Writes a results file while its sweep runs, so that the file can be opened at any moment and a kill loses
// at most the blocks in work.
//
// The number of points is known before the first is computed. So the file is made whole at once: every column
// of /points (and /point_bands) in one piece and without filters, and /progress with a seal for each block.
// Then HDF5 lets go of it, and blocks are written in place with pwrite(2): HDF5's own structures never change
// and can't be torn. A block's seal, 2^32 + the CRC-32 of its cells, is written after them; a block without
// its right seal (killed, or after a power cut that lost pages) is computed again. When all is done the
// columns are copied into a compressed file with /critical, under a temporary name that is then renamed over
// this one. The final file depends on what it holds alone, not on interruptions.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/hdf5.hpp"
#include "io/in_place_file.hpp"
#include "report/results_file.hpp"
#include "sweep/draws.hpp"
#include "sweep/sweep.hpp"

namespace hopsim::report {

/// A file that results rest on.
struct Evidence {
  std::string name, sha256, text;
};

/// What a sweep computes and with what; a resumed sweep must have the same.
struct Identity {
  std::string version;  // of hopsim
  std::string git_revision;
  std::string program_sha256;  // of the executable
  std::vector<Evidence> evidence;
  sweep::DrawOptions draws{};
};

class ResultsStore {
 public:
  enum class Mode { kNew, kResume };  // kResume: as kNew where there is no file

  /// Throws InputError: the path can't be written, another sweep writes it, or, to resume, it holds anything
  /// but results of the same plan and identity; the message lists what differs.
  ResultsStore(const std::string& path, const sweep::Plan& plan, const Identity& identity, Mode mode);

  /// Nothing is left to compute or to write.
  [[nodiscard]] bool complete() const { return complete_; }
  [[nodiscard]] bool known(std::size_t block) const { return known_[block]; }
  [[nodiscard]] std::size_t known_points() const;
  /// With a band for each record where the identity has draws.
  void store(std::size_t block, std::span<const sweep::PointRecord> records,
             std::span<const metrics::PointBands> bands = {});
  /// Requires that every block is stored.
  void finish(const std::vector<sweep::CriticalRow>& critical);
  /// Removes a file that holds nothing worth resuming, unless this store resumed it.
  void discard();

 private:
  // A row of /points and of /point_bands.
  struct StoredRow {
    PointRow point;
    PointBandRow band;
  };
  struct Slot {
    const char* group;
    std::string name;
    io::ColumnMeta meta;
    io::CellType type;
    std::function<void(const StoredRow&, char*)> put;  // into a cell of zeros
    std::uint64_t offset = 0;
  };

  void make_slots();
  void create(const Identity& identity);
  void resume(const Identity& identity);
  void find_offsets(const io::Hdf5Reader& file);
  void verify_blocks();
  void write_head(io::Hdf5Writer& file, const Identity& identity, bool complete) const;
  [[nodiscard]] PointRow point_row(std::size_t row, const sweep::PointRecord& record) const;
  [[nodiscard]] std::vector<CriticalPointRow> critical_rows(
      const std::vector<sweep::CriticalRow>& rows) const;
  [[nodiscard]] std::vector<double> varied(std::size_t variant) const;

  std::string path_;
  const sweep::Plan& plan_;
  Identity identity_;
  std::vector<Slot> slots_;
  std::uint64_t seal_offset_ = 0;
  std::optional<io::InPlaceFile> file_;
  std::vector<bool> known_;
  bool complete_ = false;
  bool resumed_ = false;
};

}  // namespace hopsim::report
