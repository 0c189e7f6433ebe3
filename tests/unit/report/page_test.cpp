// SPDX-License-Identifier: Apache-2.0
// The page of a report: what it holds, what it must not hold, and how it stays small.
#include "report/page/page.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "io/files.hpp"
#include "io/hash.hpp"
#include "replay/folded/folded_engine.hpp"
#include "report/page/page_data.hpp"
#include "report/page/stored_plan.hpp"
#include "report/results_store.hpp"
#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::report {
namespace {

constexpr const char* kExperiment =
    "# Does it save?\n# On two GPUs.\nhopsim: experiment/1\nname: small\ntitle: \"{}\"\ngrid:\n"
    "  gpus: [l4, a100-80-sxm]\n  hosts: [default]\n  models: [qwen3-0.6b, dense@72b]\n"
    "  stacks: [hf-eager/bf16, bnb/nf4, vllm/fp8]\n  batches: [1, 8]\n  chains: [gsm8k-5x200]\n"
    "critical: {lowest_params_b: 0.5, highest_params_b: 20}\n";

// Swept once for all tests.
class Page : public testing::Test {
 protected:
  static void SetUpTestSuite() { dir_ = new test::TempDir; }
  static void TearDownTestSuite() {
    delete dir_;
    dir_ = nullptr;
  }

  // A results file of the experiment under this title, with the texts that it rests on.
  static auto swept(const std::string& title, int draws = 0) -> std::string {
    std::string text = kExperiment;
    text.replace(text.find("{}"), 2, title);
    const std::string x = dir_->write("x.yaml", text);
    const std::string path = *dir_ / "r.h5";
    const std::string root = HOPSIM_SOURCE_DIR;
    spec::Catalog catalog{spec::Library(root)};
    const sweep::Plan plan(spec::load_experiment(x), catalog);
    Identity identity{"1", "abc", "00", {{"x.yaml", io::sha256(text), text}}, {draws, 1}};
    for (const std::string& file : catalog.files()) {
      const std::string content = io::read_text_file(file);
      identity.evidence.push_back({file.substr(root.size() + 1), io::sha256(content), content});
    }
    ResultsStore store(path, plan, identity, ResultsStore::Mode::kNew);
    sweep::ThreadPool pool(1);
    sweep::Options how;
    how.store = [&](std::size_t block, std::span<const sweep::PointRecord> records,
                    std::span<const metrics::PointBands> bands) { store.store(block, records, bands); };
    const sweep::DrawnPlans drawn(plan, identity.draws);
    how.draws = draws > 0 ? &drawn : nullptr;
    store.finish(sweep::run(plan, replay::FoldedEngine(), pool, how).critical);
    return path;
  }

  static auto page_of(const std::string& path) -> std::string { return page_html(read_results(path), path); }

  static auto block_of(const std::string& page) -> std::string {
    const std::string begin = "<script id=\"data\" type=\"application/json\">";
    const std::size_t at = page.find(begin) + begin.size();
    return page.substr(at, page.find("</script>", at) - at);
  }

  static test::TempDir* dir_;
};
test::TempDir* Page::dir_ = nullptr;

auto count(const std::string& text, const std::string& part) -> std::size_t {
  std::size_t out = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) {
    ++out;
  }
  return out;
}

TEST_F(Page, Holds_every_point_and_critical_point_with_what_they_rest_on) {
  const std::string path = swept("A title");
  const Results results = read_results(path);
  const io::Json data = io::Json::parse(block_of(page_of(path)));
  EXPECT_EQ(data["title"], "A title");
  EXPECT_EQ(data["asks"], "Does it save? On two GPUs.");
  ASSERT_EQ(data["views"].size(), 2U);
  std::size_t cells = 0;
  std::size_t critical = 0;
  for (const io::Json& view : data["views"]) {
    const auto verdicts = view["cells"]["verdict"].get<std::string>();
    EXPECT_EQ(verdicts.size(), 3U * 2 * 2);
    EXPECT_EQ(view["cells"]["energy_j"].size(), verdicts.size());
    cells += verdicts.size() - static_cast<std::size_t>(std::count(verdicts.begin(), verdicts.end(), '.'));
    critical += view["critical"].size();
  }
  EXPECT_EQ(cells, results.points.size());
  EXPECT_EQ(critical, results.critical.size());
  EXPECT_EQ(data["grounds_missing"], "");
  EXPECT_EQ(data["grounds"]["gpus"]["l4"]["families"]["attention_decode"]["kind"], "borrowed");
  // Accuracy and its source, CTIR and its source: NF4's lengths nobody measured.
  const io::Json& nf4 = data["grounds"]["stacks"]["bnb/nf4"];
  const io::Json& answer = nf4["answers"]["gsm8k-5x200"]["qwen3-0.6b"];
  EXPECT_LT(answer[0].get<double>(), 1);
  EXPECT_EQ(nf4["answer_sources"][answer[1].get<std::size_t>()]["kind"], "borrowed");
  EXPECT_TRUE(answer[2].is_null());
  EXPECT_EQ(data["files"].size(), read_identity(path).evidence.size());
}

