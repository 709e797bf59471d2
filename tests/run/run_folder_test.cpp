#include "duet/run/run_folder.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "duet/core/files.h"
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

int64_t number_of(const TensorFile& file) { return file.at("number", {1}).item<int64_t>(); }

std::string names(const RunFolder& run) {
  std::string all;
  for (const auto& path : run.checkpoints()) all += path.stem().string() + " ";
  return all;
}

TEST(RunFolder, OpensWithWhatItWasMadeOf) {
  const FreshFolder folder;
  made(folder / "run");
  const auto run = RunFolder::open(folder / "run");
  EXPECT_TRUE(differences(recipe_of(run, catalogues()), tiny(kTinyRing), catalogues()).empty());
  EXPECT_EQ(recipe_of(run, catalogues(), {"batch=32"}).batch, 32);
  const auto facts = facts_of(run);
  EXPECT_EQ(facts.shape, kFacts.shape);
  EXPECT_EQ(facts.pictures, true);
  EXPECT_EQ(facts.classes, kFacts.classes);
  EXPECT_EQ(facts.class_share, kFacts.class_share);
}

TEST(RunFolder, HoldsARecipesTextAndKnowsNothingOfWhatItSays) {
  const FreshFolder folder;
  const std::string recipe = "# Of another program.\nwings = 2\n";
  RunFolder::create(folder / "run", recipe, {{"spec", "birds"}, {"place", "/birds"}});
  const auto run = RunFolder::open(folder / "run");
  EXPECT_EQ(read_text(run.recipe_path(), Fault::internal), recipe);
  EXPECT_EQ(run.data(), (nlohmann::json{{"spec", "birds"}, {"place", "/birds"}}));
  EXPECT_EQ(run.data_place("birds"), "/birds");
  run.write_data({{"spec", "bees"}, {"place", "/bees"}});
  EXPECT_EQ(run.data_place("bees"), "/bees");
}

TEST(RunFolder, RefusesToOverwrite) {
  const FreshFolder folder;
  const auto path = (folder / "run").string();
  made(path);
  EXPECT_EQ(
      error_of([&] { made(path); }, Fault::usage),
      path + ": already contains a run; resume it with `duet train " + path + " --resume`, or give another --out");
  fs::create_directory(folder / "full");
  put_file(folder / "full/thesis.txt", "precious");
  EXPECT_EQ(error_of([&] { made(folder / "full"); }, Fault::usage),
            (folder / "full").string() + ": exists and is not an empty folder; give another --out");
  put_file(folder / "file", "");
  EXPECT_EQ(error_of([&] { made(folder / "file"); }, Fault::usage),
            (folder / "file").string() + ": exists and is not an empty folder; give another --out");
  fs::create_directory(folder / "empty");
  made(folder / "empty");
}

TEST(RunFolder, SaysWhyItCannotBeMadeOrOpened) {
  const FreshFolder folder;
  put_file(folder / "file", "");
  const auto error = error_of([&] { made(folder / "file/run"); }, Fault::device);
  EXPECT_TRUE(error.ends_with(": Not a directory; a parent of this path is a file: choose another path")) << error;
  EXPECT_EQ(error_of([&] { RunFolder::open(folder / "none"); }, Fault::usage),
            (folder / "none").string() + ": no such folder; expected a run made by `duet train`");
  EXPECT_EQ(error_of([&] { RunFolder::open(folder.path()); }, Fault::checkpoint),
            folder.path().string() + ": has no recipe.toml; expected a run folder made by `duet train`");
  made(folder / "run");
  put_file(folder / "run/run.json", "{\"data\": {\"shape\": [1]}}");
  const auto damaged = error_of([&] { facts_of(RunFolder::open(folder / "run")); }, Fault::checkpoint);
  EXPECT_TRUE(damaged.starts_with((folder / "run/run.json").string() + ": data.shape: damaged: is [1]; ")) << damaged;
  put_file(folder / "run/run.json", "{\"duet\": 2, \"data\": {}}");
  const auto version = error_of([&] { facts_of(RunFolder::open(folder / "run")); }, Fault::checkpoint);
  EXPECT_TRUE(version.starts_with((folder / "run/run.json").string() + ": duet: damaged: is number; ")) << version;
}

