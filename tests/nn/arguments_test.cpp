#include "duet/nn/arguments.h"

#include <gtest/gtest.h>

#include "duet/core/error.h"

namespace duet {
namespace {

/// The message of the refusal, or "(accepted)".
template <class Function>
std::string refusal(Function function) {
  try {
    function();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::recipe);
    return error.what();
  }
  return "(accepted)";
}

TEST(Arguments, ReadsABareName) {
  Arguments a(" relu ");
  EXPECT_EQ(a.name(), "relu");
  EXPECT_EQ(a.text(), " relu ");
  EXPECT_NO_THROW(a.finish());
}

TEST(Arguments, TakesByPlaceInDocumentedOrder) {
  Arguments a("conv(64, 4, 0.5, true, batch)");
  EXPECT_EQ(a.integer("channels"), 64);
  EXPECT_EQ(a.integer("kernel", 3), 4);
  EXPECT_EQ(a.real("scale"), 0.5);
  EXPECT_TRUE(a.flag("bias", false));
  EXPECT_EQ(a.word("statistics", "running", {"running", "batch"}), "batch");
  EXPECT_NO_THROW(a.finish());
}

TEST(Arguments, TakesByNameInAnyOrderAndWithSpaces) {
  Arguments a("conv( stride = 2,kernel=4 ,  64 )");
  EXPECT_EQ(a.integer("channels"), 64);
  EXPECT_EQ(a.integer("kernel", 3), 4);
  EXPECT_EQ(a.integer("stride", 1), 2);
  EXPECT_NO_THROW(a.finish());
}

TEST(Arguments, FallsBackWhereNothingIsGiven) {
  Arguments a("layer()");
  EXPECT_EQ(a.integer("n", 7), 7);
  EXPECT_EQ(a.real("x", -1.5), -1.5);
  EXPECT_TRUE(a.flag("b", true));
  EXPECT_EQ(a.word("mode", "train", {"train", "always"}), "train");
  EXPECT_NO_THROW(a.finish());
}

TEST(Arguments, ReadsNumbersInScientificAndNegativeForm) {
  Arguments a("f(1e-5, -3.25, -2)");
  EXPECT_EQ(a.real("a"), 1e-5);
  EXPECT_EQ(a.real("b"), -3.25);
  EXPECT_EQ(a.integer("c", {}, -5), -2);
}

TEST(Arguments, RefusesATextThatIsNoCall) {
  for (const std::string text : {"", "   ", "conv(64", "conv 64", "(64)", "a-b", "conv(64) x"})
    EXPECT_EQ(refusal([&] { Arguments a(text); }),
              "'" + text + "': expected NAME or NAME(value, key=value), such as conv(64, kernel=4)");
}

TEST(Arguments, RefusesAMissingArgument) {
  EXPECT_EQ(refusal([] { Arguments("conv").integer("channels"); }),
            "'conv': channels = nothing; expected a whole number");
  EXPECT_EQ(refusal([] { Arguments("f").real("x"); }), "'f': x = nothing; expected a number");
}

TEST(Arguments, RefusesWhatIsNoWholeNumber) {
  for (const std::string value : {"4.5", "four", "4x", "99999999999999999999", "-1"})
    EXPECT_EQ(refusal([&] { Arguments("conv(" + value + ")").integer("channels", {}, 1); }),
              "'conv(" + value + ")': channels = " + value + "; expected a whole number of at least 1");
}

TEST(Arguments, RefusesWhatIsNoFiniteNumber) {
  for (const std::string value : {"wide", "0.5x", "nan", "inf", "1e999"})
    EXPECT_EQ(refusal([&] { Arguments("noise(" + value + ")").real("deviation"); }),
              "'noise(" + value + ")': deviation = " + value + "; expected a number");
}

TEST(Arguments, RefusesAnotherWordThanTheChoices) {
  EXPECT_EQ(refusal([] { Arguments("dropout(mode=never)").word("mode", "train", {"train", "always"}); }),
            "'dropout(mode=never)': mode = never; expected one of train, always");
  EXPECT_EQ(refusal([] { Arguments("dense(bias=no)").flag("bias", true); }),
            "'dense(bias=no)': bias = no; expected true or false");
}

TEST(Arguments, RefusesArgumentsThatNobodyTookAndNamesTheNearest) {
  EXPECT_EQ(refusal([] {
              Arguments a("conv(8, kernal=4)");
              a.integer("channels");
              a.integer("kernel", 3);
              a.finish();
            }),
            "'conv(8, kernal=4)': unknown argument 'kernal'; conv takes channels, kernel; did you mean 'kernel'?");
  EXPECT_EQ(refusal([] { Arguments("relu(0.1)").finish(); }),
            "'relu(0.1)': unknown argument '0.1'; relu takes no arguments");
}

TEST(Arguments, RefusesAnArgumentGivenTwice) {
  EXPECT_EQ(refusal([] { Arguments a("conv(8, kernel=4, kernel=5)"); }),
            "'conv(8, kernel=4, kernel=5)': kernel is given twice; expected it once");
}

TEST(Arguments, RefusesAnEmptyPlace) {
  for (const std::string text : {"conv(8,,4)", "conv(8,)", "conv(,8)", "conv(kernel=)", "conv(=4)"})
    EXPECT_EQ(refusal([&] { Arguments a(text); }),
              "'" + text + "': expected NAME or NAME(value, key=value), such as conv(64, kernel=4)");
}

}  // namespace
}  // namespace duet
