#include <nlohmann/json.hpp>

#include "duet/games/objectives.h"
#include "duet/games/penalties.h"
#include "duet/score/metrics.h"
#include "duet/train/optimizers.h"
#include "tests/cli/program.h"

namespace duet {
namespace {

class Slow_List : public Cli {
 protected:
  nlohmann::json json(const std::string& what) const {
    const auto result = duet("list " + what + " --json");
    EXPECT_EQ(result.status, 0) << result.error;
    return nlohmann::json::parse(result.out);
  }
};

TEST_F(Slow_List, ShowsEverythingToPeopleAndToPrograms) {
  for (const std::string what : {"games", "objectives", "penalties", "optimizers", "networks", "layers", "schedules",
                                 "metrics", "recipes", "datasets", "systems"}) {
    const auto rows = json(what);
    const auto page = duet("list " + what).out;
    ASSERT_GE(rows.size(), 1u) << what;
    for (const auto& row : rows) {
      EXPECT_FALSE(row.at("line").get<std::string>().empty()) << what << row;
      EXPECT_NE(page.find(row.at("name").get<std::string>()), std::string::npos) << what << row;
    }
  }
  EXPECT_EQ(json("optimizers").size(), optimizer_entries().size());
  EXPECT_EQ(json("penalties").size(), penalties().size());
  EXPECT_EQ(json("objectives").size(), objectives().size());
  EXPECT_EQ(json("metrics").size(), metric_entries().size());
}

TEST_F(Slow_List, SaysOfRecipesHowLongTheyTakeAndWhatToExpect) {
  put_file(folder_ / "mine.toml", "# Mine.\n# Source: me.\n# Score: frechet 1.5 (floor 1).\n# Time: 3 min.\n");
  const auto page = duet("list recipes").out;
  EXPECT_NE(page.find("Mine.\n"), std::string::npos) << page;
  EXPECT_NE(page.find("  time: 3 min.\n"), std::string::npos) << page;
  EXPECT_NE(page.find("  score: frechet 1.5 (floor 1).\n"), std::string::npos) << page;
  const auto rows = json("recipes");
  const auto mine = std::find_if(rows.begin(), rows.end(), [](const auto& row) { return row.at("name") == "mine"; });
  ASSERT_NE(mine, rows.end());
  EXPECT_EQ(mine->at("time"), "3 min.");
  EXPECT_EQ(mine->at("score"), "frechet 1.5 (floor 1).");
  // And in training, unless it is trained for another length.
  put_file(folder_ / "ring.toml", std::string("# Points.\n# Time: 3 min.\n") + kTinyRing);
  EXPECT_NE(duet("train ring --out a").out.find("; time: 3 min.\n"), std::string::npos);
  EXPECT_NE(duet("train ring --out b --kimg 0.4").out.find("length:   0.4 kimg; time: known after"), std::string::npos);
}

}  // namespace
}  // namespace duet