TEST(RunFolder, KeepsTheNewestAndTheBest) {
  const FreshFolder folder;
  const auto run = made(folder / "run");
  run.save_best(numbered_file(1));
  for (const int64_t images : {1000, 2000, 9000, 10'000, 11'000}) run.save_checkpoint(numbered_file(images), images, 2);
  EXPECT_EQ(names(run), "000010000 000011000 ");
  EXPECT_EQ(number_of(run.checkpoint("last")), 11'000);
  EXPECT_EQ(number_of(run.checkpoint("best")), 1);
  EXPECT_EQ(number_of(run.checkpoint((folder / "run/checkpoints/000010000.safetensors").string())), 10'000);
}

TEST(RunFolder, TakesTheNewestForTheBestWhereNoneWasScored) {
  const FreshFolder folder;
  const auto run = made(folder / "run");
  EXPECT_EQ(
      error_of([&] { run.checkpoint("best"); }, Fault::checkpoint),
      run.path().string() + ": has no checkpoint yet; train with `duet train " + run.path().string() + " --resume`");
  run.save_checkpoint(numbered_file(5), 5, 3);
  EXPECT_EQ(number_of(run.checkpoint("best")), 5);
}

TEST(RunFolder, FindsACheckpointByItsNameAndNamesWhatThereIs) {
  const FreshFolder folder;
  const auto run = made(folder / "run");
  const auto message = [&] { return error_of([&] { run.checkpoint("nope"); }, Fault::checkpoint); };
  const auto begin = run.path().string() + ": has no checkpoint 'nope'; expected best, last, or a file; this run has ";
  EXPECT_EQ(message(), begin + "none yet");
  run.save_checkpoint(numbered_file(5), 5, 3);
  EXPECT_EQ(message(), begin + "000000005");
  run.save_checkpoint(numbered_file(6), 6, 3);
  EXPECT_EQ(message(), begin + "000000005, 000000006");
  EXPECT_EQ(number_of(run.checkpoint("000000005")), 5);
  EXPECT_EQ(number_of(run.checkpoint("000000006.safetensors")), 6);
}

TEST(RunFolder, TakesTheNewestWhereTheBestIsDamagedAndSaysSo) {
  const FreshFolder folder;
  const auto run = made(folder / "run");
  run.save_checkpoint(numbered_file(3), 3, 3);
  run.save_best(numbered_file(2));
  EXPECT_EQ(number_of(run.checkpoint("best")), 2);
  const auto best = run.path() / "checkpoints/best.safetensors";
  fs::resize_file(best, fs::file_size(best) - 1);
  std::string note;
  EXPECT_EQ(number_of(run.checkpoint("best", [&](const std::string& text) { note = text; })), 3);
  EXPECT_TRUE(note.starts_with(best.string() + ": damaged: ")) << note;
  EXPECT_TRUE(note.ends_with("; the newest undamaged one is used")) << note;
  const auto text = error_of([&] { run.checkpoint(best.string()); }, Fault::checkpoint);
  EXPECT_TRUE(text.ends_with("; take another, such as --checkpoint last")) << text;
}

TEST(RunFolder, PassesOverADamagedNewestAndNamesIt) {
  const FreshFolder folder;
  const auto run = made(folder / "run");
  for (const int64_t images : {1, 2, 3}) run.save_checkpoint(numbered_file(images), images, 3);
  const auto newest = run.checkpoints().back(), second = run.checkpoints()[1];
  fs::resize_file(newest, fs::file_size(newest) - 1);
  put_file(second, "");
  std::vector<std::string> notes;
  const auto file = run.newest([&](const std::string& text) { notes.push_back(text); });
  ASSERT_TRUE(file);
  EXPECT_EQ(number_of(*file), 1);
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_TRUE(notes[0].starts_with(newest.string() + ": damaged: its checksum is ")) << notes[0];
  EXPECT_TRUE(notes[1].starts_with(second.string() + ": damaged: 0 bytes")) << notes[1];
  EXPECT_EQ(number_of(run.checkpoint("last")), 1);
  put_file(run.checkpoints().front(), "");
  const auto none = error_of([&] { run.newest([](const std::string&) {}); }, Fault::checkpoint);
  EXPECT_TRUE(none.starts_with(run.path().string() +
                               ": none of its 3 checkpoints is undamaged, so the run cannot continue. The newest: " +
                               newest.string() + ": damaged: "))
      << none;
  run.save_best(numbered_file(7));
  notes.clear();
  EXPECT_EQ(number_of(*run.newest([&](const std::string& text) { notes.push_back(text); })), 7);
  EXPECT_EQ(notes.size(), 3u);
}

TEST(RunFolder, IgnoresAHalfWrittenEvent) {
  const FreshFolder folder;
  const auto run = made(folder / "run");
  EXPECT_TRUE(run.events().empty());
  for (const int images : {100, 200, 300}) run.append({{"event", "tick"}, {"images", images}});
  put_file(folder / "run/events.jsonl",
           read_text(folder / "run/events.jsonl", Fault::checkpoint) + "{\"event\": \"tick\", \"ima");
  ASSERT_EQ(run.events().size(), 3u);
  EXPECT_EQ(run.events()[2].at("images"), 300);
  run.remove_events_after(200);
  run.append({{"event", "tick"}, {"images", 250}});
  ASSERT_EQ(run.events().size(), 3u);
  EXPECT_EQ(run.events()[2].at("images"), 250);
}

TEST(RunFolder, IsTrainedByOneProcessAtATime) {
  const FreshFolder folder;
  auto run = made(folder / "run");
  run.lock();
  auto second = RunFolder::open(folder / "run");
  EXPECT_EQ(error_of([&] { second.lock(); }, Fault::usage),
            run.path().string() + ": another process is training this run; stop it first, or train into another --out");
  {
    // The lock moves with the folder and ends with it.
    const RunFolder moved = std::move(run);
    auto third = RunFolder::open(folder / "run");
    EXPECT_NE(error_of([&] { third.lock(); }, Fault::usage), "");
  }
  auto fourth = RunFolder::open(folder / "run");
  fourth.lock();
}

TEST(RunFolder, FreesTheLockOfAKilledProcess) {
  const FreshFolder folder;
  made(folder / "run");
  const pid_t child = ::fork();
  if (child == 0) {
    auto run = RunFolder::open(folder / "run");
    run.lock();
    ::_exit(0);  // no destructor runs
  }
  ::waitpid(child, nullptr, 0);
  RunFolder::open(folder / "run").lock();
}

}  // namespace
}  // namespace duet
