#pragma once

#include <filesystem>

#include "duet/data/columns.h"
#include "duet/train/network_calls.h"
#include "duet/train/players.h"

namespace duet {

class RunFolder;
class Trainer;

/// Makes samples as a trained game does (Game::sample). Sample i of a seed is always the same to the bit: its z depends
/// on (seed, i) alone, batch norm uses kept statistics, and each few samples, a fixed number, are computed by one
/// thread; so no sample depends on the others, on how many were asked for, or on the number of threads.
///
/// Threads: every const function may be called from several at once, which gives the same samples; a watcher then is
/// told by all of them. load(), watch() and whatever is done to network() must be alone.
///
/// Batch norm's statistics belong to the weights that train: for averaged ones they are taken anew, from 2,048 samples
/// of a fixed stream (Wu & Johnson 2021, arXiv:2105.07576), and kept in the checkpoint.
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

  /// From a run folder: `checkpoint` is "best", "last" or a file; `note` is told of every damaged one passed over. Or
  /// from a checkpoint alone, a file. Needs no data. Throws Error(checkpoint or recipe).
  static Sampler open(const std::filesystem::path& run, const std::string& checkpoint = "best",
                      const std::function<void(const std::string&)>& note = {});
  /// Networks with initial weights; fill them with load(). They compute on `device`; z, labels and samples are on the
  /// CPU. Throws Error(recipe) for a game that makes no samples.
  Sampler(const Recipe& recipe, const DataFacts& facts, torch::Device device = torch::kCPU);
  /// What samples are made from, where the game makes them of examples (GameSpec::samples_from): sample i of a seed is
  /// of the example that comes i-th in an order by the seed. To be given before load(), which may make some.
  void give_examples(const std::string& stream, std::shared_ptr<const Dataset> examples);
  /// The streams of whose examples it makes samples.
  const std::vector<std::string>& made_from() const { return spec_.samples_from; }
  /// Takes the generator of a training under way, which does not notice.
  void load(const Trainer& trainer);
  /// Takes the generator of a checkpoint: averaged weights where there are any, with the statistics that belong to them
  /// or, where the checkpoint has none, new ones.
  void load(const TensorFile& file);
  /// Puts the statistics of averaged weights into a checkpoint of the training that was loaded, so that whoever loads
  /// it need not take them.
  void save_statistics(TensorFile& file) const;

  /// Samples `first`, first + 1, ... of the seed as stored numbers: uint8 pictures [N,C,H,W] or float32 vectors [N,F].
  /// Throws Error(usage) for a label there is none of.
  Tensor sample(const Request& request, int64_t first = 0) const;
  /// The same before rounding: pictures as float32 in the recipe's range, vectors in the data's units.
  Tensor sample_values(const Request& request, int64_t first = 0) const;

  /// z [n, latent.size] of samples first ... first + n - 1 of a seed.
  Tensor latents(int64_t n, uint64_t seed, int64_t first = 0) const;
  /// Labels int64 [n] of the same samples; undefined when the generator takes none.
  Tensor labels(const Request& request, int64_t first = 0) const;
  /// G(z, labels), float32 [N, data shape]; all else that samples are made of, and networks that are random when
  /// sampling, go by the seed. Throws Error(data) where examples are missing.
  Tensor generate(const Tensor& z, const Tensor& labels, uint64_t seed = 0) const;
  /// Network output as stored numbers: pictures as bytes, vectors in the data's units.
  Tensor stored(const Tensor& values) const;
  /// The class that a user means by its name or, where no class is named so, by its number.
  /// Throws Error(usage) when there is no such class, or the generator takes no labels.
  int64_t label_of(const std::string& text) const;

  /// Told of every batch with the number of samples in it: a large request takes long.
  void watch(std::function<void(int64_t made)> watcher) { made_ = std::move(watcher); }

  /// Which checkpoint open() took, and how far it had been trained: ".../best.safetensors, at 96 kimg".
  const std::string& origin() const { return origin_; }
  /// Whether a network reads labels.
  bool conditional() const;
  const Recipe& recipe() const { return recipe_; }
  /// Of what samples are like.
  const DataFacts& facts() const { return facts_.stream(spec_.samples_like); }
  /// The stream that samples are like.
  const std::string& like() const { return spec_.samples_like; }
  /// What pictures among the samples are in.
  Range range() const { return recipe_.data_of(spec_.samples_like).value_range(); }
  /// The classes that samples can be asked for, in label order.
  const std::vector<std::string>& classes() const { return facts_.classes; }
  /// The one whose output is like the data.
  Network& network() { return *networks_.at(maker_.name); }

 private:
  void take_statistics();
  void load(const TensorFile& file, const std::string& name, Network& network);
  /// How many samples are computed together.
  int64_t together() const;
  /// What samples `first`, first + 1, ... of a seed are made of, on the CPU; z and labels are as given.
  Named inputs(const Tensor& z, const Tensor& labels, uint64_t seed, int64_t first) const;
  /// Examples of a stream that samples are made from, as networks see them.
  Tensor examples(const std::string& stream, int64_t n, uint64_t seed, int64_t first) const;
  Tensor generate(const Named& inputs, uint64_t seed) const;
  /// Those from `begin` on that are computed together; what is missing of them is computed with others, and left out.
  Tensor make_some(const Named& inputs, int64_t begin, uint64_t seed) const;
  /// Network output for a request, float32.
  Tensor network_values(const Request& request, int64_t first) const;
  /// One batch, from the CPU to the CPU.
  Tensor make_batch(const Named& inputs, const Pass& pass) const;

  Recipe recipe_;
  DataFacts facts_;
  Columns columns_;
  torch::Device device_;
  std::unique_ptr<Game> game_;
  GameSpec spec_;
  NetworkSpec maker_;
  Networks networks_;                                               // those that make samples
  std::map<std::string, std::shared_ptr<const Dataset>> examples_;  // that samples are made from, by stream
  std::set<std::string> averaged_;                                  // those of them that have averaged weights
  std::function<void(int64_t)> made_;
  std::string origin_;
};

/// Points on the way from a to b [F], n of them with both ends: along the line, or along the great circle
/// (White 2016, arXiv:1609.04468), which keeps the norm of a Gaussian z plausible. Ends are a and b to the bit. [n, F].
Tensor interpolate(const Tensor& a, const Tensor& b, int64_t n, bool spherical);

/// Everything a recipe may name: the networks and games of this build.
Catalogues catalogues();

}  // namespace duet