TEST_F(Page, Gives_each_number_with_four_digits_at_its_place) {
  const std::string path = swept("A title");
  const Results results = read_results(path);
  const io::Json data = io::Json::parse(block_of(page_of(path)));
  for (const PointRow& row : results.points) {
    const io::Json& axes = data["axes"];
    const auto place = [](const io::Json& list, const std::string& name) {
      return static_cast<std::size_t>(
          std::find_if(list.begin(), list.end(), [&](const io::Json& x) { return x["name"] == name; }) -
          list.begin());
    };
    const std::size_t gpu = row.gpu == "l4" ? 0 : 1;
    const std::size_t cell = (place(axes["stacks"], row.stack) * 2 + place(axes["models"], row.model)) * 2 +
                             (row.batch == 1 ? 0U : 1U);
    const io::Json& cells = data["views"][gpu]["cells"];
    EXPECT_NEAR(cells["energy_j"][cell].get<double>(), row.energy_j, 5e-4 * row.energy_j);
    EXPECT_NEAR(cells["energy_ratio"][cell].get<double>(), row.energy_ratio, 5e-4 * row.energy_ratio);
    const char verdict = cells["verdict"].get<std::string>()[cell];
    EXPECT_EQ(verdict == 'U' || verdict == 'I', row.verdict == "infeasible");
  }
}

TEST_F(Page, Holds_the_bands_of_points_and_critical_points_where_there_are_draws) {
  const std::string path = swept("A title", 6);
  const Results results = read_results(path);
  const io::Json data = io::Json::parse(block_of(page_of(path)));
  EXPECT_EQ(data["draws"], 6);
  std::size_t banded = 0;
  for (const io::Json& view : data["views"]) {
    const io::Json& cells = view["cells"];
    for (std::size_t i = 0; i < cells["energy_ratio"].size(); ++i) {
      const auto low = cells["energy_ratio_low"][i].get<double>();
      const auto high = cells["energy_ratio_high"][i].get<double>();
      EXPECT_LE(low, high);
      EXPECT_LE(cells["cor_low"][i].get<double>(), cells["cor_high"][i].get<double>());
      banded += high > 0 ? 1 : 0;
    }
  }
  const auto& points = results.bands.points;
  EXPECT_EQ(banded, std::count_if(points.begin(), points.end(),
                                  [](const PointBandRow& b) { return b.energy_ratio_high > 0; }));
  std::size_t rows = 0;
  std::size_t with_bands = 0;
  for (const io::Json& view : data["views"]) {
    for (const io::Json& one : view["critical"]) {
      with_bands += one.contains("low") ? 1 : 0;
      ++rows;
    }
  }
  EXPECT_EQ(rows, results.bands.critical.size());
  EXPECT_EQ(with_bands, std::count_if(results.bands.critical.begin(), results.bands.critical.end(),
                                      [](const CriticalBandRow& b) { return b.crossing_share > 0; }));
  EXPECT_FALSE(io::Json::parse(block_of(page_of(swept("A title"))))["views"][0]["cells"].contains("cor_low"));
}

TEST_F(Page, Explains_extremes_whose_parts_add_up_to_the_difference) {
  const io::Json data = io::Json::parse(block_of(page_of(swept("A title"))));
  ASSERT_FALSE(data["waterfalls"].empty());
  for (const io::Json& fall : data["waterfalls"]) {
    const io::Json& energy = fall["energy_j"];
    const auto anchor = energy["anchor"].get<double>();
    double sum = anchor;
    for (const auto& [cause, part] : energy["parts"].items()) {
      sum += part.get<double>();
    }
    EXPECT_NEAR(sum, energy["q"].get<double>(), 1e-9 * sum);
    EXPECT_NEAR(energy["q"].get<double>() / anchor, fall["energy_ratio"].get<double>(), 1e-6);
  }
}

TEST_F(Page, Shows_hostile_titles_as_text) {
  const std::string hostile = "</script><script>alert(1)</script><!-- @DATA@ @TITLE@ &amp; 'x'";
  const std::string page = page_of(swept(hostile));
  EXPECT_EQ(page.find("alert(1)</script>"), std::string::npos);
  EXPECT_EQ(count(page, "<script"), 3U);
  EXPECT_EQ(count(page, "</script>"), 3U);
  const std::string block = block_of(page);
  EXPECT_EQ(block.find_first_of("<>&"), std::string::npos);
  EXPECT_EQ(io::Json::parse(block)["title"], hostile);
  EXPECT_NE(page.find("<title>&lt;/script&gt;&lt;script&gt;"), std::string::npos);
}

