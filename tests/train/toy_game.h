#pragma once

#include "duet/games/game.h"

namespace duet {

/// A game of a test, among the others as long as this lives.
class ToyGame {
 public:
  using Make = std::function<std::unique_ptr<Game>()>;
  ToyGame(const std::string& name, const Make& make) {
    struct NoKeys final : Config {
      void fields(Fields&) override {}
    };
    game_entries().push_back(
        {name, "a toy", "", [] { return std::make_shared<NoKeys>(); }, [make](const Config&) { return make(); }});
  }
  ToyGame(const ToyGame&) = delete;
  ToyGame& operator=(const ToyGame&) = delete;
  ~ToyGame() { game_entries().pop_back(); }
};

}  // namespace duet
