// SPDX-License-Identifier: Apache-2.0
// The results file while its sweep runs, cut short, and resumed.
#include "report/results_store.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "io/files.hpp"
#include "replay/folded/folded_engine.hpp"
#include "report/tables.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::report {
namespace {

using Mode = ResultsStore::Mode;

auto experiment() -> spec::ExperimentSpec {
  spec::ExperimentSpec x;
  x.name = "small";
  x.title = "a small grid";
  x.gpus = {"l4", "h100-80-sxm"};
  x.hosts = {"default"};
  x.models = {"qwen3-0.6b", "dense@72b"};
  x.stacks = {"bnb/nf4", "vllm/fp8"};
  x.chains = {"vote-5"};
  x.batches = {1, 8, 64};
  x.vary = {{spec::VarySpec::Target::kGpu,
             "gpu.hbm_gb_s",
             {{{"hbm_gb_s"}, true, 1, {}}, {{"hbm_gb_s"}, true, 2, {}}}}};
  return x;
}

auto identity() -> Identity {
  return {"1", "abc", "00", {{"a.yaml", "00", "first\nsecond\n"}, {"b.yaml", "01", "b"}}};
}

class Results_store : public testing::Test {
 protected:
  // Stores blocks until `blocks` are stored here, then leaves the file as a kill would.
  void run_until(std::size_t blocks, Mode mode) {
    ResultsStore store(path_, plan_, identity(), mode);
    sweep::ThreadPool pool(1);
    sweep::Options options;
    std::size_t stored = 0;
    options.known = [&](std::size_t block) { return store.known(block); };
    options.store = [&](std::size_t block, std::span<const sweep::PointRecord> records,
                        std::span<const metrics::PointBands>) {
      if (stored++ == blocks) {
        throw std::runtime_error("cut short");
      }
      store.store(block, records);
    };
    const sweep::Outcome outcome = sweep::run(plan_, replay::FoldedEngine(), pool, options);
    computed_ = outcome.points;
    store.finish(outcome.critical);
  }

  void cut_short_after(std::size_t blocks, Mode mode) {
    EXPECT_THROW(run_until(blocks, mode), std::runtime_error);
  }

  [[nodiscard]] std::string bytes() const { return io::read_text_file(path_); }
  [[nodiscard]] std::string refusal(const Identity& now) const {
    return test::input_error([&] { ResultsStore(path_, plan_, now, Mode::kResume); });
  }

