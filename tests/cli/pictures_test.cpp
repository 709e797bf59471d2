#include "duet/picture/image.h"
#include "tests/cli/program.h"
#include "tests/places.h"

// Folders of pictures, and paths to which the system denies access.
namespace duet {
namespace {

class Slow_CliPictures : public Cli {
 protected:
  /// Pictures beside other files.
  void make_mixed(const std::string& name, int pictures, int others) const {
    fs::create_directories(folder_ / name);
    for (int i = 0; i < pictures; ++i) {
      Image image = blank_image(16, 16, 1, static_cast<uint8_t>(i));
      *image.at(i % 16, i / 16) = 255;
      write_png(folder_ / name / fmt::format("{}.png", i), image);
    }
    for (int i = 0; i < others; ++i) put_file(folder_ / name / fmt::format("{}.gif", i), std::string("GIF89a"));
  }

  /// Runs a shell command as an unprivileged user; empty if there is no such user or the program is not accessible to
  /// it.
  std::optional<Result> as_nobody(const std::string& line) const {
    fs::permissions(folder_.path(), fs::perms(0777));
    const std::string become = "HOME=/nonexistent setpriv --reuid=65534 --regid=65534 --clear-groups ";
    if (::geteuid() != 0) return shell("duet " + line);
    if (shell(fmt::format("{} '{}' --version", become, program_path())).status != 0) return {};
    return shell(fmt::format("{} '{}' {}", become, program_path(), line));
  }
};

constexpr const char* kLoop =
    ": a loop of symbolic links; expected a file or folder at the end of them; remove the link, or point it to one";

TEST_F(Slow_CliPictures, TrainAndScoreSayHowManyPictureFilesTheyLeaveOut) {
  make_mixed("mixed", 30, 120);
  const std::string line =
      "120 of 150 picture files are left out (120 .gif), as duet reads PNG, JPEG, WebP, TIFF, PGM or PPM; convert them "
      "to use "
      "them\n";
  const std::string train =
      "train digits.toml --data mixed --set data.resolution=28 --set data.channels=1 --set "
      "network.generator.label=none --set network.discriminator.label=none";
  const auto dry = duet(train + " --dry-run");
  EXPECT_NE(dry.out.find("\ndata: " + line), std::string::npos) << dry.out << dry.error;
  const auto trained = duet(train + " --set score.every=0 --kimg 0.1 --out run");
  EXPECT_NE(trained.out.find("data: " + line), std::string::npos) << trained.out << trained.error;
  const auto scored = duet("score mixed --data mixed --features random");
  EXPECT_NE((scored.out + scored.error).find("mixed: " + line), std::string::npos) << scored.out << scored.error;
  EXPECT_NE(duet("inspect mixed").out.find("1. 120 of 150 picture files are left out"), std::string::npos);
}

TEST_F(Slow_CliPictures, NamesThatAreNoUtf8AreNoInternalError) {
  const std::string class_name = "caf\xe9";
  for (const std::string& name : {class_name, std::string("tea")}) make_mixed("set/" + name, 30, 1);
  put_file(folder_ / "set" / class_name / "x.\xff", std::string("x"));
  put_file(folder_ / "set/tea/\xfe.png", std::string("x"));
  const auto inspected = duet("inspect set --json");
  EXPECT_EQ(inspected.status, 0) << inspected.error;
  const auto json = nlohmann::json::parse(inspected.out);
  EXPECT_EQ(json["train"]["classes"][0]["name"], "caf\\xe9");
  EXPECT_EQ(json["train"]["ignored"][".\\xff"], 1);
  EXPECT_NE(json["train"]["corrupt"]["names"][0].get<std::string>().find("tea/\\xfe.png: is no"), std::string::npos);
  fs::remove(folder_ / "set/tea/\xfe.png");
  const std::string train =
      "train digits.toml --set data.resolution=28 --set data.channels=1 --set score.every=0 --kimg 0.1 ";
  EXPECT_EQ(duet(train + "--data set --out run").status, 0);
  EXPECT_EQ(duet("sample run --label 'caf\\xe9' --out a.png").status, 0);
  // A path that the recipe could not hold is refused and leaves nothing behind.
  fs::rename(folder_ / "set", folder_ / "s\xe9t");
  expect_refusal(
      train + "--data 's\xe9t' --out other", Fault::data,
      "--data s\\xe9t: the name is not UTF-8, which a run's recipe requires; rename it, or use a link to it");
  EXPECT_FALSE(fs::exists(folder_ / "other"));
  EXPECT_EQ(duet("inspect 's\xe9t' --json").status, 0);
  expect_refusal("train ring.toml --set 'name=\xe9'", Fault::usage,
                 "--set name=\\xe9: is not UTF-8; expected text in UTF-8, as in every recipe; convert it");
  // A recipe's own name is written into its run.
  fs::copy(folder_ / "ring.toml", folder_ / "r\xe9.toml");
  EXPECT_EQ(duet("train 'r\xe9.toml' --set score.every=0 --kimg 0.1 --out named").status, 0);
  EXPECT_EQ(duet("sample named -n 2 --out a.npy").status, 0);
}

TEST_F(Slow_CliPictures, ALoopOfLinksIsNamedByWhoeverMeetsIt) {
  fs::create_symlink("loop", folder_ / "loop");
  expect_refusal("inspect loop", Fault::data, std::string("loop") + kLoop);
  expect_refusal("train ring.toml --data folder:loop", Fault::data, std::string("loop") + kLoop);
  expect_refusal("train loop", Fault::recipe, std::string("loop") + kLoop);
  expect_refusal("train loop --resume", Fault::usage, std::string("loop") + kLoop);
  expect_refusal("sample loop", Fault::usage, std::string("loop") + kLoop);
  expect_refusal("score loop --data digits", Fault::usage, std::string("loop") + kLoop);
  for (const char* line : {"train ring.toml --out loop/x", "data make ring -n 2 --out loop/x",
                           "data fetch mnist --out loop/x --mirror http://localhost:1"}) {
    const auto result = duet(line);
    EXPECT_TRUE(result.status == 2 || result.status == 6) << line << ": " << result.status << result.error;
    EXPECT_NE(result.error.find("loop/x"), std::string::npos) << result.error;
  }
  const auto recipes = shell("DUET_RECIPES=loop duet train ring --dry-run");
  EXPECT_EQ(recipes.status, 3) << recipes.error;
  EXPECT_NE(recipes.error.find("loop is a loop of symbolic links"), std::string::npos) << recipes.error;
}

TEST_F(Slow_CliPictures, ALoopInsideTheDataIsSkippedAndTold) {
  make_mixed("set", 3, 0);
  fs::create_symlink("loop", folder_ / "set/loop");
  const auto result = duet("inspect set");
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_NE(result.out.find("1. 1 link leads nowhere and is left out, such as loop."), std::string::npos) << result.out;
}

TEST_F(Slow_CliPictures, ANameThatIsTooLongIsNamed) {
  const std::string name(300, 'n'),
      reason = name + ": the file name is too long (300 bytes); expected at most 255; check the path";
  expect_refusal("inspect " + name, Fault::data, reason);
  expect_refusal("train " + name, Fault::recipe, name + reason.substr(name.size()));
  expect_refusal("sample " + name, Fault::usage, reason);
  EXPECT_EQ(duet("train ring.toml --out " + name).status, 6);
}

TEST_F(Slow_CliPictures, WhatMayNotBeReadIsNamed) {
  make_mixed("closed", 3, 0);
  put_file(folder_ / "closed/x.npy", std::string("x"));
  put_file(folder_ / "open.npy", std::string("x"));
  fs::permissions(folder_ / "open.npy", fs::perms::none);
  fs::permissions(folder_ / "closed", fs::perms::none);
  const std::string cause = "permission denied";
  const std::vector<std::pair<std::string, int>> lines = {{"inspect closed", 4},
                                                          {"inspect closed/x.npy", 4},
                                                          {"inspect open.npy", 4},
                                                          {"train ring.toml --data closed", 4},
                                                          {"train closed/ring.toml", 3},
                                                          {"sample closed/run", 2},
                                                          {"score closed/run --data digits", 2}};
  for (const auto& [line, status] : lines) {
    const auto result = as_nobody(line);
    if (!result) GTEST_SKIP() << "no other user can run the program here";
    EXPECT_EQ(result->status, status) << line << ": " << result->error;
    EXPECT_TRUE(result->error.find(cause) != std::string::npos ||
                result->error.find("Permission denied") != std::string::npos)
        << result->error;
  }
  fs::permissions(folder_ / "closed", fs::perms(0755));
}

TEST_F(Slow_CliPictures, ADeletedWorkingFolderIsNamed) {
  const std::string reason =
      ": cannot be found, because the working folder has been deleted; expected one that exists; cd to it, or give an "
      "absolute path\n";
  for (const auto& [line, status] : std::vector<std::pair<std::string, int>>{
           {"inspect foo", 4}, {"train foo", 3}, {"sample foo", 2}, {"score foo --data digits", 2}}) {
    const auto result = shell("mkdir gone && cd gone && rmdir ../gone && duet " + line);
    EXPECT_EQ(result.status, status) << line;
    EXPECT_EQ(result.error, "duet: foo" + reason) << line;
  }
}

}  // namespace
}  // namespace duet
