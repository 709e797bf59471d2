// A portrait is painted from the back to the front: background, hair behind the head, neck and shoulders, ears, the
// head with its light, then the features over it. Lengths are in units of half the head's height with the origin in the
// middle of the head; `Sitter` converts them to pixels.
#include "duet/data/drawn/portrait.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "duet/data/drawn/sitter.h"

namespace duet {
namespace {

void paint_background(Canvas& canvas, const Look& look) {
  for (int y = 0; y < kPortraitSide; ++y) {
    const float down = float(y) / kPortraitSide - .5f;
    for (int x = 0; x < kPortraitSide; ++x) {
      const float across = (float(x) / kPortraitSide - .5f) * (look.light_left ? -1 : 1);
      canvas.at(x, y) = look.background - .14f * down + .1f * across;
    }
  }
  canvas.glow({look.centre, 38, 38, 0}, std::min(1.0f, look.background + .2f), .45f);
}

void paint_body(Canvas& canvas, const Sitter& s) {
  const double neck = s.look.head_width * .6;
  canvas.polygon(
      s.outline(
          {{-neck, .5}, {-neck * .96, 1.1}, {-neck * 1.25, 1.5}, {neck * 1.25, 1.5}, {neck * .96, 1.1}, {neck, .5}}),
      {s.dark(.8), 1, .5f});
  canvas.glow(s.round(s.at(.1 * s.side, 1.0), neck * 1.3, .3), s.dark(.45), .8f);
  const float shirt = s.look.shirt;
  canvas.polygon(s.outline({{-2.2, 2.2},
                            {-1.65, 1.62},
                            {-.95, 1.38},
                            {-neck * 1.15, 1.22},
                            {-.2, 1.42},
                            {0, 1.5},
                            {.2, 1.42},
                            {neck * 1.15, 1.22},
                            {.95, 1.38},
                            {1.65, 1.62},
                            {2.2, 2.2}}),
                 {shirt, 1, .5f});
  canvas.glow(s.round(s.at(-.9 * s.side, 1.6), .8, .4), std::min(1.0f, shirt + .25f), .6f);
  canvas.glow(s.round(s.at(1.1 * s.side, 1.9), .9, .6), shirt * .5f, .7f);
  const Path collar = spline(std::vector<Point>{s.at(-neck * 1.15, 1.24), s.at(-.2, 1.44), s.at(0, 1.51),
                                                s.at(.2, 1.44), s.at(neck * 1.15, 1.24)},
                             4);
  canvas.stroke(collar, 1.3, {shirt > .5f ? shirt * .7f : shirt + .15f, .8f, .6f});
}

void paint_ears(Canvas& canvas, const Sitter& s) {
  if (s.a.hair == Hair::long_hair) return;
  for (int ear : {-1, 1}) {
    // The ear on the side to which the head turns is hidden.
    const double out = s.look.head_width * (1.0 - .09 * std::max(0.0, ear * s.a.turn));
    const Point centre = s.at(ear * (out + .03), .06);
    const double light = ear == s.side ? .72 : .95;
    canvas.ellipse(s.round(centre, .11, .2, ear * .15), {s.dark(light), 1, .6f});
    canvas.ellipse(s.round(s.at(ear * (out + .05), .05), .045, .12, ear * .15), {s.dark(light * .65), .8f, .9f});
  }
}

Path head_outline(const Sitter& s) {
  const double w = s.look.head_width, jaw = w * s.look.jaw;
  return s.outline({{0, -1},
                    {w * .62, -.82},
                    {w * .96, -.4},
                    {w, .1},
                    {jaw * .9, .52},
                    {jaw * .58, .86},
                    {jaw * .22, .99},
                    {-jaw * .22, .99},
                    {-jaw * .58, .86},
                    {-jaw * .9, .52},
                    {-w, .1},
                    {-w * .96, -.4},
                    {-w * .62, -.82}});
}

/// Light and shadow of a bare head.
void shade_head(Canvas& skin, const Sitter& s) {
  const double w = s.look.head_width;
  const int side = s.side;
  skin.glow(s.round(s.at(side * w * 1.15, .1), .75, 1.4), s.dark(.42), .8f);
  skin.glow(s.round(s.at(-side * w * 1.25, .1), .4, 1.2), s.dark(.6), .5f);
  skin.glow(s.round(s.at(0, 1.12), .75, .35), s.dark(.5), .6f);
  skin.glow(s.round(s.on_face(-side * .18, -.62), .55, .36), s.light(.6), .55f);
  skin.glow(s.round(s.on_face(-side * .4, .32), .26, .24), s.light(.5), .5f);
  skin.glow(s.round(s.on_face(side * .4, .32), .22, .22), s.light(.3), .3f);
  skin.glow(s.round(s.on_face(0, .88), .2, .14), s.light(.4), .4f);
  for (int eye : {-1, 1}) skin.glow(s.round(s.on_face(eye * s.look.eye_distance, -.06), .28, .2), s.dark(.55), .5f);
}

void paint_head(Canvas& canvas, const Sitter& s) {
  Canvas skin(kPortraitSide, kPortraitSide, s.skin), mask(kPortraitSide, kPortraitSide);
  shade_head(skin, s);
  mask.polygon(head_outline(s), {});
  canvas.lay(skin, mask);
}

}  // namespace

Look random_look(const FaceAttributes& a, Random& random) {
  Look look;
  look.head_width = random.uniform(.71, .82);
  look.jaw = random.uniform(.88, 1.06);
  look.eye_distance = look.head_width * random.uniform(.43, .48);
  look.nose_length = random.uniform(.34, .43);
  look.nose_width = random.uniform(.12, .18);
  look.mouth_width = random.uniform(.22, .29);
  look.mouth_height = random.uniform(.62, .67);
  look.lips = random.uniform(.7, 1.4);
  look.brow_width = random.uniform(.05, .1);
  look.brow_tilt = random.uniform(-.05, .07);
  look.hairline = random.uniform(-.68, -.5) - .1 * a.wrinkles;
  look.hair_volume = random.uniform(.06, .17);
  look.parting = random.uniform(-1, 1);
  look.hair_length = random.uniform(.95, 1.5);
  look.beard_length = random.uniform(.04, .16);
  look.round_glasses = random.chance(.5);
  look.light_left = random.chance(.6);
  look.tilt = std::clamp(.06 * random.normal(), -.14, .14);
  look.scale = random.uniform(20.5, 23);
  look.centre = {32 + 1.2 * random.normal(), 31 + .7 * random.normal()};
  look.background = float(random.uniform(.2, .8));
  // A head as bright as the background would not be visible.
  if (std::abs(look.background - a.skin) < .15) look.background += look.background > a.skin ? .15f : -.2f;
  look.shirt = float(random.uniform(.1, .85));
  look.glasses_shade =
      a.skin > .6 || random.chance(.7) ? float(random.uniform(.02, .15)) : float(random.uniform(.75, .9));
  return look;
}

Canvas paint_portrait(const FaceAttributes& attributes, const Look& look, Random& random) {
  const Sitter sitter(attributes, look);
  Canvas canvas(kPortraitSide, kPortraitSide);
  paint_background(canvas, look);
  paint_back_hair(canvas, sitter);
  paint_body(canvas, sitter);
  paint_ears(canvas, sitter);
  paint_head(canvas, sitter);
  paint_wrinkles(canvas, sitter);
  paint_beard(canvas, sitter, random);
  paint_mouth(canvas, sitter);
  paint_nose(canvas, sitter);
  paint_eyes(canvas, sitter);
  paint_brows(canvas, sitter);
  paint_front_hair(canvas, sitter, random);
  if (attributes.glasses) paint_glasses(canvas, sitter);
  return canvas;
}

}  // namespace duet
