#include "duet/core/nearest.h"

#include <gtest/gtest.h>

namespace duet {
namespace {

TEST(Nearest, CountsInsertionsDropsReplacementsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("digist", "digits"), 1u);  // one swap, not two replacements
  EXPECT_EQ(edit_distance("ca", "abc"), 3u);         // a swap is not edited again (optimal string alignment)
}

TEST(Nearest, IsBlindToCaseAndToDashesAgainstUnderscores) {
  EXPECT_EQ(edit_distance("Fashion_MNIST", "fashion-mnist"), 0u);
}

TEST(Nearest, FindsTheNameThatWasMeant) {
  const std::vector<std::string> names{"digits", "faces", "ring", "grid", "learning_rate", "gamma"};
  EXPECT_EQ(nearest_name("digts", names), "digits");
  EXPECT_EQ(nearest_name("face", names), "faces");
  EXPECT_EQ(nearest_name("gird", names), "grid");
  EXPECT_EQ(nearest_name("leraning-rat", names), "learning_rate");
}

TEST(Nearest, FindsNothingForAWordThatIsFarFromAll) {
  const std::vector<std::string> names{"digits", "faces", "ring"};
  EXPECT_EQ(nearest_name("imagenet", names), "");
  EXPECT_EQ(nearest_name("", names), "");
  EXPECT_EQ(nearest_name("x", {"y", "z"}), "");
  EXPECT_EQ(nearest_name("x", {}), "");
}

TEST(Nearest, NamesAllThatAreEquallyNear) {
  EXPECT_EQ(nearest_names("sed", {"set", "help", "seed", "speed"}), (std::vector<std::string>{"set", "seed"}));
  EXPECT_TRUE(nearest_names("sed", {"out"}).empty());
}

TEST(Nearest, TakesTheFirstOfEquallyNearNames) { EXPECT_EQ(nearest_name("rang", {"ring", "rung"}), "ring"); }

}  // namespace
}  // namespace duet
