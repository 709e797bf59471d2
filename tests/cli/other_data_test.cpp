// Resuming with data that have changed or moved.
#include "tests/cli/program.h"

namespace duet {
namespace {

class Slow_OtherData : public Cli {
 protected:
  Slow_OtherData() {
    expect_success("data make digits -n 90 --out pictures");
    for (const char* name : {"4", "5", "6", "7", "8", "9"}) fs::remove_all(folder_ / "pictures" / name);
    expect_success("train digits.toml --data pictures --out run --kimg 0.04 --threads 1 " + fit_);
  }
  /// Resumes up to the next multiple of 0.04 kimg.
  Result resume(const std::string& arguments = "") {
    reached_ += 0.04;
    return duet(fmt::format("train run --resume --kimg {:.2f} --threads 1 {}", reached_, arguments));
  }
  void expect_refused(const std::string& changes) {
    const auto result = resume();
    EXPECT_EQ(result.status, 4) << changes;
    EXPECT_EQ(result.error, "duet: the data differ from those this run was trained on:\n  " + changes +
                                "\nundo the change, or add --accept-changes to continue with it\n");
    EXPECT_EQ(checkpoints("run").size(), 1u);
  }
  fs::path picture(const std::string& label) const {
    return fs::directory_iterator(folder_ / "pictures" / label)->path();
  }