  static constexpr std::size_t kAll = 1000;
  test::TempDir dir_;
  std::string path_ = dir_ / "r.h5";
  spec::Catalog catalog_{spec::Library(HOPSIM_SOURCE_DIR)};
  sweep::Plan plan_{experiment(), catalog_};
  std::int64_t computed_ = 0;
};

TEST_F(Results_store, Reads_back_what_was_computed_with_its_axes) {
  run_until(kAll, Mode::kNew);
  const Results r = read_results(path_);
  EXPECT_TRUE(r.complete);
  ASSERT_EQ(r.points.size(), 2U * 2 * 3 * 2 * 2);
  EXPECT_EQ(r.varied, std::vector<std::string>{"gpu.hbm_gb_s"});
  for (std::size_t row = 0; row < r.points.size(); ++row) {
    const sweep::Coordinates at = plan_.grid().at(row);
    EXPECT_EQ(r.points[row].gpu, plan_.experiment().gpus[at.gpu]);
    EXPECT_EQ(r.points[row].model, plan_.experiment().models[at.model]);
    EXPECT_EQ(r.points[row].stack, plan_.experiment().stacks[at.stack]);
    EXPECT_EQ(r.points[row].batch, plan_.experiment().batches[at.batch]);
    EXPECT_EQ(r.points[row].varied.at(0), at.variant == 0 ? 1 : 2);
  }
  EXPECT_EQ(dir_.files(), 1U);
}

TEST_F(Results_store, Cut_short_opens_and_holds_every_finished_block) {
  run_until(kAll, Mode::kNew);
  const std::string whole = points_csv(read_results(path_));
  cut_short_after(4, Mode::kNew);
  const Results r = read_results(path_);
  EXPECT_FALSE(r.complete);
  EXPECT_TRUE(r.critical.empty());
  EXPECT_EQ(r.points.size(), 4 * plan_.grid().block(0).rows);
  EXPECT_TRUE(whole.starts_with(points_csv(r)));
}

TEST_F(Results_store, Resumed_from_any_block_ends_in_the_same_bytes) {
  run_until(kAll, Mode::kNew);
  const std::string whole = bytes();
  for (std::size_t cut = 0; cut < plan_.grid().blocks(); ++cut) {
    cut_short_after(cut, Mode::kNew);
    run_until(kAll, Mode::kResume);
    EXPECT_EQ(computed_,
              static_cast<std::int64_t>((plan_.grid().blocks() - cut) * plan_.grid().block(0).rows));
    EXPECT_EQ(bytes(), whole) << cut;
  }
}

TEST_F(Results_store, A_block_whose_cells_were_lost_is_computed_again) {
  run_until(kAll, Mode::kNew);
  const std::string whole = bytes();
  cut_short_after(5, Mode::kNew);
  // The names of GPUs are the first column: those of the first block, found by their content.
  std::string damaged = bytes();
  const std::size_t cell = damaged.find("h100-80-sxmh100-80-sxm");
  ASSERT_NE(cell, std::string::npos);
  damaged[cell] = '\0';
  std::ofstream(path_, std::ios::binary) << damaged;
  run_until(kAll, Mode::kResume);
  EXPECT_EQ(computed_, static_cast<std::int64_t>((plan_.grid().blocks() - 4) * plan_.grid().block(0).rows));
  EXPECT_EQ(bytes(), whole);
}

TEST_F(Results_store, A_complete_file_has_nothing_left_to_do) {
  run_until(kAll, Mode::kNew);
  const ResultsStore store(path_, plan_, identity(), Mode::kResume);
  EXPECT_TRUE(store.complete());
  EXPECT_EQ(store.known_points(), plan_.grid().rows());
}

TEST_F(Results_store, Without_a_file_resume_starts_anew) {
  run_until(kAll, Mode::kResume);
  EXPECT_EQ(computed_, static_cast<std::int64_t>(plan_.grid().rows()));
}

TEST_F(Results_store, Refuses_to_resume_with_another_program_or_other_texts_and_says_what_differs) {
  cut_short_after(1, Mode::kNew);
  Identity other = identity();
  other.git_revision = "def";
  EXPECT_NE(refusal(other).find("git_revision is 'abc' there, 'def' now"), std::string::npos);
  other = identity();
  other.program_sha256 = "ff";
  EXPECT_NE(refusal(other).find("program_sha256 is '00' there, 'ff' now"), std::string::npos);
  other = identity();
  other.evidence[0] = {"a.yaml", "02", "first\nthird\n"};
  EXPECT_NE(refusal(other).find("a.yaml changed, line 2: 'second' there, 'third' now"), std::string::npos);
  other = identity();
  other.evidence[1].name = "c.yaml";
  EXPECT_NE(refusal(other).find("does not rest on c.yaml"), std::string::npos);
  EXPECT_NE(refusal(other).find("rests on b.yaml, which is not used now"), std::string::npos);
  EXPECT_EQ(refusal(identity()), "");
}

TEST_F(Results_store, Refuses_to_resume_what_is_no_results_file) {
  dir_.write("r.h5", "hello");
  EXPECT_NE(refusal(identity()).find("is no HDF5 file"), std::string::npos);
}

TEST_F(Results_store, Two_sweeps_do_not_write_one_file) {
  cut_short_after(1, Mode::kNew);
  const ResultsStore first(path_, plan_, identity(), Mode::kResume);
  EXPECT_NE(refusal(identity()).find("is being written by another process"), std::string::npos);
  EXPECT_NE(test::input_error([&] {
              ResultsStore(path_, plan_, identity(), Mode::kNew);
            }).find("is being written by another process"),
            std::string::npos);
  EXPECT_FALSE(read_results(path_).complete);  // but it can be looked at
}

}  // namespace
}  // namespace hopsim::report
