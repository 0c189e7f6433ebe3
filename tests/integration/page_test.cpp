// SPDX-License-Identifier: Apache-2.0
// The page of a report in a browser: it draws without an error, and keyboard, controls and table do what they
// say. A copy of the page gets a script that acts and leaves what it saw in the document, which is read back.
#include <gtest/gtest.h>

#include <filesystem>

#include "integration/command.hpp"
#include "io/files.hpp"
#include "io/json.hpp"
#include "support/temp_dir.hpp"

namespace hopsim {
namespace {

using test::hopsim;

constexpr const char* kExperiment =
    "# Does it save?\nhopsim: experiment/1\nname: tiny\n"
    "title: \"</script><img src=x onerror='window.broken=1'>\"\ngrid:\n  gpus: [l4, a100-80-sxm]\n"
    "  hosts: [default]\n  models: [qwen3-0.6b, mistral-7b, dense@72b]\n"
    "  stacks: [hf-eager/bf16, bnb/nf4, vllm/fp8]\n  batches: [1, 8]\n  chains: [gsm8k-5x200]\n"
    "critical: {lowest_params_b: 0.5, highest_params_b: 20}\n";

constexpr const char* kErrors =
    "<script>window.errors = []; addEventListener('error', (e) => errors.push(e.message));"
    "addEventListener('securitypolicyviolation', (e) => errors.push(e.violatedDirective));"
    "console.error = (...words) => errors.push(words.join(' '));</script>";

// What a reader does, and what is seen then.
constexpr const char* kActions = R"js(<script>
(() => {
  const seen = {};
  const one = (selector) => document.querySelector(selector);
  const text = (selector) => one(selector).textContent;
  const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
  const bands = () => document.querySelectorAll("#panels .nstar-whisker[d^=M]").length;
  seen.bands = bands();
  seen.title = text("#title");
  seen.broken = window.broken === 1;
  seen.cells = document.querySelectorAll("#panels [role=gridcell]").length;
  seen.hatched = document.querySelectorAll("#panels .none").length;
  seen.waterfalls = document.querySelectorAll("#waterfalls svg").length;
  seen.grounds = document.querySelectorAll("#grounds .chip").length;
  one("[data-cell='1,1,0']").focus();
  seen.focused = text("#inspector h3");
  press("ArrowRight");
  seen.right = document.activeElement.dataset.cell;
  press("ArrowRight");
  seen.next_panel = document.activeElement.dataset.cell;
  press("ArrowUp");
  press("Enter");
  seen.kept = text("#inspector h3");
  seen.curves = text("#charts h3");
  one("input[name=gpu][value='1']").click();
  seen.heading = text("#map-h");
  seen.still_kept = text("#inspector h3");
  seen.bands += bands();
  one("input[name=measure][value=time]").click();
  seen.caption = text("#map-caption");
  const rows = () => Number.parseInt(text("#row-count"));
  seen.rows = rows();
  one("#filter").value = "nf4 batch=8";
  one("#filter").dispatchEvent(new Event("input"));
  seen.filtered = rows();
  document.querySelectorAll("#points th button")[2].click();
  seen.sorted = [...document.querySelectorAll("#points th")].map((th) => th.getAttribute("aria-sort")).indexOf("descending");
  seen.first = document.querySelectorAll("#points tbody td")[2].textContent;
  const before = getComputedStyle(document.body).backgroundColor;
  one("#theme").click();
  seen.theme_changed = getComputedStyle(document.body).backgroundColor !== before;
  seen.errors = window.errors;
  seen.bands += bands();
  one("[data-cell='1,1,0']").focus();
  seen.band_words = one("#inspector .band") ? text("#inspector .band") : "";
  const out = document.createElement("pre");
  out.id = "seen";
  out.textContent = JSON.stringify(seen);
  document.body.append(out);
})();
</script>)js";

// Text of the element with which the script ends; the browser has escaped it.
auto seen_in(const std::string& document) -> io::Json {
  const std::string begin = "<pre id=\"seen\">";
  const std::size_t at = document.find(begin);
  if (at == std::string::npos) {
    return nullptr;
  }
  std::string text = document.substr(at + begin.size(), document.find("</pre>", at) - at - begin.size());
  for (const auto& [escaped, plain] : {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}) {
    for (std::size_t i = text.find(escaped); i != std::string::npos; i = text.find(escaped, i)) {
      text.replace(i, std::string(escaped).size(), plain);
    }
  }
  return io::Json::parse(text);
}

void insert(std::string& page, const std::string& before, const std::string& what) {
  const std::size_t at = page.rfind(before);
  ASSERT_NE(at, std::string::npos);
  page.insert(at, what);
}

// What a browser sees on the page of the experiment, swept with so many draws; null without a browser's
// answer.
auto seen_with(const std::string& draws) -> io::Json {
  const test::TempDir dir;
  const std::string x = dir.write("x.yaml", kExperiment);
  EXPECT_EQ(hopsim({"sweep", x, "-o", dir / "r.h5", "--jobs", "2", "-q", "--draws", draws}).status, 0);
  const test::Outcome reported = hopsim({"report", dir / "r.h5", "-o", dir / "out", "-q"});
  EXPECT_EQ(reported.status, 0) << reported.err;
  std::string page = io::read_text_file(dir / "out/index.html");
  insert(page, "<title>", kErrors);
  insert(page, "</body>", kActions);
  const test::Outcome shown =
      test::run_program({"chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                         "--user-data-dir=" + (dir / "profile"), "--virtual-time-budget=10000", "--dump-dom",
                         "file://" + dir.write("page.html", page)});
  EXPECT_EQ(shown.status, 0) << shown.err;
  return seen_in(shown.out);
}

auto has_browser() -> bool { return test::run_program({"chromium", "--version"}).status == 0; }
constexpr const char* kNoBrowser = "no chromium; on Debian: apt install chromium";

TEST(Page_in_a_browser, Draws_without_errors_and_follows_keyboard_controls_and_filter) {
  if (!has_browser()) {
    GTEST_SKIP() << kNoBrowser;
  }
  const io::Json seen = seen_with("0");
  ASSERT_TRUE(seen.is_object());
  EXPECT_EQ(seen["bands"], 0);
  EXPECT_EQ(seen["band_words"], "");
  EXPECT_EQ(seen["errors"], io::Json::array());
  EXPECT_EQ(seen["title"], "</script><img src=x onerror='window.broken=1'>");
  EXPECT_EQ(seen["broken"], false);
  EXPECT_EQ(seen["cells"], 2 * 3 * 2);
  EXPECT_GT(seen["hatched"], 0);
  EXPECT_GT(seen["waterfalls"], 0);
  EXPECT_GT(seen["grounds"], 10);
  EXPECT_EQ(seen["focused"], "mistral-7b, bnb/nf4, batch 1");
  EXPECT_EQ(seen["right"], "1,1,1");
  EXPECT_EQ(seen["next_panel"], "2,1,0");
  EXPECT_EQ(seen["kept"], "72B, vllm/fp8, batch 1");
  EXPECT_EQ(seen["curves"], "Energy per right answer over model size, at batch 1");
  EXPECT_EQ(seen["heading"], "The trap map of NVIDIA A100 SXM4 80GB");
  EXPECT_EQ(seen["still_kept"], "72B, vllm/fp8, batch 1");
  EXPECT_EQ(seen["caption"].get<std::string>().substr(0, 12), "Time against");
  EXPECT_EQ(seen["rows"], 3 * 3 * 2);
  EXPECT_EQ(seen["filtered"], 3);
  EXPECT_EQ(seen["sorted"], 2);
  EXPECT_EQ(seen["first"], "72B");
  EXPECT_EQ(seen["theme_changed"], true);
}

TEST(Page_in_a_browser, Draws_the_bands_of_critical_points_and_tells_those_of_a_cell) {
  if (!has_browser()) {
    GTEST_SKIP() << kNoBrowser;
  }
  const io::Json seen = seen_with("6");
  ASSERT_TRUE(seen.is_object());
  EXPECT_EQ(seen["errors"], io::Json::array());
  EXPECT_GT(seen["bands"], 0);
  const auto words = seen["band_words"].get<std::string>();
  EXPECT_NE(words.find("of 6 draws of the uncertain parameters give this verdict"), std::string::npos)
      << words;
}

}  // namespace
}  // namespace hopsim
