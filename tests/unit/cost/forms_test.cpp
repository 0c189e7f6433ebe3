// SPDX-License-Identifier: Apache-2.0
#include "cost/forms/forms.hpp"

#include <gtest/gtest.h>

#include "support/input_error.hpp"

namespace hopsim::cost::forms {
namespace {

auto machine() -> Machine {
  Machine out;
  out.bytes_per_s = 1e12;
  out.flops_per_s = 1e14;
  out.sms = 100;
  out.clock_hz = 1.5e9;
  out.l2_bytes = 50e6;
  return out;
}

auto starts(const Form& form) -> std::vector<double> {
  std::vector<double> out;
  for (const Parameter& p : form.parameters) {
    out.push_back(p.starts.front());
  }
  return out;
}

auto family(const Form& form) -> spec::KernelFamily {
  spec::KernelFamily out;
  out.form = form.name;
  out.tensor_peak = "bf16";
  for (const Parameter& p : form.parameters) {
    out.parameters[std::string(p.name)].value = p.starts.front();
  }
  return out;
}

TEST(Forms, Start_inside_their_bounds_and_name_each_parameter_once) {
  for (const Form& form : all()) {
    EXPECT_EQ(family(form).parameters.size(), form.parameters.size()) << form.name;
    for (const Parameter& p : form.parameters) {
      for (const double start : p.starts) {
        EXPECT_TRUE(start >= p.low && start <= p.high) << form.name << ' ' << p.name;
      }
      EXPECT_TRUE(!p.logarithmic || p.low > 0) << form.name << ' ' << p.name;
    }
  }
}

TEST(Forms, Refuse_missing_unknown_and_wild_parameters) {
  const Form& form = *find("tiles");
  spec::KernelFamily f = family(form);
  f.parameters.erase("wave_us");
  f.parameters["wave_ms"].value = 1;
  f.parameters["sharpness"].value = 99;
  const std::string e = test::input_error([&] { static_cast<void>(parameters_of(f, form)); });
  EXPECT_NE(e.find("needs the parameter 'wave_us'"), std::string::npos) << e;
  EXPECT_NE(e.find("no parameter 'wave_ms'"), std::string::npos) << e;
  EXPECT_NE(e.find("sharpness is out of range: 99"), std::string::npos) << e;
}

TEST(Forms, Refuse_an_unknown_name) {
  spec::KernelFamily f;
  f.form = "tile";
  EXPECT_NE(test::input_error([&] { static_cast<void>(form_of(f)); }).find("did you mean 'tiles'?"),
            std::string::npos);
}

TEST(Tiles, A_large_cold_layer_takes_its_bytes_over_the_bandwidth_reached) {
  const Form& form = *find("tiles");
  std::vector<double> p = starts(form);
  p[Tiles::kT0] = 0;
  p[Tiles::kHbm] = 0.5;
  const KernelWork work = linear_work({}, 1, 65536, 65536);  // 8.6 GB of weights at 0.5 TB/s
  EXPECT_NEAR(form.seconds(p.data(), machine(), work), work.bytes / 0.5e12, 0.01 * work.bytes / 0.5e12);
}

TEST(Tiles, Weights_that_a_benchmark_keeps_in_l2_are_read_faster) {
  const Form& form = *find("tiles");
  const std::vector<double> p = starts(form);
  KernelWork cold = linear_work({}, 1, 4096, 1024);
  KernelWork replayed = cold;
  replayed.copies = 1;
  EXPECT_LT(form.seconds(p.data(), machine(), replayed), form.seconds(p.data(), machine(), cold));
}

TEST(Tiles, What_l2_holds_may_end_as_sharply_as_is_measured) {
  KernelWork work = linear_work({}, 1, 1000, 1000);
  work.copies = 5;
  Machine gpu = machine();
  const auto share = [&](double filled) {
    gpu.l2_bytes = work.copies * work.weight_bytes / filled;
    return Tiles::warm_share(gpu, work, 0.8, 100.0);
  };
  EXPECT_DOUBLE_EQ(share(0.8), 0.5);
  EXPECT_NEAR(share(0.7), 1, 1e-5);
  EXPECT_NEAR(share(0.9), 0, 1e-5);
  EXPECT_EQ(share(1e6), 0);  // nothing overflows
}

TEST(Tiles, A_kernel_that_quantises_its_inputs_takes_longer) {
  const Form& form = *find("tiles");
  const std::vector<double> p = starts(form);
  KernelWork work = linear_work({}, 64, 4096, 4096);
  const double without = form.seconds(p.data(), machine(), work);
  work.quantises = 1;
  EXPECT_NEAR(form.seconds(p.data(), machine(), work) - without, 0.5 * 3 * 64 * 4096 / 1e12, 1e-12);
}

}  // namespace
}  // namespace hopsim::cost::forms
