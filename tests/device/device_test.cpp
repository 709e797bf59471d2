// Training on a GPU, here a simulated one that computes on the CPU (pretend_gpu.cpp).
#include <gtest/gtest.h>

#include "duet/core/error.h"
#include "duet/data/formats/npz.h"
#include "duet/ops/device.h"
#include "tests/device/pretend_gpu.h"
#include "tests/train/tiny.h"
#include "tests/train/toy_game.h"

namespace duet {
namespace {

const torch::Device kGpu(torch::kCUDA, 0);

double difference(const Tensor& a, const Tensor& b) {
  return ((a.to(torch::kCPU) - b).norm() / b.norm().clamp_min(1e-12)).item<double>();
}

void expect_near(const TensorFile& found, const TensorFile& expected) {
  ASSERT_EQ(found.tensors.size(), expected.tensors.size());
  for (const auto& [name, value] : expected.tensors) {
    if (!value.is_floating_point()) continue;
    EXPECT_LT(difference(found.tensors.at(name), value), 1e-3) << name;
  }
}

TEST(Device, OfAName) {
  EXPECT_EQ(find_device("auto"), kGpu);
  EXPECT_EQ(find_device("cuda"), kGpu);
  EXPECT_EQ(find_device("cuda:0"), kGpu);
  EXPECT_EQ(find_device("cpu"), torch::Device(torch::kCPU));
  EXPECT_THROW(find_device("cuda:1"), Error);
  EXPECT_THROW(find_device("cuda:x"), Error);
  EXPECT_THROW(find_device("gpu"), Error);
}

// The tests below rely on this: with accessible memory they could not fail.
TEST(PretendGpuDeathTest, KeepsItsMemoryFromTheProgram) {
  const auto x = torch::ones({4}, kGpu);
  EXPECT_EQ(x.sum().item<float>(), 4);
  EXPECT_DEATH(std::printf("%f", static_cast<double>(x.data_ptr<float>()[0])), "");
  EXPECT_ANY_THROW(x + torch::ones({4}));
}

/// Every kind of penalty, optimiser, label and random numbers, each in at least one recipe.
const std::vector<std::vector<std::string>> kVariants = {
    {},
    {"game.r1=1", "game.wgan_gp=10", "player.generator.optimizer=rmsprop", "player.generator.clip_norm=1"},
    {"game.r2=1", "game.dragan=10", "turns.order=simultaneous", "player.discriminator.optimizer=adamax"},
    {"game.augment=\"color,translation,cutout\"", "game.r1=1"},
    {"game.real_label=0.9", "game.fake_label_spread=0.1", "game.flip=0.1", "player.discriminator.max_column_norm=1"},
    {"network.discriminator.label=projection", "network.generator.label=embedding", "latent.kind=uniform"},
    {"network.generator.kind=mlp", "network.generator.widths=[8]", "network.generator.output_bias=marginals",
     "game.objective=wgan", "player.discriminator.weight_clip=0.01", "player.discriminator.steps=2"},
};

TEST(Device, TrainsAsTheCpuDoes) {
  for (const auto& variant : kVariants) {
    SCOPED_TRACE(fmt::format("{}", fmt::join(variant, " ")));
    const auto recipe = tiny(kTinyDigits, variant);
    Training here(recipe), there(recipe, 0, kGpu);
    for (const auto& [name, network] : there.trainer.networks())
      for (const auto& [what, value] : network->parameters()) EXPECT_TRUE(value.is_cuda()) << name << " " << what;
    here.rounds(6), there.rounds(6);
    const auto expected = here.trainer.save(), found = there.trainer.save();
    expect_near(found, expected);
    EXPECT_EQ(found.texts, expected.texts);
    const auto a = there.trainer.read(), b = here.trainer.read();
    for (size_t i = 0; i < b.means.size(); ++i) EXPECT_NEAR(a.means[i].second, b.means[i].second, 1e-3);
  }
}

/// Twenty pictures of noise, of two classes.
std::string put_noise(const FreshFolder& folder) {
  std::vector<uint8_t> pixels(20 * 28 * 28);
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint8_t>(i * i / 7);
  std::vector<int64_t> labels(20);
  for (size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<int64_t>(i % 2);
  write_npz(folder / "noise.npz", {{"x", {{20, 28, 28}, pixels}}, {"y", {{20}, labels}}});
  return (folder / "noise.npz").string();
}

TEST(Device, ReplaysACapturedStepToTheSameBytes) {
  for (const auto& variant : kVariants) {
    SCOPED_TRACE(fmt::format("{}", fmt::join(variant, " ")));
    auto keys = variant;
    keys.push_back("game.instance_noise=0.1");
    const auto recipe = tiny(kTinyDigits, keys);
    Training told(recipe, 0, kGpu), replayed(recipe, 0, kGpu, pretend_step_graph);
    std::vector<std::string> moves, expected_moves;
    replayed.trainer.watch_moves([&](const std::string& name) { moves.push_back(name); });
    told.trainer.watch_moves([&](const std::string& name) { expected_moves.push_back(name); });
    told.rounds(9), replayed.rounds(9);
    EXPECT_EQ(replayed.trainer.capture(), "steps are replayed from one CUDA graph");
    expect_same(replayed.trainer.save(), told.trainer.save());
    EXPECT_EQ(moves, expected_moves);
    const auto a = replayed.trainer.read(), b = told.trainer.read();
    EXPECT_EQ(a.means, b.means);
    EXPECT_EQ(a.images, b.images);
  }
}

TEST(Device, ReplaysExamplesThatItKeeps) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyDigits, {"data.held_out=0", "game.instance_noise=0", "data.spec=" + put_noise(folder)});
  Training told(recipe, 0, kGpu), replayed(recipe, 0, kGpu, pretend_step_graph);
  told.rounds(12), replayed.rounds(12);  // the first epoch, in which they come, ends among the replayed rounds
  expect_same(replayed.trainer.save(), told.trainer.save());
}

TEST(Device, ReplaysWhatFollowsTheClock) {
  // Instance noise, momentum and a penalty's weight follow schedules; each replayed step has its own numbers.
  const auto recipe = tiny(kTinyDigits, {"game.r1={shape = 'linear', from = 1, to = 0, end = 0.1}"});
  Training told(recipe, 0, kGpu), replayed(recipe, 0, kGpu, pretend_step_graph);
  told.rounds(12), replayed.rounds(12);
  EXPECT_EQ(replayed.trainer.capture(), "steps are replayed from one CUDA graph");
  expect_same(replayed.trainer.save(), told.trainer.save());
  EXPECT_EQ(replayed.trainer.read().means, told.trainer.read().means);
}

/// Whose loss is weighed by a number that a controller lowers after each move.
class Weighed final : public Game {
 public:
  GameSpec spec(const DataKind& data, const LatentConfig&) const override {
    return {.players = {{"critic", {"critic"}}},
            .networks = {{.name = "critic", .input = data.shape, .output = {1, 1, 1}}},
            .streams = {{.name = "mask", .line = "masks"}}};
  }
  Loss loss(const std::string&, const Turn& turn) const override {
    Loss loss;
    loss.add("score", turn("critic", turn.x() * turn.given.at("mask")).square().mean(), weight_);
    return loss;
  }
  void moved(const std::string&, const Turn&, const Loss&) override { weight_.mul_(0.9); }
  std::vector<std::pair<std::string, Tensor>> state() override { return {{"weight", weight_}}; }

