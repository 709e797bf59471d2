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

/// What networks must know of the data; written to the run folder, so that sampling needs no data.
struct DataFacts {
  Shape shape;
  bool pictures = true;                        ///< uint8 pictures mapped to the recipe's range; else plain numbers
  std::vector<std::string> classes;            ///< names in label order; empty without labels
  std::vector<double> class_share;             ///< how often each occurs; samples are asked for in these shares
  int64_t examples = 0;                        ///< that are trained on; 0 where they are endless, or not known
  std::string content{};                       ///< stands for what some of them look like; empty where they are endless
  ColumnScale scale{};                         ///< how columns of vectors are moved while training; empty: not at all
  std::vector<std::string> columns{};          ///< their names, where the data give them
  std::map<std::string, DataFacts> streams{};  ///< of the further streams that the game has, by name
  /// Of a stream, "x" is this one itself. Throws Error(checkpoint) for one there is none of.
  const DataFacts& stream(const std::string& name) const;
};

/// What a recipe's game is told of such data.
DataKind kind_of(const Recipe& recipe, const DataFacts& facts, const std::string& stream = "x");
/// Who plays a recipe's game with such data, and with which networks.
GameSpec game_spec(const Recipe& recipe, const DataFacts& facts);

/// Mean of a stream's examples [C,H,W], as networks see them.
using DataMean = std::function<Tensor(const std::string& stream)>;

/// Shape-checked network of the recipe's game. `data_mean` may be empty unless the recipe wants the marginals; of a
/// network that has been `trained`, whose weights will be loaded, an output of another range than the data's, or an
/// input that no layer reads, is no reason to refuse it.
std::unique_ptr<Network> build_network(const Recipe& recipe, const std::string& name, const DataFacts& facts,
                                       Generator& init, DataMean data_mean = {}, bool trained = false);

/// A network of a player, by its name.
struct Moved {
  std::string name;
  Network* network;
  Weights* weights;
};

/// One who moves: some networks, and an optimiser for each. Threads: not for several at once.
class Player {
 public:
  /// Throws Error(recipe) where none of the networks has anything to learn.
  Player(std::string name, const PlayerConfig& config, const std::vector<Moved>& networks);

  const std::string& name() const { return name_; }
  const PlayerConfig& config() const { return config_; }
  const std::vector<Moved>& networks() const { return networks_; }
  int64_t updates() const { return updates_; }
  void zero_grad();
  /// The host's part of one update: counts it, and returns its rates, a row for each network (see Optimizer::prepare).
  /// `cursor` real images have been seen; those since a network's last update its average's half-life counts. The
  /// learning rate is multiplied by `rate`.
  Tensor prepare(Clock clock, int64_t cursor, double rate = 1);
  /// The same for an update that is not made.
  Tensor rates(const Clock& clock, double rate) const;
  /// The device's part, with these rates on the device.
  void step(const Tensor& rates);
  /// How it moves network `i`.
  const Optimizer& optimizer(size_t i) const { return optimizers_[i]; }
  bool owns(const std::string& network) const;
  /// What backward has left in its networks, which then have none; and back again.
  std::vector<std::vector<Tensor>> take_gradients();
  void give_gradients(const std::vector<std::vector<Tensor>>& gradients);
  /// The largest magnitude among the weights; infinite or NaN where one is. Waits for the device.
  double largest_weight() const;
  /// Which of its numbers are not all finite: "weights", "gradients", "squared gradients", "averaged
  /// weights"; empty where all are. Waits for the device.
  std::string not_finite() const;

  /// Slots and updates; the networks are others'.
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
