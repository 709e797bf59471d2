// Which files a run keeps, removes, and never touches.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "duet/core/files.h"
#include "duet/run/run_folder.h"
#include "duet/train/pictures.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {
namespace fs = std::filesystem;

const DataFacts kFacts{.shape = {1, 28, 28}, .pictures = true, .classes = {"zero", "one"}, .class_share = {0.25, 0.75}};

RunFolder made(const fs::path& path) { return create_run(path, tiny(kTinyRing), kFacts, catalogues()); }

TensorFile numbered_file(int64_t number) {
  TensorFile file;
  file.tensors["number"] = torch::tensor({number}, torch::kInt64);
  return file;
}

std::string names(const RunFolder& run) {
  std::string all;
  for (const auto& path : run.checkpoints()) all += path.stem().string() + " ";
  return all;
}

void put_events(const RunFolder& run, const std::string& text) { put_file(run.path() / "events.jsonl", text); }

TEST(RunFiles, ARunIsMadeInNoFolderThatHoldsSomebodysFiles) {
  for (const std::string name :
       {"run.json", "samples/a.png", "checkpoints/a.pt", ".lock", "x.tmp", "samples", "a.txt"}) {
    const FreshFolder folder;
    fs::create_directories((folder / name).parent_path());
    put_file(folder / name, "my only copy");
    EXPECT_EQ(error_of([&] { made(folder.path()); }, Fault::usage),
              folder.path().string() + ": exists and is not an empty folder; give another --out");
    EXPECT_EQ(read_text(folder / name, Fault::data), "my only copy") << name;
  }
}

TEST(RunFiles, ARunIsMadeWhereAKilledOneHasLeftItsBeginning) {
  const FreshFolder folder;
  made(folder / "run");
  fs::remove(folder / "run/recipe.toml");
  put_file(folder / "run/.recipe.toml.duet-abcdefgh", "name = ");
  made(folder / "run").lock();
  EXPECT_FALSE(fs::exists(folder / "run/.recipe.toml.duet-abcdefgh"));
}

TEST(RunFiles, WhatIsDiscardedIsWhatDuetHasPutThere) {
  const FreshFolder folder;
  fs::create_directory(folder / "mine");
  for (const char* name : {"mine", "new"}) {
    auto run = made(folder / name);
    run.lock();
    run.append({{"event", "tick"}, {"images", 0}});
    put_file(run.sample_path(0), "");
    for (const char* picture : {"curves.png", "samples.gif"}) put_file(run.path() / picture, "");
    run.save_checkpoint(numbered_file(0), 0, 3);
    run.save_best(numbered_file(0));
    if (std::string(name) == "mine") put_file(run.path() / "samples/notes.txt", "my only copy");
    run.discard();
  }
  EXPECT_FALSE(fs::exists(folder / "new"));
  EXPECT_EQ(read_text(folder / "mine/samples/notes.txt", Fault::data), "my only copy");
  int count = 0;
  for ([[maybe_unused]] const auto& entry : fs::recursive_directory_iterator(folder / "mine")) ++count;
  EXPECT_EQ(count, 2) << "something of duet's stays";
}

TEST(RunFiles, AnEmptyFolderOfTheUsersStaysWhereARunIsDiscarded) {
  const FreshFolder folder;
  fs::create_directory(folder / "mine");
  made(folder / "mine").discard();
  EXPECT_TRUE(fs::is_empty(folder / "mine"));
}

