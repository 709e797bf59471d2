#pragma once

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <vector>

#include "duet/core/random.h"
#include "duet/data/drawn/faces.h"
#include "duet/data/drawn/portrait.h"
#include "duet/picture/canvas.h"

namespace duet {

/// Side of a portrait's canvas in pixels.
inline constexpr int kPortraitSide = static_cast<int>(kFaceSide);

/// The face being painted: its attributes and look, the resulting shades, and the conversion from units to pixels.
/// Lengths are in units of half the head's height, with the origin in the middle of the head. Threads: not for several
/// at once.
class Sitter {
 public:
  Sitter(const FaceAttributes& attributes, const Look& look)
      : a(attributes), look(look), cos_(std::cos(look.tilt)), sin_(std::sin(look.tilt)) {
    skin = float(a.skin);
    hair = float(painted_hair(a));
    beard = hair < skin ? hair * .85f : hair;
    side = look.light_left ? 1 : -1;
  }

  /// A point of the head's outline, or of what does not turn with the face.
  Point at(double x, double y) const {
    const double sx = x * look.scale, sy = y * look.scale;
    return {look.centre.x + cos_ * sx - sin_ * sy, look.centre.y + sin_ * sx + cos_ * sy};
  }
  /// A point on the front of the face: it moves sideways as the head turns, as on a sphere.
  Point on_face(double x, double y) const {
    const double angle = std::asin(std::clamp(x / look.head_width, -.98, .98)) + .3 * a.turn;
    return at(look.head_width * std::sin(std::clamp(angle, -1.5, 1.5)), y);
  }
  Path on_face(std::initializer_list<Point> knots, bool closed = false) const {
    std::vector<Point> placed;
    for (const Point& p : knots) placed.push_back(on_face(p.x, p.y));
    return spline(placed, 5, closed);
  }
  Path outline(const std::vector<Point>& knots) const {
    std::vector<Point> placed;
    for (const Point& p : knots) placed.push_back(at(p.x, p.y));
    return spline(placed, 3, true);
  }
  Ellipse round(Point centre, double rx, double ry, double angle = 0) const {
    return {centre, rx * look.scale, ry * look.scale, angle + look.tilt};
  }
  double pixels(double length) const { return length * look.scale; }
  float dark(double share) const { return skin * float(share); }
  float light(double share) const { return skin + (1 - skin) * float(share); }

  const FaceAttributes& a;
  const Look& look;
  float skin;   ///< shade of the skin in even light
  float hair;   ///< shade of the hair, grey included
  float beard;  ///< shade of the beard
  int side;     ///< +1 where the light comes from the left, so the shadow falls on the right

 private:
  double cos_, sin_;
};

/// Paints eyes, nose, mouth and the other features of the face over what is there.
void paint_wrinkles(Canvas& canvas, const Sitter& sitter);
void paint_nose(Canvas& canvas, const Sitter& sitter);
void paint_mouth(Canvas& canvas, const Sitter& sitter);
void paint_eyes(Canvas& canvas, const Sitter& sitter);
void paint_brows(Canvas& canvas, const Sitter& sitter);
void paint_glasses(Canvas& canvas, const Sitter& sitter);

/// Paints hair behind head and neck (long hair), hair on top or the bald head, and the beard.
void paint_back_hair(Canvas& canvas, const Sitter& sitter);
void paint_front_hair(Canvas& canvas, const Sitter& sitter, Random& random);
void paint_beard(Canvas& canvas, const Sitter& sitter, Random& random);

}  // namespace duet
