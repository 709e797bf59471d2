#pragma once

#include <memory>
#include <set>

#include "duet/games/game.h"
#include "duet/nn/network.h"

namespace duet {

using Networks = std::map<std::string, std::unique_ptr<Network>>;

/// A network as a game calls it, as `spec` declares it; each forward goes by what `pass` gives then.
Net net_of(const Network& network, const NetworkSpec& spec, std::function<Pass()> pass);

/// A game's networks as its turns call them: whose weights learn now, and what has been made once for the batch.
/// Threads: not for several at once.
class NetworkCalls {
 public:
  /// `networks` are borrowed.
  NetworkCalls(const Networks& networks, const GameSpec& spec, const Noise& noise, bool bfloat16);
  NetworkCalls(const NetworkCalls&) = delete;
  NetworkCalls& operator=(const NetworkCalls&) = delete;

  const Nets& nets() const { return nets_; }

  /// From now on gradients reach the weights of these networks alone, and only their running statistics move; these
  /// not either where `statistics` is false.
  void let_learn(const std::set<std::string>& networks, bool statistics = true);

  /// From now on it is the turn of `player`, which layers that act in one player's turns alone go by.
  void begin_turn(const std::string& player) { player_ = player; }

  /// See Turn::once. With `next`, networks that learn in a later turn, what is made carries a graph for these, too,
  /// which that turn then need not make again.
  Tensor once(const std::string& name, const std::function<Tensor()>& make, const std::set<std::string>& next);
  /// The backward of a turn has taken the graphs that were handed out to it.
  void end_turn();
  /// Forgets what these networks have made.
  void moved(const std::set<std::string>& networks);
  /// Forgets everything.
  void new_batch() { made_.clear(); }

 private:
  struct Made {
    Tensor value;
    std::set<std::string> by;     ///< the networks that made it
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
  std::vector<std::set<std::string>*> watching_;  // who wants to know which networks are called
};

}  // namespace duet