 private:
  Tensor weight_ = torch::ones({}, torch::kFloat64);
};

TEST(Device, HoldsAGamesStateAndItsStreams) {
  const ToyGame toy("weighed", [] { return std::make_unique<Weighed>(); });
  const auto recipe = tiny(
      "batch = 8\n[data]\nspec = 'digits'\n[stream.mask]\nspec = 'masks'\nrange = '0..1'\n[game]\nkind = 'weighed'\n"
      "[network.critic]\nkind = 'mlp'\nwidths = [4]\n[player.critic]\nlr = 1e-3\n");
  Training here(recipe), there(recipe, 0, kGpu), replayed(recipe, 0, kGpu, pretend_step_graph);
  here.rounds(9), there.rounds(9), replayed.rounds(9);
  EXPECT_TRUE(there.trainer.save().tensors.at("game/weight").is_cuda());
  EXPECT_NEAR(there.trainer.save().tensors.at("game/weight").item<double>(), std::pow(0.9, 9), 1e-12);
  expect_near(there.trainer.save(), here.trainer.save());
  expect_same(replayed.trainer.save(), there.trainer.save());
}

TEST(Device, ReplaysAStepThatLooksAhead) {
  for (const char* gradient : {"first", "full"}) {
    const auto recipe = tiny(kTinyDigits, {"player.generator.unroll=2", "player.discriminator.optimizer=adam",
                                           std::string("player.generator.unroll_gradient=") + gradient});
    Training told(recipe, 0, kGpu), replayed(recipe, 0, kGpu, pretend_step_graph);
    told.rounds(9), replayed.rounds(9);
    EXPECT_EQ(replayed.trainer.capture(), "steps are replayed from one CUDA graph");
    expect_same(replayed.trainer.save(), told.trainer.save());
  }
}

/// A step that a device refuses to capture after all.
class Refused final : public StepGraph {
 public:
  void beside(const std::function<void()>& work) override { work(); }
  void capture(const std::function<void()>&) override { TORCH_CHECK(false, "operation not permitted"); }
  void replay() override { FAIL() << "there is nothing to replay"; }
};

TEST(Device, LosesNothingWhereACaptureFails) {
  const auto recipe = tiny(kTinyDigits, {"game.instance_noise=0"});
  Training told(recipe, 0, kGpu), refused(recipe, 0, kGpu, [] { return std::make_unique<Refused>(); });
  told.rounds(9), refused.rounds(9);
  EXPECT_EQ(refused.trainer.capture(), "steps are not captured as a CUDA graph: operation not permitted");
  expect_same(refused.trainer.save(), told.trainer.save());
  EXPECT_EQ(refused.trainer.read().means, told.trainer.read().means);
}

TEST(Device, CapturesEachKindOfRoundOnItsOwn) {
  // Until the generator starts, and from then on.
  const auto recipe = tiny(kTinyDigits, {"player.generator.start=0.05"});
  Training told(recipe, 0, kGpu), replayed(recipe, 0, kGpu, pretend_step_graph);
  told.rounds(20), replayed.rounds(3);
  EXPECT_EQ(replayed.trainer.capture(), "");
  replayed.rounds(3);
  EXPECT_EQ(replayed.trainer.capture(), "steps are replayed from one CUDA graph");
  replayed.rounds(14);
  EXPECT_EQ(replayed.trainer.capture(), "steps are replayed from CUDA graphs, one for each kind of round");
  expect_same(replayed.trainer.save(), told.trainer.save());
  EXPECT_EQ(replayed.trainer.read().means, told.trainer.read().means);
  // Phases of turns that alternate are separate kinds, too.
  const auto turning =
      tiny(kTinyDigits, {"turns.unit=round", "turns.repeat=true", "turns.phase.d.until=3", "turns.phase.d.order=list",
                         "turns.phase.d.list=['discriminator']", "turns.phase.both.until=5"});
  Training a(turning, 0, kGpu), b(turning, 0, kGpu, pretend_step_graph);
  a.rounds(30), b.rounds(30);
  expect_same(b.trainer.save(), a.trainer.save());
}

TEST(Device, TrainsInBfloat16) {
  Training there(tiny(kTinyDigits, {"precision=bf16"}), 0, kGpu);
  EXPECT_TRUE(there.trainer.bfloat16());
  there.rounds(3);
  for (const auto& [name, mean] : there.trainer.read().means) EXPECT_TRUE(std::isfinite(mean)) << name;
}

TEST(Device, OfACheckpointDoesNotMatter) {
  const auto recipe = tiny(kTinyDigits);
  Training one(recipe, 0, kGpu);
  one.rounds(3);
  const FreshFolder folder;
  write_tensors(folder / "a.safetensors", one.trainer.save());
  const auto file = read_tensors(folder / "a.safetensors");
  one.rounds(3);
  // Equal to the bit on the same device, within rounding on the other.
  Training again(recipe, Trainer::saved_cursor(file), kGpu), elsewhere(recipe, Trainer::saved_cursor(file));
  again.trainer.load(file), elsewhere.trainer.load(file);
  again.rounds(3), elsewhere.rounds(3);
  expect_same(again.trainer.save(), one.trainer.save());
  expect_near(one.trainer.save(), elsewhere.trainer.save());
}

TEST(Device, KeepsTheExamplesItWasGiven) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyDigits, {"data.held_out=0", "data.spec=" + put_noise(folder)});
  const auto data = open_training_data(recipe).split.train;
  // From the middle of an epoch too, where the first whole one ends later; and by threads that run ahead.
  for (const int64_t cursor : {0, 8})
    for (const int64_t threads : {0, 2}) {
      const FeedOptions options{.batch = 8, .mirror = true, .seed = 5, .threads = threads};
      Feed feed(data, options, cursor), expected(data, options, cursor);
      const auto resident = Resident::make(feed, kGpu, 1 << 20);
      ASSERT_TRUE(resident);
      int64_t given = 0;
      for (int i = 0; i < 20; ++i) {
        const auto first = feed.cursor();
        const auto batch = feed.next(), whole = expected.next();
        given += batch.stored.defined();
        const auto there = resident->batch(batch.stored, feed.picks(first));
        EXPECT_TRUE(there.is_cuda() && there.is_contiguous(torch::MemoryFormat::ChannelsLast));
        EXPECT_TRUE(torch::equal(there.to(torch::kCPU), whole.stored)) << first;
        EXPECT_TRUE(torch::equal(batch.labels, whole.labels));
      }
      EXPECT_LE(given, 10);
    }
}

