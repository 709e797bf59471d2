#include <algorithm>
#include <cmath>
#include <vector>

#include "duet/data/drawn/sitter.h"

namespace duet {
namespace {

void paint_closed_eye(Canvas& canvas, const Sitter& s, int eye) {
  const double x = eye * s.look.eye_distance, half = .16;
  canvas.glow(s.round(s.on_face(x, -.02), .2, .14), s.light(.25), .5f);
  canvas.stroke(s.on_face({{x - half, .01}, {x - half * .4, .065}, {x + half * .4, .065}, {x + half, .01}}), 1.3,
                {s.dark(.18), .95f, .6f});
  canvas.stroke(s.on_face({{x - half, -.05}, {x, -.09}, {x + half, -.05}}), .8, {s.dark(.5), .5f, .6f});
}

void paint_open_eye(Canvas& canvas, const Sitter& s, int eye) {
  const double x = eye * s.look.eye_distance, half = .165, open = .09 * s.a.eye_size;
  const double iris_x = x + .06 * s.a.gaze;
  Canvas ball(kPortraitSide, kPortraitSide, .93f), mask(kPortraitSide, kPortraitSide);
  ball.ellipse(s.round(s.on_face(iris_x, -.005), .086, .09), {.22f, 1, .6f});
  ball.ellipse(s.round(s.on_face(iris_x, -.005), .042, .045), {.03f, 1, .6f});
  ball.glow(s.round(s.on_face(x, -open), half * 1.2, .09), .3f, .6f);
  ball.ellipse(s.round(s.on_face(iris_x - .035 * s.side, -.035), .024, .024), {1, 1, .5f});
  mask.polygon(s.on_face({{x - half, .015},
                          {x - half * .45, -open * .85},
                          {x + half * .3, -open},
                          {x + half, .005},
                          {x + half * .35, open * .75},
                          {x - half * .45, open * .75}},
                         true),
               {});
  canvas.lay(ball, mask);
  canvas.stroke(s.on_face({{x - half, .015}, {x - half * .45, -open * .85}, {x + half * .3, -open}, {x + half, .005}}),
                1.25, {s.dark(.16), .95f, .6f});
  canvas.stroke(s.on_face({{x - half * .7, open * .6}, {x, open * .85}, {x + half * .7, open * .6}}), .6,
                {s.dark(.4), .5f, .6f});
  canvas.stroke(s.on_face({{x - half * .9, -open - .05}, {x, -open - .075}, {x + half * .9, -open - .04}}), .6,
                {s.dark(.5), .55f, .6f});
}

void paint_open_mouth(Canvas& canvas, const Sitter& s) {
  const double y = s.look.mouth_height, w = s.look.mouth_width;
  const Point centre = s.on_face(0, y + .02);
  canvas.ellipse(s.round(centre, w * .62, .14), {s.dark(.62), 1, .7f});
  canvas.ellipse(s.round(centre, w * .43, .095), {.06f, 1, .6f});
  canvas.glow(s.round(s.on_face(0, y + .09), w * .35, .06), s.dark(.55), .8f);
  canvas.glow(s.round(s.on_face(0, y + .21), w * .7, .07), s.dark(.5), .5f);
}

void paint_smile(Canvas& canvas, const Sitter& s) {
  const double y = s.look.mouth_height, lips = s.look.lips;
  const double half = s.look.mouth_width * 1.2, up = .085;
  canvas.polygon(s.on_face({{-half, y - up},
                            {-half * .5, y - .03},
                            {0, y - .015},
                            {half * .5, y - .03},
                            {half, y - up},
                            {half * .6, y + .1},
                            {0, y + .17 + .02 * lips},
                            {-half * .6, y + .1}},
                           true),
                 {s.dark(.62), 1, .5f});
  canvas.polygon(s.on_face({{-half * .93, y - up + .02},
                            {-half * .45, y + .0},
                            {0, y + .01},
                            {half * .45, y + .0},
                            {half * .93, y - up + .02},
                            {half * .5, y + .075},
                            {0, y + .11},
                            {-half * .5, y + .075}},
                           true),
                 {.95f, 1, .5f});
  canvas.stroke(
      s.on_face({{-half, y - up}, {-half * .5, y - .015}, {0, y + .005}, {half * .5, y - .015}, {half, y - up}}), .8,
      {s.dark(.2), .85f, .6f});
  for (int cheek : {-1, 1})
    canvas.stroke(
        s.on_face(
            {{cheek * .24, s.look.nose_length - .02}, {cheek * (half + .06), y - .2}, {cheek * (half + .08), y - .04}}),
        .9, {s.dark(.55), .5f, .8f});
}

void paint_neutral_mouth(Canvas& canvas, const Sitter& s) {
  const double y = s.look.mouth_height, w = s.look.mouth_width, lips = s.look.lips;
  const float lip = s.dark(.62), line = s.dark(.2);
  canvas.polygon(s.on_face({{-w, y},
                            {-w * .35, y - .055 * lips},
                            {0, y - .035 * lips},
                            {w * .35, y - .055 * lips},
                            {w, y},
                            {w * .5, y + .075 * lips},
                            {0, y + .095 * lips},
                            {-w * .5, y + .075 * lips}},
                           true),
                 {lip, .9f, .5f});
  canvas.glow(s.round(s.on_face(-.05 * s.side, y + .055), w * .6, .05), s.light(.2), .5f);
  canvas.stroke(s.on_face({{-w, y}, {-w * .4, y + .005}, {0, y + .012}, {w * .4, y + .005}, {w, y}}), .9,
                {line, .9f, .6f});
  canvas.glow(s.round(s.on_face(0, y + .15), w * .8, .06), s.dark(.5), .5f);
}

}  // namespace

void paint_wrinkles(Canvas& canvas, const Sitter& s) {
  const float depth = float(s.a.wrinkles);
  if (depth <= 0) return;
  const Paint line{s.dark(.5), .6f * depth, .8f};
  for (int i = 0; i < 3; ++i) {
    const double y = -.42 - .1 * i, half = .36 - .05 * i;
    canvas.stroke(s.on_face({{-half, y + .02}, {0, y - .02}, {half, y + .02}}), .7, line);
  }
  for (int eye : {-1, 1}) {
    const double x = s.look.eye_distance, outer = x + .2;
    for (double dy : {-.06, .03, .1})
      canvas.stroke(s.on_face({{eye * outer, .02 + dy * .4}, {eye * (outer + .13), .01 + dy}}), .6, line);
    canvas.stroke(s.on_face({{eye * (x - .13), .13}, {eye * x, .18}, {eye * (x + .14), .12}}), .8, line);
    canvas.stroke(s.on_face({{eye * .2, s.look.nose_length - .04},
                             {eye * (s.look.mouth_width + .07), s.look.mouth_height - .12},
                             {eye * (s.look.mouth_width + .1), s.look.mouth_height + .08}}),
                  .9, line);
  }
}

void paint_nose(Canvas& canvas, const Sitter& s) {
  const double tip = s.look.nose_length, width = s.look.nose_width;
  const int side = s.side;
  const double lift = .06 * s.a.turn;  // the nose protrudes, so it turns further than the rest
  canvas.glow(s.round(s.on_face(lift + side * width * .75, tip * .55), .11, .36), s.dark(.45), .6f);
  canvas.stroke(s.on_face({{lift - side * .015, -.06}, {lift - side * .02, tip * .5}, {lift - side * .01, tip - .08}}),
                1.5, {s.light(.55), .45f, 1.2f});
  canvas.glow(s.round(s.on_face(lift, tip + .04), width * 1.5, .12), s.dark(.4), .65f);
  canvas.glow(s.round(s.on_face(lift - side * .03, tip - .08), .1, .1), s.light(.7), .65f);
  for (int wing : {-1, 1}) {
    canvas.ellipse(s.round(s.on_face(lift + wing * width * .5, tip + .01), .042, .026), {s.dark(.25), .85f, .7f});
    canvas.stroke(s.on_face({{lift + wing * width * .92, tip - .11},
                             {lift + wing * width * 1.08, tip - .03},
                             {lift + wing * width * .85, tip + .02}}),
                  .8, {s.dark(.5), .6f, .6f});
  }
}

void paint_mouth(Canvas& canvas, const Sitter& s) {
  if (s.a.mouth == Mouth::open) paint_open_mouth(canvas, s);
  if (s.a.mouth == Mouth::smile) paint_smile(canvas, s);
  if (s.a.mouth == Mouth::neutral) paint_neutral_mouth(canvas, s);
}

void paint_eyes(Canvas& canvas, const Sitter& s) {
  for (int eye : {-1, 1}) s.a.eyes_open ? paint_open_eye(canvas, s, eye) : paint_closed_eye(canvas, s, eye);
}

void paint_brows(Canvas& canvas, const Sitter& s) {
  const double lift = s.a.mouth == Mouth::open ? -.05 : 0, tilt = s.look.brow_tilt;
  const float shade = std::min(s.hair * .8f, s.dark(.55));
  for (int eye : {-1, 1}) {
    const double x = s.look.eye_distance, y = -.24 + lift;
    const Path brow = s.on_face({{eye * (x - .19), y + .02 + .3 * tilt},
                                 {eye * (x - .02), y - .045},
                                 {eye * (x + .13), y - .04 - .6 * tilt},
                                 {eye * (x + .22), y + .03 - tilt}});
    std::vector<double> widths;
    for (size_t i = 0; i < brow.size(); ++i)
      widths.push_back(s.pixels(s.look.brow_width) * (1.1 - .7 * double(i) / double(brow.size())));
    canvas.strokes({&brow, 1}, {&widths, 1}, {s.a.grey > .4f ? s.hair * .85f : shade, .9f, .7f});
  }
}

void paint_glasses(Canvas& canvas, const Sitter& s) {
  const double x = s.look.eye_distance, w = s.look.round_glasses ? .235 : .255, h = s.look.round_glasses ? .21 : .165,
               y = .01;
  const Paint frame{s.look.glasses_shade, .95f, .6f};
  for (int eye : {-1, 1}) {
    const double c = eye * x, k = s.look.round_glasses ? .72 : .93;
    const Path rim = s.on_face({{c - w, y},
                                {c - w * k, y - h * k},
                                {c, y - h},
                                {c + w * k, y - h * k},
                                {c + w, y},
                                {c + w * k, y + h * k},
                                {c, y + h},
                                {c - w * k, y + h * k}},
                               true);
    canvas.polygon(rim, {1, .1f, .5f});
    canvas.stroke(s.on_face({{c - w * .1, y - h * .75}, {c - w * .65, y + h * .3}}), 1.6, {1, .28f, .8f});
    canvas.stroke(rim, 1.25, frame);
    canvas.stroke({s.on_face(c + eye * w, y - .03), s.at(eye * s.look.head_width * .97, -.05)}, 1.2, frame);
  }
  canvas.stroke(s.on_face({{-x + w, y - .03}, {0, y - .07}, {x - w, y - .03}}), 1.2, frame);
}

}  // namespace duet
