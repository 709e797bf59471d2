// A folder of photographs, and the recipes for it.
#include <cmath>

#include "duet/picture/image.h"
#include "tests/cli/program.h"
#include "tests/picture/sample_pictures.h"

namespace duet {
namespace {

class Slow_Photos : public Cli {
 protected:
  /// Colour pictures of many sizes, mostly JPEG.
  void put_pictures(const std::string& name, int count) const {
    fs::create_directories(folder_ / name);
    const std::pair<int, int> sizes[] = {{90, 60}, {60, 80}, {70, 70}, {120, 66}};
    for (int i = 0; i < count; ++i) {
      const auto& [width, height] = sizes[i % 4];
      const auto image = sample::picture(width, height, 3, static_cast<uint64_t>(i));
      const auto bytes = i % 5 == 0 ? encode_png(image) : sample::encode_jpeg(image);
      put_file(folder_ / fmt::format("{}/{:03d}.{}", name, i, i % 5 == 0 ? "png" : "jpg"),
               std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    }
  }
};

TEST_F(Slow_Photos, TrainWithoutAnyOptionButTheFolder) {
  put_pictures("holiday", 60);
  for (const char* recipe : {"photos32", "photos64"}) {
    const auto name = std::string(recipe);
    // Small networks and short lengths for the test; everything else is the recipe's.
    const auto result = duet("train " + name +
                             " --data holiday --kimg 0.256 --set score.samples=100 --set "
                             "network.generator.width=4 --set network.discriminator.width=4");
    ASSERT_EQ(result.status, 0) << result.error;
    const auto json = nlohmann::json::parse(duet("score runs/" + name + " --json -n 100 --threads 1").out);
    EXPECT_NE(json["protocol"].get<std::string>().find("against training data (54 examples)"), std::string::npos)
        << "a tenth of 60 is held out: " << json["protocol"];
    EXPECT_TRUE(json["metrics"].contains("diversity"));
    EXPECT_NE(result.out.find("samples are compared with training data"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("best:"), std::string::npos) << result.out;
    EXPECT_FALSE(fs::is_empty(folder_ / "runs" / name / "samples"));
    EXPECT_TRUE(fs::exists(folder_ / "runs" / name / "checkpoints/best.safetensors"));
    EXPECT_NE(text("runs/" + name + "/recipe.toml").find("augment = \"color,translation,cutout\""), std::string::npos);
  }
}

TEST_F(Slow_Photos, OfTwoFoldersAreComparedInOneSize) {
  put_pictures("holiday", 60);
  put_pictures("garden", 40);
  const auto refused = duet("score garden --data holiday");
  EXPECT_EQ(refused.status, static_cast<int>(Fault::data));
  EXPECT_NE(refused.error.find("--resolution"), std::string::npos) << refused.error;
  const auto json = nlohmann::json::parse(duet("score garden --data holiday --resolution 32 --all --json").out);
  EXPECT_EQ(json["samples"], 40);
  const auto itself = nlohmann::json::parse(duet("score holiday --data holiday --resolution 32 --all --json").out);
  EXPECT_NEAR(itself["metrics"]["frechet"]["value"], 0, 1e-4);
}

}  // namespace
}  // namespace duet
