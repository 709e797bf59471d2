#pragma once

#include <filesystem>
#include <functional>

#include "duet/train/sampler.h"

namespace duet {

/// A trained discriminator's opinion of samples, as in its games: higher is more real. Threads: any number.
class Judge {
 public:
  /// Of a run folder or a checkpoint, as Sampler::open. Throws Error(usage) for a game that has no network
  /// "discriminator" that gives one number for each sample alone, and as Sampler::open.
  static Judge open(const std::filesystem::path& run, const std::string& checkpoint,
                    const std::function<void(const std::string&)>& note = {});
  /// Logits [N] of samples as the generator gives them [N,...]; `labels` int64 [N], or undefined.
  Tensor logits(const Tensor& samples, const Tensor& labels) const;

 private:
  Judge(NetworkSpec spec, std::unique_ptr<Network> network) : spec_(std::move(spec)), network_(std::move(network)) {}
  NetworkSpec spec_;
  std::unique_ptr<Network> network_;
};

}  // namespace duet
