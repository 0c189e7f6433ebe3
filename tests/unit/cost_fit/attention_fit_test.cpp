// SPDX-License-Identifier: Apache-2.0
// Decode attention fitted to part of the public tables (../shared or $HOPSIM_SHARED), a table a kernel: what
// the forms alone miss on head configurations that the fit did not see.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "cost/fit/family_fit.hpp"
#include "spec/catalog.hpp"

namespace hopsim::cost::fit {
namespace {

struct Table {
  const char* gpu;
  const char* file;
  const char* dtype;
  const char* form;
};

class Attention_fit : public testing::TestWithParam<Table> {};

TEST_P(Attention_fit, Predicts_unseen_head_configurations) {
  const char* chosen = std::getenv("HOPSIM_SHARED");
  const std::string root = chosen != nullptr ? chosen : std::string(HOPSIM_SOURCE_DIR) + "/../shared";
  const std::string path = root + "/data/aiconfigurator/" + GetParam().file;
  if (!std::filesystem::exists(path)) {
    GTEST_SKIP() << "no table " << path << " (set HOPSIM_SHARED)";
  }
  const spec::Library library(HOPSIM_SOURCE_DIR);
  const spec::GpuSpec gpu = spec::load_gpu(library.gpu_path(GetParam().gpu));
  KernelTable table = read_kernel_table(path);
  // About 400 rows in no order that batch, context or heads follow.
  std::vector<KernelRow> rows;
  for (const KernelRow& row : table.rows) {
    if (row.label.dtype == GetParam().dtype) {
      rows.push_back(row);
    }
  }
  table.rows.clear();
  for (std::size_t i = 0, at = 0; i < 400; ++i, at = (at + 4001) % rows.size()) {
    table.rows.push_back(rows[at]);
  }
  const spec::FamilyRules rules = spec::load_family_rules(library.kernel_families_path());
  const std::vector<FamilyData> data = family_data({table}, rules, gpu);
  ASSERT_EQ(data.size(), 1U);
  EXPECT_EQ(data.front().rule->form, GetParam().form);
  std::string why;
  const auto fitted = fit_family(data.front(), gpu, why, [] {});
  ASSERT_TRUE(fitted) << why;
  EXPECT_LE(fitted->all.median_ape, 0.04);
  EXPECT_LE(fitted->all.p90_ape, 0.15);
}

INSTANTIATE_TEST_SUITE_P(
    Tables, Attention_fit,
    testing::Values(Table{"a100-80-sxm", "decode_attention_a100_sxm.csv", "bfloat16", "attention_fa2"},
                    Table{"h100-80-sxm", "decode_attention_h100_sxm.csv", "bfloat16", "attention_fa3"},
                    Table{"l40s", "decode_attention_l40s.csv", "fp8", "attention_fi"},
                    Table{"b200-180-sxm", "decode_attention_b200_sxm.csv", "bfloat16", "attention_trt"}),
    [](const auto& one) { return std::string(one.param.form); });

}  // namespace
}  // namespace hopsim::cost::fit
