#pragma once

#include <memory>
#include <set>

#include "duet/games/game.h"
#include "duet/nn/network.h"

namespace duet {

using Networks = std::map<std::string, std::unique_ptr<Network>>;

/// A network as a game calls it, as declared by `spec`; each forward uses the current values of `pass`.
Net net_of(const Network& network, const NetworkSpec& spec, std::function<Pass()> pass);

/// A game's networks as its turns call them: which weights learn now, and what has been computed once for the batch.
/// Threads: not for several at once.
class NetworkCalls {
 public:
  /// `networks` are borrowed.
  NetworkCalls(const Networks& networks, const GameSpec& spec, const Noise& noise, bool bfloat16);
  NetworkCalls(const NetworkCalls&) = delete;
  NetworkCalls& operator=(const NetworkCalls&) = delete;

  const Nets& nets() const { return nets_; }

  /// From now on only the weights of these networks get gradients, and only their running statistics change; the
  /// statistics do not change either if `statistics` is false.
  void let_learn(const std::set<std::string>& networks, bool statistics = true);

  /// From now on it is the turn of `player`, which layers that act in one player's turns alone go by.
  void begin_turn(const std::string& player) { player_ = player; }

  /// See Turn::once. With `next`, networks that learn in a later turn, the value carries a graph for these, too, so
  /// that that turn need not compute it again.
  Tensor once(const std::string& name, const std::function<Tensor()>& make, const std::set<std::string>& next);
  /// The backward of a turn has consumed the graphs that were handed out to it.
  void end_turn();
  /// Discards what these networks have computed.
  void moved(const std::set<std::string>& networks);
  /// Discards everything.
  void new_batch() { made_.clear(); }

 private:
  struct Made {
    Tensor value;
    std::set<std::string> by;     ///< the networks that computed it
    std::set<std::string> graph;  ///< those of them that it carries a graph for
    std::string player;           ///< in whose turn, where one of them computes something else in another's
    bool handed_out = false;      ///< with its graph, in this turn
  };
  Made make_now(const std::function<Tensor()>& make, const std::set<std::string>& next);

  const Networks& networks_;
  Nets nets_;
  Noise noise_;
  bool bfloat16_;
  std::string player_;
  std::set<std::string> learning_;
  bool statistics_ = true;
  std::map<std::string, Made> made_;
  std::vector<std::set<std::string>*> watching_;  // sets that record which networks are called
};

}  // namespace duet
