// SPDX-License-Identifier: Apache-2.0
#include "io/hdf5.hpp"

#include <gtest/gtest.h>

#include "support/input_error.hpp"
#include "support/temp_dir.hpp"

namespace hopsim::io {
namespace {

TEST(Hdf5, Reads_back_what_was_written) {
  const test::TempDir dir;
  const std::vector<double> x = {1.5, -2, 3e300};
  const std::vector<std::int64_t> n = {1, INT64_MAX, INT64_MIN};
  const std::vector<std::string> s = {"", "bnb/nf4", "zwölf"};
  {
    Hdf5Writer w(dir / "a.h5");
    w.attribute("format", std::string("x"));
    w.attribute("version", std::int64_t{7});
    w.column("/p", "x", x, {"s", "time"});
    w.column("/p", "n", n, {"1", "count"});
    w.column("/p", "s", s, {"1", "text"});
    w.column("/empty", "x", std::vector<double>{}, {"s", "nothing"});
    w.commit();
  }
  const Hdf5Reader r(dir / "a.h5");
  EXPECT_EQ(r.text_attribute("format"), "x");
  EXPECT_EQ(r.integer_attribute("version"), 7);
  EXPECT_EQ(r.doubles("/p", "x"), x);
  EXPECT_EQ(r.integers("/p", "n"), n);
  EXPECT_EQ(r.texts("/p", "s"), s);
  EXPECT_TRUE(r.doubles("/empty", "x").empty());
}

TEST(Hdf5, Leaves_nothing_behind_without_a_commit) {
  const test::TempDir dir;
  { Hdf5Writer w(dir / "a.h5"); }
  EXPECT_EQ(dir.files(), 0U);
}

TEST(Hdf5, Names_what_is_wrong_with_a_file) {
  const test::TempDir dir;
  {
    Hdf5Writer w(dir / "a.h5");
    w.column("/p", "x", std::vector<double>{1}, {"s", "time"});
    w.commit();
  }
  const Hdf5Reader r(dir / "a.h5");
  EXPECT_NE(test::input_error([&] { static_cast<void>(r.doubles("/p", "y")); }).find("no dataset /p/y"),
            std::string::npos);
  EXPECT_NE(test::input_error([&] { static_cast<void>(r.texts("/p", "x")); }).find("another kind"),
            std::string::npos);
  EXPECT_NE(test::input_error([&] { static_cast<void>(r.text_attribute("format")); }).find("no attribute"),
            std::string::npos);
  const std::string text = dir.write("t.h5", "not HDF5");
  EXPECT_NE(test::input_error([&] { Hdf5Reader{text}; }).find("is no HDF5 file"), std::string::npos);
  EXPECT_NE(test::input_error([&] { Hdf5Reader{dir.path()}; }).find("is a directory"), std::string::npos);
}

}  // namespace
}  // namespace hopsim::io
