#include "duet/train/watch_sheet.h"

#include "duet/core/error.h"
#include "duet/train/pictures.h"

namespace duet {

SheetWatcher::SheetWatcher(Watched& watched) : watched_(watched) {
  const auto& held_out = watched.split().held_out;
  if (!watched.facts.stream(watched.like()).pictures && held_out) real_ = some_examples(*held_out, 2000);
}

void SheetWatcher::show() {
  auto& w = watched_;
  if (w.sampler) {
    w.load_sampler();
    const auto sheet = progress_sheet(*w.sampler, real_, w.recipe.seed);
    if (!sheet.pixels.empty()) write_png(w.outcome.sheet = w.run.sample_path(w.images()), sheet);
  }
  draw_curves();
}

void SheetWatcher::draw_curves() const {
  const auto picture = curves(watched_.run.events());
  if (!picture.pixels.empty()) write_png(watched_.run.curves_path(), picture);
}

void SheetWatcher::animate() try {
  watched_.outcome.animation = write_film(watched_.run, watched_.images());
} catch (const Error& error) {
  watched_.note(fmt::format("no film of the sheets: {}", error.what()));
}

}  // namespace duet