TEST(RunFiles, OnlyNumberedCheckpointsAreThinnedOut) {
  const FreshFolder folder;
  const auto run = made(folder / "run");
  for (const char* name : {"000000001-good", "backup", "1"})
    write_tensors(run.path() / "checkpoints" / (std::string(name) + ".safetensors"), numbered_file(7));
  for (const int64_t images : {999'999'000, 1'000'000'000, 1'000'001'000})
    run.save_checkpoint(numbered_file(images), images, 2);
  EXPECT_EQ(names(run), "1000000000 1000001000 ") << "ten digits come after nine";
  for (const char* name : {"000000001-good", "backup", "1"})
    EXPECT_TRUE(fs::exists(run.path() / "checkpoints" / (std::string(name) + ".safetensors"))) << name;
  EXPECT_EQ(run.checkpoint("last").at("number", {1}).item<int64_t>(), 1'000'001'000);
  EXPECT_EQ(run.checkpoint("backup").at("number", {1}).item<int64_t>(), 7);
}

TEST(RunFiles, LeftoversAreClearedAwayWhereNobodyTrains) {
  const FreshFolder folder;
  auto run = made(folder / "run");
  for (const char* name : {".curves.png.duet-abcdefgh", "samples/.a.duet-abcdefgh", "checkpoints/.b.duet-abcdefgh"})
    put_file(run.path() / name, "half");
  put_file(run.path() / "checkpoints/mine.tmp", "my only copy");
  run.lock();
  for (const char* name : {".curves.png.duet-abcdefgh", "samples/.a.duet-abcdefgh", "checkpoints/.b.duet-abcdefgh"})
    EXPECT_FALSE(fs::exists(run.path() / name)) << name;
  EXPECT_TRUE(fs::exists(run.path() / "checkpoints/mine.tmp"));
}

TEST(RunFiles, RecordsOfAnotherFormArePassedOver) {
  const FreshFolder folder;
  const auto run = made(folder / "run");
  const std::string good = R"({"event": "tick", "images": 100, "terms": {"discriminator/x": 1}})";
  for (const std::string bad :
       {R"({"event": "tick", "images": "x"})", R"({"event": 5, "images": 1})", R"({"event": "tick", "images": -5})",
        R"({"event": "tick", "images": 1.5})", R"({"event": "tick", "images": 1e300})", R"({"images": 1})", "[]",
        "null", "5", "\"\xff\"", R"({"event": "ti)"}) {
    put_events(run, bad + "\n" + good + "\n");
    EXPECT_EQ(run.events().size(), 1u) << bad;
    run.remove_events_after(100);
    EXPECT_EQ(run.events().size(), 1u) << bad;
    curves(run.events());
  }
  put_events(run, "{\"event\": \"start\"}\n" + good);
  run.remove_events_after(0);
  EXPECT_EQ(run.events().size(), 1u) << "what has no place in the run stays";
}

TEST(RunFiles, CurvesAreDrawnOfWhatIsThere) {
  const FreshFolder folder;
  const auto run = made(folder / "run");
  for (const std::string odd :
       {R"({"event": "tick", "images": 64, "terms": 5})", R"({"event": "tick", "images": 64, "terms": [1]})",
        R"({"event": "tick", "images": 64, "terms": {"discriminator/a": "b", "generator/c": {"d": 1}}})",
        R"({"event": "score", "images": 64, "metrics": {"frechet": {"value": "x"}}})",
        R"({"event": "tick", "terms": {"discriminator/x": 1}})"}) {
    put_events(run, odd + "\n");
    ASSERT_EQ(run.events().size(), 1u);
    curves(run.events());
  }
}

TEST(RunFiles, NamesThatAreNoUtf8AreRecordedReplaced) {
  const FreshFolder folder;
  const auto run = made(folder / "run");
  run.append({{"event", "note"}, {"text", "class \xe9"}});
  ASSERT_EQ(run.events().size(), 1u);
  EXPECT_EQ(run.events()[0].at("text"), "class \xef\xbf\xbd");
}

TEST(RunFiles, ARecordThatCannotBeWrittenSaysWhy) {
  const FreshFolder folder;
  const auto run = made(folder / "run");
  fs::create_directory(run.path() / "events.jsonl");
  EXPECT_EQ(error_of([&] { run.append({{"event", "tick"}}); }, Fault::device),
            (run.path() / "events.jsonl").string() +
                ": cannot open: Is a directory; a folder has this name: move it away, or choose another name");
}

TEST(RunFiles, OfARecordThatHasNoRoomNothingStays) {
  const FreshFolder folder;
  const auto run = made(folder / "run");
  run.append({{"event", "tick"}, {"images", 100}});
  const auto before = read_text(run.path() / "events.jsonl", Fault::internal);
  const pid_t child = ::fork();
  if (child == 0) {
    // Space for half of it, as when a disk fills up.
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{before.size() + 9, before.size() + 9};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      run.append({{"event", "tick"}, {"images", 200}});
    } catch (const Error&) {
      ::_exit(7);
    }
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_EQ(read_text(run.path() / "events.jsonl", Fault::internal), before);
  // After a partial line the next record would be lost as well.
  run.append({{"event", "tick"}, {"images", 300}});
  ASSERT_EQ(run.events().size(), 2u);
  EXPECT_EQ(run.events()[1].at("images"), 300);
}

TEST(RunFiles, ARunKnowsWhereItsDataAreWhereverItIsOpened) {
  const FreshFolder folder;
  put_file(folder / "points.csv", "1,2\n3,4\n");
  const auto before = fs::current_path();
  fs::current_path(folder.path());
  auto recipe = tiny(kTinyRing, {"data.spec=points.csv"});
  const auto run = create_run(folder / "run", recipe, kFacts, catalogues());
  fs::current_path("/");
  EXPECT_EQ(run.data_spec(recipe.data.spec), (folder / "points.csv").string());
  fs::rename(folder / "points.csv", folder / "moved.csv");
  EXPECT_EQ(run.data_spec(recipe.data.spec), "points.csv") << "as seen from here, where a project has moved as a whole";
  EXPECT_EQ(run.data_place(recipe.data.spec), (folder / "points.csv").string());
  fs::current_path(before);
  recipe.data.spec = "ring";
  EXPECT_EQ(run.data_spec(recipe.data.spec), "ring") << "another than the run began with";
  fs::rename(folder / "moved.csv", folder / "points.csv");
  EXPECT_EQ(run.data_spec(recipe.data.spec), "ring") << "though what it began with is there";
}

TEST(AbsoluteSpec, MeansTheSameEverywhere) {
  const auto here = fs::current_path().string();
  EXPECT_EQ(absolute_spec("a/../b"), here + "/b");
  EXPECT_EQ(absolute_spec("csv:b"), "csv:" + here + "/b");
  EXPECT_EQ(absolute_spec("/a/b"), "/a/b");
  EXPECT_EQ(absolute_spec("digits"), "digits");
  EXPECT_EQ(absolute_spec("builtin:digits"), "builtin:digits");
}

}  // namespace
}  // namespace duet
