#include "duet/core/error.h"
#include "duet/games/game.h"

namespace duet {

// One source file each.
GameEntry aae_game();
GameEntry acgan_game();
GameEntry adversarial_game();
GameEntry avb_game();
GameEntry began_game();
GameEntry bigan_game();
GameEntry cogan_game();
GameEntry discrete_game();
GameEntry ebgan_game();
GameEntry gap_game();
GameEntry helmholtz_game();
GameEntry infogan_game();
GameEntry inpainting_game();
GameEntry magan_game();
GameEntry mode_regularised_game();
GameEntry paired_game();
GameEntry rbm_game();
GameEntry semi_supervised_game();
GameEntry unpaired_game();
GameEntry vae_game();
GameEntry vaegan_game();

std::vector<GameEntry>& game_entries() {
  static std::vector<GameEntry> entries = {
      aae_game(),       acgan_game(),   adversarial_game(),     avb_game(),      began_game(),
      bigan_game(),     cogan_game(),   discrete_game(),        ebgan_game(),    gap_game(),
      helmholtz_game(), infogan_game(), inpainting_game(),      magan_game(),    mode_regularised_game(),
      paired_game(),    rbm_game(),     semi_supervised_game(), unpaired_game(), vae_game(),
      vaegan_game()};
  return entries;
}

Catalogue game_catalogue() {
  Catalogue catalogue;
  for (const auto& entry : game_entries()) catalogue.kinds.push_back(entry.name);
  catalogue.make = [](const std::string& kind) -> std::shared_ptr<Config> {
    for (const auto& entry : game_entries())
      if (entry.name == kind) return entry.config();
    return nullptr;
  };
  return catalogue;
}

std::unique_ptr<Game> make_game(const Choice& choice) {
  for (const auto& entry : game_entries())
    if (entry.name == choice.kind) return entry.make(*choice.config);
  fail(Fault::internal, "game '{}' is in no list", choice.kind);
}

}  // namespace duet
