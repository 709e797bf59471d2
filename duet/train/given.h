#pragma once

#include "duet/core/host_inputs.h"
#include "duet/data/columns.h"
#include "duet/train/players.h"
#include "duet/train/resident.h"

namespace duet {

/// What the turns of a training are given: batches of the feed and latents, on the device. Threads: not for several at
/// once.
class Given {
 public:
  /// `feed` and `inputs` are borrowed; `options` are the device and type of all numbers.
  Given(Feed& feed, const Recipe& recipe, const DataFacts& facts, std::vector<LatentSpec> latents,
        const torch::TensorOptions& options, const Noise& noise, HostInputs& inputs);

  const Named& named() const { return named_; }
  /// Begins a round, with a new batch for whoever moves first.
  void begin_round() { used_by_.clear(), named_.clear(); }
  /// For the turn of these players, from the same point: takes a new batch where there is none, or one of them has
  /// moved on this one and does not keep it; new latents with it, and where one of them has used these, or, without
  /// `shared`, anybody has. Whether anything is new.
  bool prepare(const std::vector<PlayerSpec>& movers, bool shared);
  /// They have moved.
  void used(const std::vector<PlayerSpec>& movers);
  /// Seconds spent on batches since the last call.
  double take_seconds() { return std::exchange(seconds_, 0); }

 private:
  void fetch();
  void draw();

  Feed& feed_;
  Range range_;
  Columns columns_;
  std::unique_ptr<Resident> resident_;  // null: batches cross to the device as they come
  std::vector<LatentSpec> latents_;
  torch::Device device_;
  torch::ScalarType type_;
  Noise noise_;
  HostInputs& inputs_;
  bool labelled_;
  Batch batch_;
  Named named_;
  std::set<std::string> used_by_;  // players that have moved on this batch
  double seconds_ = 0;
};

/// Values [n, latent.size] from a latent's distribution.
Tensor draw_latent(const LatentConfig& latent, int64_t n, const Generator& generator);

}  // namespace duet
