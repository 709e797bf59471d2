#include <algorithm>
#include <cmath>
#include <vector>

#include "duet/data/drawn/sitter.h"

namespace duet {
namespace {

/// Single hairs from `from` to `to`, lighter and darker than the whole.
void paint_hairs(Canvas& canvas, const Sitter& s, Point from, Point bend, Point to, Random& random) {
  const float shade = random.chance(.5) ? std::min(1.0f, s.hair + .16f) : s.hair * .6f;
  canvas.stroke(spline(std::vector<Point>{from, bend, to}, 3), .7, {shade, .4f, .7f});
}

void paint_full_beard(Canvas& canvas, const Sitter& s, Random& random) {
  const double w = s.look.head_width, jaw = w * s.look.jaw, y = s.look.mouth_height, low = 1 + s.look.beard_length;
  std::vector<Point> outline;
  const auto rim = [&](double x, double at) { outline.push_back(s.at(x, at)); };
  const auto inner = [&](double x, double at) { outline.push_back(s.on_face(x, at)); };
  rim(-w * 1.0, .08), rim(-jaw * .95, .52), rim(-jaw * .66, .88), rim(-jaw * .3, low), rim(jaw * .3, low),
      rim(jaw * .66, .88);
  rim(jaw * .95, .52), rim(w * 1.0, .08);
  const double cheek = y - .18, under_nose = s.look.nose_length + .08;
  inner(w * .93, .16), inner(w * .84, .38), inner(w * .62, cheek + .06), inner(w * .4, cheek + .02),
      inner(.1, under_nose);
  inner(-.1, under_nose), inner(-w * .4, cheek + .02), inner(-w * .62, cheek + .06), inner(-w * .84, .38);
  inner(-w * .93, .16);
  canvas.polygon(spline(outline, 3, true), {s.beard, .88f, .5f});
  canvas.glow(s.round(s.at(s.side * jaw * .6, .75), .4, .5), s.hair * .45f, .6f);
  for (int i = 0; i < 26; ++i) {
    const double x = random.uniform(-.85, .85) * jaw,
                 top = .5 + .35 * (1 - std::abs(x) / jaw) + random.uniform(-.05, .12);
    paint_hairs(canvas, s, s.at(x, top), s.at(x * .97, top + .08), s.at(x * .92, top + .16), random);
  }
}

void paint_goatee(Canvas& canvas, const Sitter& s, Random& random) {
  const double y = s.look.mouth_height, w = s.look.mouth_width;
  const Paint paint{s.beard, .9f, .8f};
  for (int half : {-1, 1})
    canvas.stroke(s.on_face({{half * .03, s.look.nose_length + .1},
                             {half * w * .7, y - .12},
                             {half * w * 1.25, y + .0},
                             {half * w * 1.2, y + .2},
                             {half * w * .7, .94}}),
                  s.pixels(.085), paint);
  canvas.ellipse(s.round(s.on_face(0, .95), w * 1.0, .15), paint);
  for (int i = 0; i < 8; ++i) {
    const double x = random.uniform(-.8, .8) * w;
    paint_hairs(canvas, s, s.on_face(x, .86), s.on_face(x, .94), s.on_face(x * .8, 1.03), random);
  }
}

void paint_bald(Canvas& canvas, const Sitter& s) {
  const double w = s.look.head_width;
  canvas.glow(s.round(s.on_face(-s.side * .2, -.78), .26, .13), s.light(.95), .8f);
  if (s.a.age < 45) return;
  for (int ear : {-1, 1})  // remaining hair above the ears
    canvas.polygon(s.outline({{ear * w * .9, -.42},
                              {ear * w * 1.03, -.3},
                              {ear * w * 1.08, -.08},
                              {ear * w * 1.0, .06},
                              {ear * w * .9, -.1}}),
                   {s.hair * .92f, .85f, .5f});
}

/// The hair on top: outside along the skull, inside along the hairline; long hair falls past the cheeks.
Path front_hair_outline(const Sitter& s) {
  const double w = s.look.head_width, v = s.look.hair_volume, line = s.look.hairline, part = s.look.parting;
  const bool is_long = s.a.hair == Hair::long_hair;
  const double end = is_long ? s.look.hair_length - .05 : -.02, outer = is_long ? w + v * 1.1 : w + v * .35;
  const double inside = is_long ? w * .88 : w * .93, temple = is_long ? 0 : end - .18;
  std::vector<Point> outline;
  const auto rim = [&](double x, double y) { outline.push_back(s.at(x, y)); };
  const auto inner = [&](double x, double y) { outline.push_back(s.on_face(x, y)); };
  if (is_long) rim(-outer * 1.0, end + .02), rim(-outer * 1.06, end * .8);
  rim(-outer, is_long ? .3 : end), rim(-outer * 1.02, -.3), rim(-w * .78, -.82 - v * .6), rim(-w * .3, -1 - v);
  rim(w * .3, -1 - v), rim(w * .78, -.82 - v * .6), rim(outer * 1.02, -.3), rim(outer, is_long ? .3 : end);
  if (is_long) rim(outer * 1.06, end * .8), rim(outer * 1.0, end + .02), rim(w * .8, end);
  rim(inside, is_long ? .5 : end), rim(inside, temple), rim(w * .82, line + .22);
  inner(w * (.5 + .2 * part), line + .02 + .05 * part), inner(w * .45 * part, line - .09);
  inner(-w * (.5 - .2 * part), line + .02 - .05 * part);
  rim(-w * .82, line + .22), rim(-inside, temple), rim(-inside, is_long ? .5 : end);
  if (is_long) rim(-w * .8, end);
  return spline(outline, 3, true);
}

/// Light, shadow and single hairs of the hair on top.
void shade_hair(Canvas& hair, const Sitter& s, Random& random) {
  const double w = s.look.head_width, v = s.look.hair_volume, line = s.look.hairline, part = s.look.parting;
  hair.glow(s.round(s.at(-s.side * w * .45, -.85), .45, .25), std::min(1.0f, s.hair + .35f), .6f);
  hair.glow(s.round(s.at(s.side * w * 1.1, .1), .5, 1.4), s.hair * .4f, .7f);
  for (int i = 0; i < 20; ++i) {
    const double to = random.uniform(-1, 1), x = w * (.45 * part + (to - .45 * part) * .5);
    paint_hairs(hair, s, s.at(w * .45 * part + .06 * to, -.98 - v * .5), s.at(x, -.93 - v * .4 + .1 * to * to),
                s.at(w * to * .98, line - .12 + .35 * to * to), random);
  }
  if (s.a.hair != Hair::long_hair) return;
  for (int i = 0; i < 16; ++i) {
    const double x = (random.chance(.5) ? 1 : -1) * random.uniform(w * .88, w + v), top = random.uniform(-.3, .6);
    paint_hairs(hair, s, s.at(x, top), s.at(x * 1.03, top + .3), s.at(x * 1.04, top + .6), random);
  }
}

}  // namespace

/// Long hair falls behind the head and the neck.
void paint_back_hair(Canvas& canvas, const Sitter& s) {
  if (s.a.hair != Hair::long_hair) return;
  const double w = s.look.head_width + s.look.hair_volume, end = s.look.hair_length;
  canvas.polygon(s.outline({{0, -1 - s.look.hair_volume},
                            {w * .72, -.85},
                            {w * 1.06, -.3},
                            {w * 1.12, .4},
                            {w * 1.16, end * .85},
                            {w * .8, end},
                            {0, end * .9},
                            {-w * .8, end},
                            {-w * 1.16, end * .85},
                            {-w * 1.12, .4},
                            {-w * 1.06, -.3},
                            {-w * .72, -.85}}),
                 {s.hair * .6f, 1, .5f});
}

void paint_front_hair(Canvas& canvas, const Sitter& s, Random& random) {
  if (s.a.hair == Hair::bald) return paint_bald(canvas, s);
  Canvas hair(kPortraitSide, kPortraitSide, s.hair), mask(kPortraitSide, kPortraitSide);
  shade_hair(hair, s, random);
  mask.polygon(front_hair_outline(s), {});
  canvas.lay(hair, mask);
}

void paint_beard(Canvas& canvas, const Sitter& s, Random& random) {
  if (s.a.beard == Beard::full) paint_full_beard(canvas, s, random);
  if (s.a.beard == Beard::goatee) paint_goatee(canvas, s, random);
}

}  // namespace duet