  const std::string fit_ = "--set data.resolution=28 --set data.channels=1 --set data.held_out=5";
  double reached_ = 0.04;
};

TEST_F(Slow_OtherData, ClassesThatMovedNeedConsent) {
  fs::rename(folder_ / "pictures/2", folder_ / "pictures/00");
  const auto run_json = text("run/run.json");
  expect_refused("classes: 0, 1, 2, 3 -> 0, 00, 1, 3");
  EXPECT_EQ(text("run/run.json"), run_json);
  const auto result = resume("--accept-changes");
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_NE(result.out.find("\n  classes: 0, 1, 2, 3 -> 0, 00, 1, 3\n"), std::string::npos) << result.out;
  EXPECT_EQ(facts_of(RunFolder::open(folder_ / "run")).classes, (std::vector<std::string>{"0", "00", "1", "3"}));
  EXPECT_EQ(resume().status, 0) << "what was agreed to is asked for again";
}

TEST_F(Slow_OtherData, AnotherNumberOfExamplesNeedsConsent) {
  fs::copy(picture("1"), folder_ / "pictures/1/new.png");
  const auto before = facts_of(RunFolder::open(folder_ / "run")).examples;
  expect_refused(fmt::format("examples to train on: {} -> {}", before, before + 1));
}

TEST_F(Slow_OtherData, OtherExamplesOfTheSameNamesNeedConsent) {
  for (const auto& entry : fs::directory_iterator(folder_ / "pictures/1"))
    fs::copy(picture("0"), entry.path(), fs::copy_options::overwrite_existing);
  expect_refused("content: as many examples of the same classes, but other ones, or read otherwise");
}

TEST_F(Slow_OtherData, ARunGoesOnFromAnyFolder) {
  const auto run = (folder_ / "run").string();
  fs::create_directory(folder_ / "elsewhere");
  const auto result = shell("cd elsewhere; duet train '" + run + "' --resume --kimg 0.08 --threads 1");
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_NE(result.out.find("resumed at 0.040 kimg\n"), std::string::npos) << result.out;
  const auto again = shell("cd /; duet train '" + run + "' --resume --kimg 0.12 --threads 1");
  EXPECT_EQ(again.status, 0) << again.error;
}

TEST_F(Slow_OtherData, DataThatMovedAreNamedAndNeedNoConsent) {
  fs::rename(folder_ / "pictures", folder_ / "moved");
  const auto lost = resume();
  EXPECT_EQ(lost.status, 4);
  EXPECT_EQ(lost.error, "duet: " + (folder_ / "pictures").string() +
                            ": the data of this run no longer exist; put them back, or name their new place: "
                            "duet train run --resume --data PATH\n");
  const auto score = duet("score run");
  EXPECT_EQ(score.status, 4);
  EXPECT_NE(score.error.find("no longer exist; put them back, or name their new place, or other data to "
                             "compare with: duet score run --data PATH"),
            std::string::npos)
      << score.error;
  const auto found = resume("--data moved");
  EXPECT_EQ(found.status, 0) << found.error;
  EXPECT_NE(found.out.find("  data.spec: \"pictures\" -> \"moved\"\n"), std::string::npos) << found.out;
  const auto run = (folder_ / "run").string();
  const auto again = shell("cd /; duet train '" + run + "' --resume --kimg 0.2 --threads 1");
  EXPECT_EQ(again.status, 0) << again.error;
}

TEST_F(Slow_OtherData, AProjectThatMovedAsAWholeFindsItsData) {
  fs::create_directory(folder_ / "project");
  for (const char* name : {"run", "pictures"}) fs::rename(folder_ / name, folder_ / "project" / name);
  const auto result = shell("cd project; duet train run --resume --kimg 0.08 --threads 1");
  EXPECT_EQ(result.status, 0) << result.error;
}

TEST_F(Slow_OtherData, OtherDataAtANewPlaceNeedConsent) {
  expect_success("data make digits --seed 5 -n 90 --out other");
  for (const char* name : {"4", "5", "6", "7", "8", "9"}) fs::remove_all(folder_ / "other" / name);
  EXPECT_EQ(resume("--data other").status, 4);
}

TEST_F(Slow_OtherData, ARunOfAnEarlierVersionGoesOn) {
  auto json = nlohmann::ordered_json::parse(text("run/run.json"));
  for (const char* key : {"examples", "content", "spec", "place"}) json["data"].erase(key);
  put_file(folder_ / "run/run.json", json.dump());
  const auto result = resume();
  EXPECT_EQ(result.status, 0) << result.error;
  EXPECT_GT(facts_of(RunFolder::open(folder_ / "run")).examples, 0) << "what it did not know";
  for (const char* key : {"examples", "content", "spec", "place"}) json["data"].erase(key);
  put_file(folder_ / "run/run.json", json.dump());
  fs::copy(folder_ / "pictures", folder_ / "copy", fs::copy_options::recursive);
  const auto moved = resume("--data copy");
  EXPECT_EQ(moved.status, 4);
  EXPECT_NE(moved.error.find("\n  data.spec has changed, and the run does not know enough about its data to tell "
                             "whether these are the same\n"),
            std::string::npos)
      << moved.error;
}

TEST_F(Slow_OtherData, DamagedFactsAreTheRunsFault) {
  auto json = nlohmann::ordered_json::parse(text("run/run.json"));
  json["data"]["class_share"] = nlohmann::json::array();
  put_file(folder_ / "run/run.json", json.dump());
  for (const std::string command : {"sample run -n 3 --out x.npy", "train run --resume"}) {
    const auto result = duet(command);
    EXPECT_EQ(result.status, 5) << command;
    EXPECT_TRUE(result.error.starts_with("duet: run/run.json: data.class_share: damaged: is []; expected as many"))
        << result.error;
  }
  json = nlohmann::ordered_json::parse(text("run/run.json"));
  json["data"]["classes"] = nlohmann::json::array();
  put_file(folder_ / "run/run.json", json.dump());
  const auto unfit = duet("sample run -n 3 --out x.npy");
  EXPECT_EQ(unfit.status, 5);
  EXPECT_TRUE(unfit.error.starts_with("duet: run: its recipe.toml and run.json do not fit together: ")) << unfit.error;
}

TEST_F(Slow_OtherData, DamagedRecordsStopNoResume) {
  put_file(folder_ / "run/events.jsonl", text("run/events.jsonl") + "{\"event\": \"tick\", \"images\": \"x\"}\n" +
                                             "{\"event\": 5}\n{\"event\": \"tick\", \"images\": 8, \"terms\": 5}\n");
  const auto result = resume();
  EXPECT_EQ(result.status, 0) << result.error;
}

}  // namespace
}  // namespace duet
