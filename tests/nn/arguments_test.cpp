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

TEST(Arguments, TakesCallsAsValues) {
  std::vector<std::string> checked;
  const auto check = [&](const std::string& text) { checked.push_back(text); };
  Arguments a("dense(normal(0.1), init = uniform(bound=0.05, f(g(1), 2)), 3)");
  EXPECT_EQ(a.call("first", check), "normal(0.1)");
  EXPECT_EQ(a.call("init", check), "uniform(bound=0.05, f(g(1), 2))");
  EXPECT_EQ(a.integer("units"), 3);
  EXPECT_EQ(a.call("other", check), "");
  EXPECT_EQ(checked, (std::vector<std::string>{"normal(0.1)", "uniform(bound=0.05, f(g(1), 2))"}));
  EXPECT_NO_THROW(a.finish());
}

TEST(Arguments, SayWhoseValueACallIsThatIsRefused) {
  EXPECT_EQ(
      refusal([] {
        Arguments("dense(3, init=odd)").call("init", [](const std::string&) { fail(Fault::recipe, "no such way"); });
      }),
      "'dense(3, init=odd)': no such way");
}

TEST(Arguments, TakesSidesAsOneNumberOrTwo) {
  Arguments a("conv(3x5, stride=2, padding=0x1)");
  EXPECT_EQ(a.sides("kernel"), Sides(3, 5));
  EXPECT_EQ(a.sides("stride", 1), Sides(2, 2));
  EXPECT_EQ(a.sides("padding", 0), Sides(0, 1));
  EXPECT_EQ(a.sides("more", Sides(4, 6)), Sides(4, 6));
  for (const std::string value : {"3x", "x3", "3x5x7", "3 x 5", "3X5", "0x3", "3x0", "-1", "three"})
    EXPECT_EQ(refusal([&] { Arguments("conv(kernel=" + value + ")").sides("kernel", 3, 1); }),
              "'conv(kernel=" + value + ")': kernel = " + value +
                  "; expected a whole number of at least 1, or two, height x width: 3x5");
  EXPECT_EQ(refusal([] { Arguments("conv(2000000000)").sides("kernel"); }),
            "'conv(2000000000)': kernel = 2000000000; expected a whole number of at least 0, and at most 1e9, or two, "
            "height x width: 3x5");
  EXPECT_EQ(refusal([] { Arguments("conv").sides("kernel"); }),
            "'conv': kernel = nothing; expected a whole number, or two: 3x5");
}

TEST(Arguments, LeavesOutWhatMayBeLeftOut) {
  Arguments a("f(0.5, turns=one)");
  EXPECT_EQ(a.some_real("bias"), 0.5);
  EXPECT_EQ(a.some_identifier("turns"), "one");
  EXPECT_EQ(a.some_real("more"), std::nullopt);
  EXPECT_EQ(a.some_identifier("others"), "");
  EXPECT_EQ(refusal([] { Arguments("f(turns=2 a)").some_identifier("turns"); }),
            "'f(turns=2 a)': turns = 2 a; expected a name of letters, digits and _, such as skip");
  EXPECT_EQ(refusal([&] {
              Arguments b("f(2)");
              b.some_real("bias"), b.some_real("more");
              Arguments c("f(byas=2)");
              c.some_real("bias"), c.finish();
            }),
            "'f(byas=2)': unknown argument 'byas'; f takes bias; did you mean 'bias'?");
}

TEST(Arguments, RefusesATextThatIsNoCall) {
  for (const std::string text :
       {"f(g(1)", "f(g)1)", "f(1))", "f)(", "f(a)(b)", "", "   ", "conv(64", "conv 64", "(64)", "a-b", "conv(64) x"})
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
