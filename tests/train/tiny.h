#pragma once

#include <gtest/gtest.h>

#include "duet/core/torch.h"
// The order matters: the header above is precompiled.
#include "duet/train/loop.h"
#include "duet/train/sampler.h"
#include "duet/train/trainer.h"
#include "tests/data/damage.h"
#include "tests/data/fresh_folder.h"

namespace duet {

/// Points on a ring and networks of a few dozen weights: a round takes well under a millisecond.
inline constexpr const char* kTinyRing = R"(
kimg = 1.6
batch = 16
tick = 0.4
sample_every = 100
checkpoint_every = 0.4
seed = 3
[data]
spec = "ring"
[latent]
size = 4
[game]
kind = "adversarial"
objective = "vanilla"
[network.generator]
kind = "mlp"
widths = [8]
[network.discriminator]
kind = "mlp"
widths = [8]
[player.generator]
lr = 1e-2
[player.discriminator]
lr = 1e-2
)";

/// Conditional 28x28 digits with two channels, and everything that has a state of its own: batch norm's statistics,
/// EMA weights, momentum, dropout's and instance noise's draws, a schedule.
inline constexpr const char* kTinyDigits = R"(
kimg = 0.16
batch = 8
tick = 0.04
sample_every = 0.08
checkpoint_every = 0.04
seed = 5
[data]
spec = "digits"
mirror = true
[latent]
size = 6
[game]
kind = "adversarial"
objective = "vanilla"
instance_noise = {shape = "linear", from = 0.1, to = 0, end = 0.1}
[network.generator]
kind = "dcgan"
width = 2
label = "concat"
[network.discriminator]
kind = "mlp"
widths = [8]
keep = 0.7
label = "embedding"
[player.generator]
lr = 1e-3
ema_kimg = 0.05
[player.discriminator]
optimizer = "sgd"
momentum = {shape = "linear", from = 0.5, to = 0.7, end = 0.1}
lr = 1e-2
)";

inline Recipe tiny(const char* text, const std::vector<std::string>& overrides = {}) {
  return parse_recipe(text, "tiny.toml", overrides, catalogues());
}

/// A trainer with its feeds, opened at `cursor`, or each at its own.
struct Training {
  explicit Training(const Recipe& recipe, int64_t cursor = 0, torch::Device device = torch::kCPU,
                    MakeStepGraph graphs = {})
      : Training(recipe, std::map<std::string, int64_t>{{"x", cursor}}, device, std::move(graphs)) {}
  Training(const Recipe& recipe, const std::map<std::string, int64_t>& cursors, torch::Device device = torch::kCPU,
           MakeStepGraph graphs = {})
      : data(open_training_data(recipe)),
        feeds(open_feeds(recipe, data, cursors)),
        feed(*feeds.at("x")),
        trainer(
            recipe, data.facts, Feeds(feeds),
            [this](const std::string& stream) { return torch::full({data.facts.stream(stream).shape.numel()}, 0.5); },
            device, std::move(graphs)) {}
  void rounds(int count) {
    for (int i = 0; i < count; ++i) trainer.round();
  }
  const Tensor& weights(const std::string& network) { return trainer.weights(network).values(); }

  TrainingData data;
  std::map<std::string, std::unique_ptr<Feed>> feeds;
  Feed& feed;
  Trainer trainer;
};

/// Every tensor and text of both, to the bit.
inline void expect_same(const TensorFile& a, const TensorFile& b) {
  EXPECT_EQ(a.texts, b.texts);
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (const auto& [name, value] : a.tensors) {
    ASSERT_TRUE(b.tensors.contains(name)) << name;
    EXPECT_TRUE(torch::equal(value, b.tensors.at(name))) << name;
  }
}

/// A copy that later rounds do not change.
inline TensorFile snapshot(const Trainer& trainer) {
  auto file = trainer.save();
  for (auto& [name, value] : file.tensors) value = value.clone();
  return file;
}

}  // namespace duet
