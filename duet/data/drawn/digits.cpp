#include "duet/data/drawn/digits.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "duet/data/drawn/glyphs.h"
#include "duet/picture/canvas.h"

namespace duet {
namespace {

constexpr uint64_t kLabelStream = 0x6469676974'00;
constexpr uint64_t kInkStream = 0x6469676974'01;
constexpr double kBox = 20;      ///< the longer side of MNIST's ink box
constexpr double kMargin = 2.2;  ///< minimum distance of ink from the border

/// A smooth displacement of the plane: two long waves. Points that coincide move together, so lines that meet still
/// meet.
class Warp {
 public:
  explicit Warp(Random& random) {
    for (Wave& wave : waves_) {
      const double angle = random.uniform(0, std::numbers::pi), frequency = random.uniform(2, 5);
      wave = {frequency * std::cos(angle), frequency * std::sin(angle), random.uniform(0, 2 * std::numbers::pi),
              .03 * random.normal(), .03 * random.normal()};
    }
  }
  Point operator()(Point p) const {
    Point moved = p;
    for (const Wave& wave : waves_) {
      const double s = std::sin(wave.fx * p.x + wave.fy * p.y + wave.phase);
      moved.x += wave.dx * s;
      moved.y += wave.dy * s;
    }
    return moved;
  }

 private:
  struct Wave {
    double fx, fy, phase, dx, dy;
  };
  Wave waves_[2];
};

/// Warps, narrows, slants and rotates a glyph with one writer's parameters.
void pose(Glyph& glyph, Random& random) {
  const Warp warp(random);
  const double aspect = std::clamp(std::exp(.13 * random.normal()), .8, 1.35);
  const double slant = std::clamp(.12 + .2 * random.normal(), -.3, .55);
  const double turn = std::clamp(.06 * random.normal(), -.15, .15), c = std::cos(turn), s = std::sin(turn);
  for (Path& path : glyph) {
    for (Point& point : path) {
      const Point p = warp(point);
      const double x = aspect * (p.x - .3) - slant * (p.y - .5), y = p.y - .5;
      point = {c * x - s * y, s * x + c * y};
    }
  }
}

/// The smallest box around all points of a glyph.
struct Extent {
  double left = 1e9, top = 1e9, right = -1e9, bottom = -1e9;
  Point mean;  ///< of the points, weighted by length: the centre of mass of the ink
};

Extent measure(const Glyph& glyph) {
  Extent e;
  double total = 0;
  for (const Path& path : glyph) {
    for (size_t i = 0; i < path.size(); ++i) {
      const Point p = path[i];
      e.left = std::min(e.left, p.x), e.right = std::max(e.right, p.x);
      e.top = std::min(e.top, p.y), e.bottom = std::max(e.bottom, p.y);
      if (i == 0) continue;
      const Point q = path[i - 1];
      const double length = std::hypot(p.x - q.x, p.y - q.y);
      total += length;
      e.mean.x += length * (p.x + q.x) / 2, e.mean.y += length * (p.y + q.y) / 2;
    }
  }
  e.mean = {e.mean.x / total, e.mean.y / total};
  return e;
}

/// Position of the box's middle on one axis: MNIST centres the mass; part of that shift is applied, then a small random
/// shift, as far as the margin allows.
double placed(double middle_to_mass, double half_size, Random& random) {
  const double centre = double(kDigitSide) / 2, room = std::max(0.0, centre - kMargin - half_size);
  return centre + std::clamp(-.7 * middle_to_mass + .5 * random.normal(), -room, room);
}

/// Scales a glyph to MNIST's ink box on the page, for a pen of `width` pixels.
void place(Glyph& glyph, double width, Random& random) {
  const Extent e = measure(glyph);
  const double box = kBox * random.uniform(.92, 1.05) - width;
  const double scale = std::min(box / (e.bottom - e.top), box / std::max(e.right - e.left, 1e-6));
  const Point middle{(e.left + e.right) / 2, (e.top + e.bottom) / 2};
  const double half_width = (scale * (e.right - e.left) + width) / 2,
               half_height = (scale * (e.bottom - e.top) + width) / 2;
  const double x = placed(scale * (e.mean.x - middle.x), half_width, random);
  const double y = placed(scale * (e.mean.y - middle.y), half_height, random);
  for (Path& path : glyph)
    for (Point& p : path) p = {x + scale * (p.x - middle.x), y + scale * (p.y - middle.y)};
}

/// A pen's width along each path: it varies slowly, by up to a seventh.
std::vector<std::vector<double>> pressure(const Glyph& glyph, double width, Random& random) {
  std::vector<std::vector<double>> widths;
  for (const Path& path : glyph) {
    const double phase = random.uniform(0, 2 * std::numbers::pi), depth = random.uniform(0, .14);
    const double waves = random.uniform(1, 3) * std::numbers::pi;
    std::vector<double>& along = widths.emplace_back();
    for (size_t i = 0; i < path.size(); ++i)
      along.push_back(width * (1 - depth * (.5 + .5 * std::sin(phase + waves * double(i) / double(path.size())))));
  }
  return widths;
}

}  // namespace

int64_t digit_label(uint64_t seed, int64_t index) {
  return Random(seed, kLabelStream, static_cast<uint64_t>(index)).below(10);
}

void draw_digit(uint64_t seed, int64_t index, uint8_t* out) {
  Random random(seed, kInkStream, static_cast<uint64_t>(index));
  Glyph glyph = write_glyph(digit_label(seed, index), random);
  const double width = std::clamp(2.6 * std::exp(.22 * random.normal()), 1.7, 3.7);
  pose(glyph, random);
  place(glyph, width, random);
  Canvas page(kDigitSide, kDigitSide);
  page.strokes(glyph, pressure(glyph, width, random), {.value = 1, .opacity = 1, .softness = .7f});
  page.write(out);
}

}  // namespace duet
