// Samplers and trainings in several threads of one process.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/train/tiny.h"

namespace duet {
namespace {

/// Sets the number of computing threads temporarily.
class Computing {
 public:
  explicit Computing(int threads) : before_(at::get_num_threads()) { at::set_num_threads(threads); }
  ~Computing() { at::set_num_threads(before_); }
  Computing(const Computing&) = delete;
  Computing& operator=(const Computing&) = delete;

 private:
  int before_;
};

void in_threads(int count, const std::function<void(int thread)>& work) {
  std::vector<std::thread> threads;
  for (int t = 0; t < count; ++t) threads.emplace_back(work, t);
  for (auto& thread : threads) thread.join();
}

DataFacts facts() {
  return {.shape = {1, 28, 28}, .pictures = true, .classes = {"0", "1", "2"}, .class_share = {0.2, 0.3, 0.5}};
}

/// A generator with each kind of layer that keeps something between forwards.
std::vector<std::vector<std::string>> generators() {
  return {
      {"network.generator.width=16"},
      {"network.generator.width=16", "network.generator.spectral=true"},
      {"network.generator={kind = 'layers', label = 'embedding', layers = ['dense(256)', 'reshape(16, 4)', "
       "'batch_norm(affine=false)', 'relu', 'conv_transpose(8, kernel=5, padding=2)', 'instance_norm', "
       "'leaky_relu', 'conv_transpose(8, kernel=5, padding=2, output_padding=1)', 'dropout(0.9, mode=always)', "
       "'conv_transpose(1, kernel=5, padding=2, output_padding=1)', 'tanh']}"},
      {"network.generator={kind = 'mlp', widths = [64, 64], norm = 'batch_norm', output = 'tanh'}"},
  };
}

TEST(Threads, ShareASampler) {
  for (const int computing : {1, 2}) {
    const Computing with(computing);
    for (const auto& overrides : generators()) {
      const auto recipe = tiny(kTinyDigits, overrides);
      const Sampler alone(recipe, facts()), shared(recipe, facts());
      std::vector<Tensor> right;
      for (uint64_t seed = 0; seed < 4; ++seed) right.push_back(alone.sample_values({.count = 42, .seed = seed}));
      std::atomic<int> wrong = 0;
      in_threads(4, [&](int thread) {
        for (int i = 0; i < 12; ++i) {
          const auto seed = static_cast<uint64_t>(i + thread) % 4;
          const auto found = shared.sample_values({.count = 42, .seed = seed});
          wrong += (found != right[seed]).flatten(1).any(1).sum().item<int>();
        }
      });
      EXPECT_EQ(wrong, 0) << overrides.front() << ", " << computing << " compute";
    }
  }
}

TEST(Threads, OfWhateverNumberMakeTheSameSamples) {
  for (const auto& overrides : generators()) {
    const auto recipe = tiny(kTinyDigits, overrides);
    std::vector<Tensor> made;
    for (const int computing : {1, 2, 3}) {
      const Computing with(computing);
      made.push_back(Sampler(recipe, facts()).sample_values({.count = 50, .seed = 1}));
      made.push_back(Sampler(recipe, facts()).sample_values({.count = 1, .seed = 1}, 17));
    }
    for (size_t i = 2; i < made.size(); ++i) EXPECT_TRUE(torch::equal(made[i], made[i % 2])) << overrides.front();
    EXPECT_TRUE(torch::equal(made[1][0], made[0][17])) << overrides.front();
  }
}

// Each has its own networks, feed and optimisers.
TEST(Threads, TrainNetworksOfTheirOwn) {
  const Computing with(1);
  const std::vector<std::vector<std::string>> runs = {{}, {"seed=6"}, {"game.r1=1", "network.generator.width=16"}};
  const auto train = [&](size_t run) {
    Training training(tiny(kTinyDigits, runs[run]));
    training.rounds(6);
    return snapshot(training.trainer);
  };
  std::vector<TensorFile> right, found(runs.size());
  for (size_t run = 0; run < runs.size(); ++run) right.push_back(train(run));
  in_threads(static_cast<int>(runs.size()), [&](int thread) {
    const auto run = static_cast<size_t>(thread);
    found[run] = train(run);
  });
  for (size_t run = 0; run < runs.size(); ++run) expect_same(found[run], right[run]);
}

TEST(Threads, SampleBesideATraining) {
  const Computing with(1);
  const auto recipe = tiny(kTinyDigits);
  Training alone(recipe), watched(recipe);
  alone.rounds(8);
  Sampler sampler(recipe, watched.data.facts);
  sampler.load(watched.trainer);
  const auto right = sampler.sample({.count = 30, .seed = 2});
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  std::thread watcher([&] {
    while (!done) wrong += !torch::equal(sampler.sample({.count = 30, .seed = 2}), right);
  });
  watched.rounds(8);
  done = true;
  watcher.join();
  EXPECT_EQ(wrong, 0);
  expect_same(watched.trainer.save(), alone.trainer.save());
}

}  // namespace
}  // namespace duet
