#pragma once

#include <filesystem>

#include "duet/data/columns.h"
#include "duet/train/network_calls.h"
#include "duet/train/players.h"

namespace duet {

class RunFolder;
class Trainer;

/// Makes samples with a trained game (Game::sample). Sample i of a seed is always the same to the bit: its z depends on
/// (seed, i) alone, batch norm uses stored statistics, and each few samples, a fixed number, are computed by one
/// thread; so no sample depends on the others, on their number, or on the number of threads.
///
/// Threads: every const function may be called from several at once and gives the same samples; a watcher is then
/// called by all of them. load(), watch() and changes of network() must not run beside others.
///
/// The running statistics of batch norm belong to the trained weights: for EMA weights they are computed anew, from
/// 2,048 samples of a fixed stream (Wu & Johnson 2021, arXiv:2105.07576), and stored in the checkpoint.
///
///   auto sampler = duet::Sampler::open("runs/digits");
///   auto pictures = sampler.sample({.count = 16, .seed = 1});   // uint8 [16,C,H,W]
class Sampler {
 public:
  struct Request {
    int64_t count = 16;
    uint64_t seed = 0;
    int64_t label = -1;  ///< class of all samples; -1: classes in the data's shares
  };

  /// From a run folder: `checkpoint` is "best", "last" or a file; `note` is called for every damaged one that is
  /// skipped. Or from a single checkpoint file. Needs no data. Throws Error(checkpoint or recipe).
  static Sampler open(const std::filesystem::path& run, const std::string& checkpoint = "best",
                      const std::function<void(const std::string&)>& note = {});
  /// Networks with initial weights, for load(). They compute on `device`; z, labels and samples are on the CPU. Throws
  /// Error(recipe) for a game that makes no samples.
  Sampler(const Recipe& recipe, const DataFacts& facts, torch::Device device = torch::kCPU);
  /// What samples are made from, where the game makes them of examples (GameSpec::samples_from): sample i of a seed is
  /// of the example that comes i-th in an order by the seed. To be given before load(), which may make some.
  void give_examples(const std::string& stream, std::shared_ptr<const Dataset> examples);
  /// The streams whose examples samples are made from.
  const std::vector<std::string>& made_from() const { return spec_.samples_from; }
  /// Loads the generator of a training in progress, which is not affected.
  void load(const Trainer& trainer);
  /// Loads the generator of a checkpoint: EMA weights if there are any, with their statistics or, if the checkpoint has
  /// none, newly computed ones.
  void load(const TensorFile& file);
  /// Adds the statistics of EMA weights to a checkpoint of the training that was loaded, so that loading it does not
  /// need to compute them.
  void save_statistics(TensorFile& file) const;

  /// Samples `first`, first + 1, ... of the seed as stored values: uint8 pictures [N,C,H,W] or float32 vectors [N,F].
  /// Throws Error(usage) for an unknown label.
  Tensor sample(const Request& request, int64_t first = 0) const;
  /// The same before rounding: pictures as float32 in the recipe's range, vectors in the data's units.
  Tensor sample_values(const Request& request, int64_t first = 0) const;

  /// A view of samples (GameSpec::views).
  struct Viewed {
    std::string name, like;
    Tensor stored;  ///< uint8 pictures [N,C,H,W] or float32 vectors [N,F]
  };
  /// All views of samples `first`, first + 1, ... of the seed; empty if the game has none.
  std::vector<Viewed> views(const Request& request, int64_t first = 0) const;
  const std::vector<ViewSpec>& views() const { return spec_.views; }

  /// z [n, latent.size] of samples first ... first + n - 1 of a seed.
  Tensor latents(int64_t n, uint64_t seed, int64_t first = 0) const;
  /// Labels int64 [n] of the same samples; undefined if the generator takes none.
  Tensor labels(const Request& request, int64_t first = 0) const;
  /// G(z, labels), float32 [N, data shape]; `seed` is for other latents, of which each `alike` consecutive samples have
  /// the same, and for networks that are random when sampling.
  Tensor generate(const Tensor& z, const Tensor& labels, uint64_t seed = 0, int64_t alike = 1) const;