TEST(Device, KeepsNoExamplesWhereThatIsOfNoUseOrNoRoom) {
  const FreshFolder folder;
  const auto spec = put_noise(folder);
  const auto data = open_training_data(tiny(kTinyDigits, {"data.held_out=0", "data.spec=" + spec})).split.train;
  Feed feed(data, {.batch = 8}), endless(open_training_data(tiny(kTinyDigits)).split.train, {.batch = 8});
  EXPECT_FALSE(Resident::make(feed, torch::kCPU, 1 << 20));
  EXPECT_FALSE(Resident::make(feed, kGpu, 20 * 28 * 28 - 1));
  EXPECT_FALSE(Resident::make(endless, kGpu, 1 << 30));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(feed.next().stored.defined());
  EXPECT_TRUE(Resident::make(feed, kGpu, 20 * 28 * 28));
}

TEST(Device, TrainsOnExamplesItKeepsAsTheCpuDoes) {
  const FreshFolder folder;
  const auto recipe = tiny(kTinyDigits, {"data.held_out=0", "data.spec=" + put_noise(folder)});
  Training here(recipe), there(recipe, 0, kGpu);
  here.rounds(8), there.rounds(8);  // three epochs
  expect_near(there.trainer.save(), here.trainer.save());
}

TEST(Device, SamplesAsTheCpuDoes) {
  const auto recipe = tiny(kTinyDigits);
  const auto facts = open_training_data(recipe).facts;
  const auto there = Sampler(recipe, facts, kGpu).sample_values({.count = 5}),
             here = Sampler(recipe, facts).sample_values({.count = 5});
  EXPECT_TRUE(there.device().is_cpu());
  EXPECT_LT(difference(there, here), 1e-4);
}

TEST(Device, MakesSheetsScoresAndCheckpointsOfARun) {
  const auto recipe = tiny(kTinyRing, {"score.every=0.8", "score.samples=200"});
  const auto data = open_training_data(recipe);
  const FreshFolder folder;
  auto run = create_run(folder / "run", recipe, data.facts, catalogues());
  const auto outcome = train(run, recipe, data, {}, kGpu);
  EXPECT_TRUE(outcome.finished);
  EXPECT_TRUE(outcome.best);
  EXPECT_EQ(Sampler::open(folder / "run").sample({.count = 5}).device(), torch::Device(torch::kCPU));
}

TEST(Device, HasItsMemoryBackInTheEnd) {
  const auto before = pretend_gpu_blocks();
  {
    Training(tiny(kTinyRing), 0, kGpu).rounds(3);
  }
  EXPECT_EQ(pretend_gpu_blocks(), before);
}

}  // namespace
}  // namespace duet
