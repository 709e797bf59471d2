// The handwriting of the drawn digits. A glyph is a list of knots that a pen passes; `around` draws a smooth line
// through them, `with_corner` one with a sharp corner where two runs meet. Knots are jittered independently, so that no
// two digits are equal; ends that must meet are computed from each other and never from two random draws.
#include "duet/data/drawn/glyphs.h"

#include <cmath>
#include <numbers>

namespace duet {
namespace {

constexpr int kStepsPerKnot = 5;

/// Draws the knots of one glyph.
class Hand {
 public:
  explicit Hand(Random& random) : random_(random) {}

  double vary(double value, double spread) { return value + spread * random_.uniform(-1, 1); }
  bool chance(double probability) { return random_.chance(probability); }
  double between(double low, double high) { return random_.uniform(low, high); }
  /// A knot near (x, y).
  Point near(double x, double y, double spread = .022) { return {vary(x, spread), vary(y, spread)}; }

 private:
  Random& random_;
};

Path smooth(const std::vector<Point>& knots) { return spline(knots, kStepsPerKnot); }

/// Consecutive runs without lifting the pen: each begins where the previous one ends.
Path with_corners(std::vector<std::vector<Point>> runs) {
  Path path;
  for (size_t i = 0; i < runs.size(); ++i) {
    if (i > 0) runs[i].insert(runs[i].begin(), path.back());
    const Path run = smooth(runs[i]);
    path.insert(path.end(), run.begin() + (i > 0 ? 1 : 0), run.end());
  }
  return path;
}

/// A loop from angle `start` (0 right, clockwise on the page) through `sweep` radians, its radius growing by `drift`.
std::vector<Point> loop(Point centre, double rx, double ry, double start, double sweep, double drift = 0) {
  const int n = 3 + static_cast<int>(std::abs(sweep) / (2 * std::numbers::pi) * 9);
  std::vector<Point> knots;
  for (int i = 0; i <= n; ++i) {
    const double t = double(i) / n, angle = start + sweep * t, r = 1 + drift * (t - .5);
    knots.push_back({centre.x + rx * r * std::cos(angle), centre.y + ry * r * std::sin(angle)});
  }
  return knots;
}

Glyph write_zero(Hand& hand) {
  const double start = hand.vary(-1.4, .5);
  // Past a full turn the ends cross, so that the ring is closed whatever the drift.
  const double sweep = -2 * std::numbers::pi - hand.between(.05, .6);
  return {smooth(loop({.35, .5}, hand.vary(.31, .08), .5, start, sweep, hand.vary(0, .14)))};
}

Glyph write_one(Hand& hand) {
  const double x = .3, bend = hand.vary(0, .03), kind = hand.between(0, 1);
  const Point top = hand.near(x, 0), foot = hand.near(x, 1);
  const std::vector<Point> stem{{x + bend, .5}, foot};
  if (kind < .55) return {smooth({top, {x + bend, .5}, foot})};
  const Point flag = hand.near(x - .22, .22, .05);
  if (kind < .8) return {with_corners({{flag, top}, stem})};
  const double left = hand.vary(.24, .05), right = hand.vary(.24, .05), tilt = hand.vary(0, .02);
  return {with_corners({{flag, top}, stem}), {{foot.x - left, foot.y + tilt}, {foot.x + right, foot.y - tilt}}};
}

Glyph write_two(Hand& hand) {
  std::vector<Point> arch{hand.near(.05, .24, .03), hand.near(.16, .06), hand.near(.36, .0),
                          hand.near(.55, .09),      hand.near(.57, .3),  hand.near(.43, .55)};
  const double rise = hand.vary(0, .05);
  if (hand.chance(.4)) {
    for (Point p : {hand.near(.22, .84), hand.near(.07, .97), hand.near(-.03, .9, .015), hand.near(.08, .8, .015),
                    hand.near(.27, .88), hand.near(.48, 1.0)})
      arch.push_back(p);
    arch.push_back({.7, .93 + rise});
    return {smooth(arch)};
  }
  arch.push_back(hand.near(.22, .8));
  const Point corner = hand.near(.0, .98);
  arch.push_back(corner);
  return {with_corners({arch, {hand.near(.3, .97, .025), hand.near(.66, .98 + rise, .03)}})};
}

Glyph write_three(Hand& hand) {
  const double kind = hand.between(0, 1);
  const Point waist = hand.near(kind < .3 ? .3 : .24, .46, .04);
  const std::vector<Point> belly{hand.near(.5, .54), hand.near(.6, .73), hand.near(.48, .94), hand.near(.25, 1.0),
                                 hand.near(.0, .9, .03)};
  if (kind < .2)  // a flat top
    return {with_corners({{hand.near(.05, .03), hand.near(.55, .02)}, {waist}, belly})};
  std::vector<Point> top{hand.near(.04, .12, .04), hand.near(.2, .0), hand.near(.43, .02), hand.near(.54, .18),
                         hand.near(.46, .36)};
  top.push_back(waist);
  if (kind < .75) return {with_corners({top, belly})};
  top.insert(top.end() - 1, {waist.x + .1, waist.y - .03});  // a small round waist instead of the corner
  top.push_back({waist.x + .07, waist.y + .035});
  top.insert(top.end(), belly.begin(), belly.end());
  return {smooth(top)};
}

Glyph write_four(Hand& hand) {
  const bool closed = hand.chance(.35);
  const double bar = hand.vary(closed ? .64 : .6, .045), stem = hand.vary(closed ? .53 : .46, .04);
  const double reach = hand.vary(.16, .06);
  const Point elbow = hand.near(.0, bar, .03), end{stem + reach, hand.vary(bar - .01, .03)};
  const double lean = hand.vary(.0, .04);
  if (closed) {  // both lines leave one point at the top
    const Point top{stem, hand.vary(.0, .01)};
    return {with_corners({{top, elbow}, {end}}), {top, {stem + lean, 1.0}}};
  }
  const Point stem_top{stem + hand.vary(.04, .03), hand.vary(.1, .1)};
  const Path right{stem_top, {stem + lean, 1.0}};
  if (hand.chance(.35)) {  // a round cup
    const double side = hand.vary(.05, .03);
    return {smooth({{side + .03, hand.vary(.02, .03)},
                    hand.near(side - .02, .32),
                    hand.near(side + .06, .49),
                    hand.near(.26, .54),
                    {stem + .02, hand.vary(.5, .03)}}),
            {{stem + .03, stem_top.y}, {stem + lean, 1.0}}};
  }
  return {with_corners({{hand.near(.14, .0, .03), elbow}, {end}}), right};
}

Glyph write_five(Hand& hand) {
  const Point corner = hand.near(.14, .02), shoulder = hand.near(.09, .43);
  const std::vector<Point> belly{hand.near(.3, .37),  hand.near(.52, .48), hand.near(.58, .7),
                                 hand.near(.44, .93), hand.near(.2, 1.0),  hand.near(-.02, .9, .03)};
  const Point tip = hand.near(.6, .01, .05);
  const double kind = hand.between(0, 1);
  if (kind < .7) return {with_corners({{tip, corner}, {shoulder}, belly})};
  // The bar added last, with a smooth hook below it.
  std::vector<Point> hook{hand.near(.1, .22), hand.near(.08, .44, .015)};
  return {with_corners({{corner, hook[0], hook[1]}, belly}), {corner, tip}};
}

Glyph write_six(Hand& hand) {
  const double height = hand.vary(.22, .04), width = hand.vary(.26, .04);
  const Point centre{.3, 1 - height};
  std::vector<Point> knots{hand.near(.48, .0, .06), hand.near(.24, .2, .03), hand.near(.08, .46)};
  // From the stem at the left once round against the clock, and on until the line meets the stem again.
  for (Point p : loop(centre, width, height, -2.8, -2 * std::numbers::pi - hand.between(.0, .35), -.08))
    knots.push_back(p);
  return {smooth(knots)};
}

Glyph write_seven(Hand& hand) {
  const Point corner = hand.near(.58, .04), foot = hand.near(hand.between(.12, .3), 1.0);
  const Point middle{(corner.x + foot.x) / 2 + hand.vary(-.02, .05), .5};
  std::vector<Point> top{hand.near(.0, .06, .03), corner};
  if (hand.chance(.3)) top = {hand.near(.3, .05, .015), corner}, top.insert(top.begin(), hand.near(.0, .05, .015));
  Glyph glyph{with_corners({top, {middle, foot}})};
  if (hand.chance(.2)) glyph[0] = with_corners({{hand.near(.0, .24), top[0]}, {corner}, {middle, foot}});
  if (hand.chance(.3)) {
    const double left = hand.vary(.2, .04), right = hand.vary(.2, .04), tilt = hand.vary(.01, .03);
    const double y = hand.vary(.52, .04);
    glyph.push_back({{middle.x - left, y + tilt}, {middle.x + right, y - tilt}});
  }
  return glyph;
}

Glyph write_eight(Hand& hand) {
  const double top = hand.vary(.23, .03), bottom = hand.vary(.29, .03), waist = hand.vary(.47, .03);
  if (hand.chance(.2)) {  // two rings
    const double upper = waist / 2, lower = (1 - waist) / 2, turn = 2 * std::numbers::pi + .2;
    return {smooth(loop({.3, upper}, top, upper, 1.5, turn)),
            smooth(loop({.3, waist + lower}, bottom, lower, -1.5, turn))};
  }
  // One line: the upper ring against the clock, across, the lower ring with it, and back to the start.
  const double upper = waist / 2, lower = (1 - waist) / 2;
  std::vector<Point> line = loop({.3, upper}, top, upper, hand.vary(-.5, .3), -hand.vary(3.1, .15));
  const Point start = line.front();
  line.push_back(hand.near(.29, waist, .015));
  for (Point p : loop({.3, waist + lower}, bottom, lower, -.5, std::numbers::pi + 1, hand.vary(0, .1)))
    line.push_back(p);
  line.push_back(hand.near(.31, waist, .015));
  line.push_back({.3 + top * .9, upper * 1.25});
  line.push_back(start);
  line.push_back({start.x - .06, start.y - .07});
  return {smooth(line)};
}

Glyph write_nine(Hand& hand) {
  const double height = hand.vary(.24, .035), width = hand.vary(.25, .04);
  const Point centre{.28, height};
  std::vector<Point> ring = loop(centre, width, height, hand.vary(-.45, .15), -2 * std::numbers::pi, -.05);
  const Point meet = ring.back();
  if (hand.chance(.6)) {
    const Point foot = hand.near(.42, 1.0, .06);
    return {with_corners({ring, {{(meet.x + foot.x) / 2 + hand.vary(.015, .02), .6}, foot}})};
  }
  for (Point p : {hand.near(.53, .5), hand.near(.49, .78), hand.near(.3, .98), hand.near(.06, .92, .04)})
    ring.push_back(p);
  return {smooth(ring)};
}

}  // namespace

Glyph write_glyph(int64_t digit, Random& random) {
  constexpr Glyph (*kHands[])(Hand&) = {write_zero, write_one, write_two,   write_three, write_four,
                                        write_five, write_six, write_seven, write_eight, write_nine};
  Hand hand(random);
  return kHands[digit](hand);
}

}  // namespace duet