  /// The first categorical latent beside z, which sheets and scores look at as a code; null if there is none.
  const LatentSpec* code() const;
  /// Its classes int64 [n] of samples `first`, first + 1, ... of a request; undefined if there is none.
  Tensor codes(const Request& request, int64_t first = 0) const;
  /// Samples `numbers` of a request's seed and label, but with these classes of the code, int64 [n] both: float32
  /// [n, data shape].
  Tensor with_codes(const Request& request, const Tensor& numbers, const Tensor& classes) const;
  /// From now on a latent beside z, or one of its numbers, is the same for all samples: "code=3" is class 3 of a
  /// categorical one, "numbers.0=0.5" the first number. Throws Error(usage).
  void fix(const std::string& text);
  /// Network output as stored values of the stream it is like: pictures as bytes, vectors in the data's units.
  Tensor stored(const Tensor& values) const { return stored(values, like()); }
  /// The class with this name or, if there is none, with this number. Throws Error(usage) if there is no such class, or
  /// if the generator takes no labels.
  int64_t label_of(const std::string& text) const;

  /// Called after every batch with the number of samples in it, because a large request takes long.
  void watch(std::function<void(int64_t made)> watcher) { made_ = std::move(watcher); }

  /// The checkpoint that open() loaded, and its training time: ".../best.safetensors, at 96 kimg".
  const std::string& origin() const { return origin_; }
  /// Whether a network reads labels.
  bool conditional() const;
  const Recipe& recipe() const { return recipe_; }
  /// Facts about the data that samples are like.
  const DataFacts& facts() const { return facts_.stream(spec_.samples_like); }
  /// The stream that samples are like.
  const std::string& like() const { return spec_.samples_like; }
  /// The range of samples that are pictures.
  Range range() const { return recipe_.data_of(spec_.samples_like).value_range(facts().shape); }
  /// The classes that can be requested of samples, in label order.
  const std::vector<std::string>& classes() const { return facts_.classes; }
  /// The network whose output is like the data.
  Network& network() { return *networks_.at(maker_.name); }

 private:
  void take_statistics();
  void load(const TensorFile& file, const std::string& name, Network& network);
  /// Number of samples that are computed together.
  int64_t together() const;
  /// Inputs of samples `first`, first + 1, ... of a seed, on the CPU; z and labels are as given.
  Named inputs(const Tensor& z, const Tensor& labels, uint64_t seed, int64_t first, int64_t alike = 1) const;
  /// Values [n, size] of a latent beside z for samples of a seed.
  Tensor latent_beside(const LatentSpec& latent, int64_t n, uint64_t seed, int64_t first) const;
  /// Examples of a stream that samples are made from, as network inputs.
  Tensor examples(const std::string& stream, int64_t n, uint64_t seed, int64_t first) const;
  /// How a batch is made: samples, or their views, flat and side by side.
  using Make = Tensor (Sampler::*)(const Nets& nets, const Named& given) const;
  Tensor make_samples(const Nets& nets, const Named& given) const { return game_->sample(nets, given); }
  Tensor make_views(const Nets& nets, const Named& given) const;
  Tensor generate(const Named& inputs, uint64_t seed, Make make = &Sampler::make_samples) const;
  /// The group of samples from `begin` on; missing ones are filled in, and dropped from the result.
  Tensor make_some(const Named& inputs, int64_t begin, uint64_t seed, Make make) const;
  /// Network output for a request, float32.
  Tensor network_values(const Request& request, int64_t first, Make make = &Sampler::make_samples) const;
  /// One batch, from the CPU to the CPU.
  Tensor make_batch(const Named& inputs, const Pass& pass, Make make) const;
  Tensor stored(const Tensor& values, const std::string& stream) const;

  Recipe recipe_;
  DataFacts facts_;
  torch::Device device_;
  std::unique_ptr<Game> game_;
  GameSpec spec_;
  NetworkSpec maker_;
  Networks networks_;                                               // those that make samples
  std::map<std::string, std::shared_ptr<const Dataset>> examples_;  // that samples are made from, by stream
  std::set<std::string> ema_networks_;                              // those of them with EMA weights
  std::map<std::string, std::map<int64_t, double>> fixed_;          // numbers that are the same for all, by latent
  std::function<void(int64_t)> made_;
  std::string origin_;
};

/// n points between a and b [F], including both: on the line, or on the great circle (White 2016, arXiv:1609.04468),
/// which keeps the norm of a Gaussian z typical. The ends are a and b to the bit. [n, F].
Tensor interpolate(const Tensor& a, const Tensor& b, int64_t n, bool spherical);

/// The networks and games of this build that a recipe may name.
Catalogues catalogues();

}  // namespace duet
