#pragma once

#include "duet/core/host_inputs.h"
#include "duet/data/columns.h"
#include "duet/train/players.h"
#include "duet/train/resident.h"

namespace duet {

/// The feeds of a training's streams, borrowed: "x" and those that the game declares.
class Feeds {
 public:
  Feeds(Feed& x) : feeds_{{"x", &x}} {}  // NOLINT(google-explicit-constructor): most games have no other
  explicit Feeds(const std::map<std::string, std::unique_ptr<Feed>>& feeds) {
    for (const auto& [name, feed] : feeds) feeds_.emplace(name, feed.get());
  }
  Feed& x() const { return *feeds_.at("x"); }
  const std::map<std::string, Feed*>& all() const { return feeds_; }

 private:
  std::map<std::string, Feed*> feeds_;
};

/// Batches and latents for the turns of a training, on the device. Threads: not for several at once.
class Given {
 public:
  /// `inputs` are borrowed; `options` are the device and type of all numbers.
  Given(const Feeds& feeds, const Recipe& recipe, const DataFacts& facts, std::vector<LatentSpec> latents,
        const torch::TensorOptions& options, const Noise& noise, HostInputs& inputs);

  const Named& named() const { return named_; }
  /// Begins a round: the first player gets a new batch.
  void begin_round() { used_by_.clear(), named_.clear(); }
  /// Prepares a turn of these players, which move from the same point: takes a new batch if there is none, or if one of
  /// them has moved on this one and does not keep it; new latents come with it, and also if one of them has used these
  /// or, without `shared`, any player has. Returns whether anything is new.
  bool prepare(const std::vector<PlayerSpec>& movers, bool shared);
  /// Records that these players have moved.
  void used(const std::vector<PlayerSpec>& movers);
  /// Seconds spent on batches since the last call.
  double take_seconds() { return std::exchange(seconds_, 0); }

 private:
  /// A feed, and how its batches become tensors on the device.
  struct Stream {
    std::string name, label;
    Feed* feed;
    Range range;
    double contrast;
    Columns columns;
    std::unique_ptr<Resident> resident;  // null: batches are transferred one by one
    Batch batch{};
    bool labelled() const { return !feed->dataset().info().classes.empty(); }
  };
  void fetch();
  void fetch(Stream& stream);
  void draw();

  std::vector<Stream> streams_;
  std::vector<LatentSpec> latents_;
  torch::Device device_;
  torch::ScalarType type_;
  Noise noise_;
  HostInputs& inputs_;
  Named named_;
  std::set<std::string> used_by_;  // players that have moved on this batch
  double seconds_ = 0;
};

/// Values [n, latent.size] from a latent's distribution.
Tensor draw_latent(const LatentConfig& latent, int64_t n, const Generator& generator);

}  // namespace duet
