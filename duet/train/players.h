#pragma once

#include "duet/core/column_scale.h"
#include "duet/data/dataset.h"
#include "duet/games/game.h"
#include "duet/nn/network.h"
#include "duet/run/safetensors.h"
#include "duet/train/optimizer.h"
#include "duet/train/recipe.h"
#include "duet/train/weights.h"

namespace duet {

/// Facts about the data that networks need; written to the run folder, so that sampling needs no data.
struct DataFacts {
  Shape shape;
  bool pictures = true;                        ///< uint8 pictures mapped to the recipe's range; else plain numbers
  std::vector<std::string> classes;            ///< names in label order; empty without labels
  std::vector<double> class_share;             ///< share of each; samples have the same shares
  int64_t examples = 0;                        ///< number of training examples; 0 if endless or unknown
  std::string content{};                       ///< a hash of some of them; empty if endless
  ColumnScale scale{};                         ///< standardisation of columns of vectors; empty: none
  std::vector<std::string> columns{};          ///< their names, if the data have any
  std::map<std::string, DataFacts> streams{};  ///< of the further streams that the game has, by name
  /// Facts of a stream; "x" is this object itself. Throws Error(checkpoint) for an unknown one.
  const DataFacts& stream(const std::string& name) const;
};

/// The facts that a recipe's game gets about such data.
DataKind kind_of(const Recipe& recipe, const DataFacts& facts, const std::string& stream = "x");
/// Players and networks of a recipe's game with such data.
GameSpec game_spec(const Recipe& recipe, const DataFacts& facts);

/// Mean of a stream's examples [C,H,W], as networks see them.
using DataMean = std::function<Tensor(const std::string& stream)>;

/// A network of the recipe's game, with shapes checked. `data_mean` may be empty unless the recipe initialises to the
/// marginals. A network that has been `trained`, whose weights will be loaded, may have an output range other than the
/// data's. Throws Error(recipe) for a network without parameters.
std::unique_ptr<Network> build_network(const Recipe& recipe, const std::string& name, const DataFacts& facts,
                                       Generator& init, DataMean data_mean = {}, bool trained = false);

/// A network of a player, by its name.
struct Moved {
  std::string name;
  Network* network;
  Weights* weights;
};

/// A player: some networks, and an optimiser for each. Threads: not for several at once.
class Player {
 public:
  /// Throws Error(recipe) where none of the networks has anything to learn.
  Player(std::string name, const PlayerConfig& config, const std::vector<Moved>& networks);

  const std::string& name() const { return name_; }
  const PlayerConfig& config() const { return config_; }
  const std::vector<Moved>& networks() const { return networks_; }
  int64_t updates() const { return updates_; }
  void zero_grad();
  /// The host's part of one update: counts it, and returns its rates, one row for each network (see
  /// Optimizer::prepare). `cursor` real images have been seen; the EMA decays by those since a network's last update.
  /// The learning rate is multiplied by `rate`.
  Tensor prepare(Clock clock, int64_t cursor, double rate = 1);
  /// The same for an update that is not made.
  Tensor rates(const Clock& clock, double rate) const;
  /// The device's part, with these rates on the device.
  void step(const Tensor& rates);
  /// The optimiser of network `i`.
  const Optimizer& optimizer(size_t i) const { return optimizers_[i]; }
  bool owns(const std::string& network) const;
  /// Takes the gradients of its networks away, and puts them back.
  std::vector<std::vector<Tensor>> take_gradients();
  void give_gradients(const std::vector<std::vector<Tensor>>& gradients);
  /// The largest magnitude among the weights; infinite or NaN if one is. Waits for the device.
  double largest_weight() const;
  /// Which of its numbers are not all finite: "weights", "gradients", "squared gradients", "EMA weights"; empty if all
  /// are. Waits for the device.
  std::string not_finite() const;

  /// Saves and loads slots and updates; the networks are saved elsewhere.
  void save(TensorFile& file) const;
  void load(const TensorFile& file);

 private:
  std::string name_;
  PlayerConfig config_;
  std::vector<Moved> networks_;
  std::vector<Optimizer> optimizers_;  ///< one for each network
  int64_t updates_ = 0;
};

}  // namespace duet