TEST_F(Page, Asks_for_nothing_from_elsewhere) {
  const std::string page = page_of(swept("A title"));
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  for (const std::string begin : {"src=", "href=", "action=", "url(", "@import "}) {
    for (const std::string quote : {"", "'", "\""}) {
      for (const std::string place : {"http:", "https:", "//"}) {
        EXPECT_EQ(page.find(begin + quote + place), std::string::npos) << begin << quote << place;
      }
    }
  }
  EXPECT_LT(page.size(), kMostPageBytes);
}

// What stands in scripts and style is no markup.
TEST_F(Page, Opens_and_closes_every_element_in_order) {
  const std::string page = page_of(swept("A title"));
  const std::vector<std::string> empty = {"meta", "link", "br", "input"};
  std::vector<std::string> open;
  for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at)) {
    const bool closes = page[at + 1] == '/';
    const std::size_t begin = at + (closes ? 2 : 1);
    const std::string name = page.substr(begin, page.find_first_of(" >\n", begin) - begin);
    at = page.find('>', at);
    ASSERT_NE(at, std::string::npos);
    if (closes) {
      ASSERT_FALSE(open.empty()) << name;
      EXPECT_EQ(open.back(), name);
      open.pop_back();
    } else if (!name.starts_with('!') && std::find(empty.begin(), empty.end(), name) == empty.end()) {
      open.push_back(name);
    }
    if (!closes && (name == "script" || name == "style")) {
      at = page.find("</" + name + ">", at);
    }
  }
  EXPECT_TRUE(open.empty());
}

TEST_F(Page, Says_why_where_the_stored_texts_make_no_plan) {
  const std::vector<Evidence> outside = {{"x.yaml", "", "hopsim: experiment/1\n"}, {"../../x", "", ""}};
  EXPECT_NE(test::input_error([&] { StoredPlan plan(outside); }).find("outside the data folder"),
            std::string::npos);
  EXPECT_NE(test::input_error([] { StoredPlan plan({}); }).find("no texts"), std::string::npos);
}

// A grid of two fields with so many entries each on two GPUs, one model and so many batches.
auto many_views(int entries, int batches) -> Results {
  Results out;
  out.varied = {"gpu.hbm_gb_s", "host.speed"};
  for (int place = 0; place < entries * entries * batches; ++place) {
    for (const char* gpu : {"l4", "h100-80-sxm"}) {
      PointRow row;
      row.gpu = gpu;
      row.stack = "bnb/nf4";
      row.versus = "hf-eager/bf16";
      row.verdict = "dissolved";
      row.batch = place % batches + 1;
      row.latency_s = 1.2345e-3 * place;
      row.varied = {0.5 + 0.25 * (place / batches / entries), 0.25 * (place / batches % entries)};
      out.points.push_back(row);
    }
  }
  return out;
}

TEST_F(Page, Says_what_it_left_out_to_stay_small) {
  const std::string path = swept("A title");
  const Results results = many_views(40, 25);
  const std::string page = page_html(results, path);
  EXPECT_LT(page.size(), kMostPageBytes);
  const io::Json data = io::Json::parse(block_of(page));
  EXPECT_EQ(data["points"], 40 * 40 * 25 * 2);
  EXPECT_GT(data["views"].size(), 100U);
  EXPECT_EQ(data["views_left_out"], 40U * 40 * 2 - data["views"].size());
}

TEST(Page_views, Leave_out_whole_combinations_and_keep_the_shipped_profile) {
  const Results results = many_views(10, 1);
  const std::vector<MapView> some = page_views(results, 20);
  EXPECT_EQ(some.size(), 20U);
  EXPECT_TRUE(std::any_of(some.begin(), some.end(), [](const MapView& v) {
    return v.varied == std::vector<double>{1, 1};
  }));
  EXPECT_EQ(std::count_if(some.begin(), some.end(), [](const MapView& v) { return v.gpu == "l4"; }), 10);
  EXPECT_EQ(page_views(results, 1).size(), 1U);
  EXPECT_EQ(page_views(results, 0).size(), 1U);
  EXPECT_EQ(page_views(results, 200).size(), 200U);
}

TEST(Page_views, Keep_one_of_every_gpu_before_other_chains) {
  Results results;
  for (const char* gpu : {"l4", "l40s", "h100-80-sxm"}) {
    for (const char* chain : {"a", "b", "c", "d"}) {
      PointRow row;
      row.gpu = gpu;
      row.chain = chain;
      results.points.push_back(row);
    }
  }
  for (const std::size_t most : {3U, 5U, 11U}) {
    const std::vector<MapView> some = page_views(results, most);
    EXPECT_EQ(some.size(), most);
    for (const char* gpu : {"l4", "l40s", "h100-80-sxm"}) {
      EXPECT_TRUE(std::any_of(some.begin(), some.end(), [&](const MapView& v) { return v.gpu == gpu; }))
          << gpu;
    }
  }
  EXPECT_EQ(page_views(results, 2).size(), 2U);
  EXPECT_EQ(page_views(results, 12).size(), 12U);
}

}  // namespace
}  // namespace hopsim::report
