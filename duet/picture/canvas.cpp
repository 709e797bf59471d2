#include "duet/picture/canvas.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "duet/core/simd.h"

namespace duet {
namespace {

/// The pixels that a shape can touch, `x1` and `y1` exclusive.
struct Box {
  int x0, y0, x1, y1;
};

Box box_around(double left, double top, double right, double bottom, int width, int height) {
  const auto clip = [](double value, int most) { return static_cast<int>(std::clamp(value, 0.0, double(most))); };
  return {clip(std::floor(left), width), clip(std::floor(top), height), clip(std::ceil(right), width),
          clip(std::ceil(bottom), height)};
}

Box box_around(const Ellipse& shape, double margin, int width, int height) {
  const double c = std::cos(shape.angle), s = std::sin(shape.angle);
  const double dx = std::hypot(shape.rx * c, shape.ry * s) + margin,
               dy = std::hypot(shape.rx * s, shape.ry * c) + margin;
  return box_around(shape.centre.x - dx, shape.centre.y - dy, shape.centre.x + dx, shape.centre.y + dy, width, height);
}

/// Coverage of a pixel from the signed distance of its centre.
float coverage(float distance, float softness) { return std::clamp(0.5f - distance / (2 * softness), 0.0f, 1.0f); }

Point mixed(Point a, Point b, double t) { return {a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t}; }

/// One segment, from b to c, of a centripetal Catmull-Rom spline by Barry and Goldman's pyramid.
void add_stretch(Path& path, Point a, Point b, Point c, Point d, int steps) {
  const auto interval = [](Point p, Point q) { return std::sqrt(std::hypot(q.x - p.x, q.y - p.y)) + 1e-6; };
  const double t1 = interval(a, b), t2 = t1 + interval(b, c), t3 = t2 + interval(c, d);
  for (int i = 1; i <= steps; ++i) {
    const double t = t1 + (t2 - t1) * i / steps;
    const Point ab = mixed(a, b, t / t1), bc = mixed(b, c, (t - t1) / (t2 - t1)),
                cd = mixed(c, d, (t - t2) / (t3 - t2));
    path.push_back(mixed(mixed(ab, bc, t / t2), mixed(bc, cd, (t - t1) / (t3 - t1)), (t - t1) / (t2 - t1)));
  }
}

/// A segment of a stroke: its radius changes linearly from `ra` at a to `rb` at b.
struct Capsule {
  Box box;
  Point a, b;
  float ra, rb;
};

/// Pixels measured at a time.
constexpr int kVector = 8;

/// Updates distances with those to the nearest capsule; the pixels of `field` have `stride` to a row.
DUET_EVERY_CPU void lower_to(const Capsule* capsules, size_t count, const Box& field, int stride, float* distances) {
  for (const Capsule* capsule = capsules; capsule != capsules + count; ++capsule) {
    const Box box = capsule->box;
    const Point a = capsule->a, b = capsule->b;
    const float ra = capsule->ra, rb = capsule->rb;
    const float ax = float(a.x), ay = float(a.y), dx = float(b.x - a.x), dy = float(b.y - a.y);
    const float scale = 1 / std::max(dx * dx + dy * dy, 1e-12f);
    for (int y = box.y0; y < box.y1; ++y) {
      const float py = float(y) + 0.5f - ay;
      for (int begin = box.x0; begin < box.x1; begin += kVector) {
        float* distance = distances + (y - field.y0) * stride + (begin - field.x0);
#pragma omp simd
        for (int i = 0; i < kVector; ++i) {
          const float px = float(begin + i) + 0.5f - ax;
          float t = (px * dx + py * dy) * scale;
          t = t > 0 ? t : 0;
          t = t < 1 ? t : 1;
          const float ex = px - t * dx, ey = py - t * dy;
          const float here = std::sqrt(ex * ex + ey * ey) - (ra + t * (rb - ra));
          distance[i] = here < distance[i] ? here : distance[i];
        }
      }
    }
  }
}

DUET_EVERY_CPU void to_bytes(const float* values, size_t count, uint8_t* out) {
  for (size_t i = 0; i < count; ++i) {
    const float clipped = values[i] > 0 ? (values[i] < 1 ? values[i] : 1) : 0;
    out[i] = static_cast<uint8_t>(clipped * 255 + 0.5f);
  }
}

/// Adds the coverage of each pixel of a row by the span [left, right), times `weight`.
void add_span(std::vector<float>& row, double left, double right, float weight) {
  left = std::clamp(left, 0.0, double(row.size()));
  right = std::clamp(right, 0.0, double(row.size()));
  if (left >= right) return;
  const auto first = static_cast<size_t>(left), last = std::min(static_cast<size_t>(right), row.size() - 1);
  if (first == last) {
    row[first] += weight * float(right - left);
    return;
  }
  row[first] += weight * float(double(first) + 1 - left);
  for (size_t x = first + 1; x < last; ++x) row[x] += weight;
  row[last] += weight * float(right - double(last));
}

/// Intersections of an outline with horizontal lines, kLines to each row of pixels from `y0` to `y1` (exclusive).
class Crossings {
 public:
  static constexpr int kLines = 5;

  Crossings(std::span<const Point> outline, int y0, int y1) : y0_(y0) {
    for (int y = y0; y < y1; ++y)
      for (int line = 0; line < kLines; ++line) levels_.push_back(y + (line + 0.5) / kLines);
    ends_.resize(levels_.size() + 1, 0);
    // Counting sort: the number on each line, then where each line begins, then the intersections themselves.
    walk(outline, [&](size_t line, Point, Point) { ++ends_[line + 1]; });
    for (size_t line = 1; line < ends_.size(); ++line) ends_[line] += ends_[line - 1];
    places_.resize(ends_.back());
    walk(outline, [&](size_t line, Point a, Point b) {
      places_[ends_[line]++] = a.x + (b.x - a.x) * (levels_[line] - a.y) / (b.y - a.y);
    });
    for (size_t line = 0; line < levels_.size(); ++line) std::sort(begin(line), end(line));
  }

  /// From left to right.
  std::span<const double> on(int y, int line) const {
    const auto index = static_cast<size_t>((y - y0_) * kLines + line);
    return {places_.data() + (index == 0 ? 0 : ends_[index - 1]), places_.data() + ends_[index]};
  }

 private:
  std::vector<double>::iterator begin(size_t line) {
    return places_.begin() + static_cast<int64_t>(line == 0 ? 0 : ends_[line - 1]);
  }
  std::vector<double>::iterator end(size_t line) { return places_.begin() + static_cast<int64_t>(ends_[line]); }

  /// Intersects every side (a above b) with every line that it crosses.
  template <class Visit>
  void walk(std::span<const Point> outline, const Visit& visit) const {
    for (size_t i = 0, j = outline.size() - 1; i < outline.size(); j = i++) {
      const bool down = outline[j].y < outline[i].y;
      const Point a = outline[down ? j : i], b = outline[down ? i : j];
      const double near = (a.y - y0_) * kLines - 1;  // at most the first line below a
      for (auto line = near > 0 ? static_cast<size_t>(near) : 0; line < levels_.size() && levels_[line] < b.y; ++line)
        if (a.y <= levels_[line]) visit(line, a, b);
    }
  }

  int y0_;
  std::vector<double> levels_, places_;
  std::vector<size_t> ends_;
};

}  // namespace

Path spline(std::span<const Point> knots, int steps, bool closed) {
  const size_t n = knots.size();
  if (n < 3) return Path(knots.begin(), knots.end());
  const auto beyond = [&](size_t end, size_t inner) {
    return Point{2 * knots[end].x - knots[inner].x, 2 * knots[end].y - knots[inner].y};
  };
  Path path{knots[0]};
  path.reserve(n * static_cast<size_t>(steps) + 1);
  for (size_t i = 0; i < (closed ? n : n - 1); ++i) {
    const Point before = i > 0 ? knots[i - 1] : closed ? knots[n - 1] : beyond(0, 1);
    const Point after = closed || i + 2 < n ? knots[(i + 2) % n] : beyond(n - 1, n - 2);
    add_stretch(path, before, knots[i], knots[(i + 1) % n], after, steps);
  }
  return path;
}

Canvas::Canvas(int width, int height, float value)
    : width_(width), height_(height), pixels_(static_cast<size_t>(width) * height, value) {}

void Canvas::ellipse(const Ellipse& shape, const Paint& paint) {
  const Box box = box_around(shape, paint.softness, width_, height_);
  const float c = float(std::cos(shape.angle)), s = float(std::sin(shape.angle));
  const float ix = float(1 / shape.rx), iy = float(1 / shape.ry);
  for (int y = box.y0; y < box.y1; ++y) {
    for (int x = box.x0; x < box.x1; ++x) {
      const float dx = float(x + 0.5 - shape.centre.x), dy = float(y + 0.5 - shape.centre.y);
      const float u = (c * dx + s * dy) * ix, v = (c * dy - s * dx) * iy;
      // The implicit function divided by the length of its gradient: a first-order distance, accurate near the edge.
      const float k = std::sqrt(u * u + v * v), g = std::sqrt(u * u * ix * ix + v * v * iy * iy);
      const float distance = g > 0 ? k * (k - 1) / g : -float(std::min(shape.rx, shape.ry));
      blend(static_cast<size_t>(y) * width_ + x, paint.value, paint.opacity * coverage(distance, paint.softness));
    }
  }
}

void Canvas::glow(const Ellipse& shape, float value, float opacity) {
  const Box box = box_around(shape, 0, width_, height_);
  const float c = float(std::cos(shape.angle)), s = float(std::sin(shape.angle));
  const float ix = float(1 / shape.rx), iy = float(1 / shape.ry);
  for (int y = box.y0; y < box.y1; ++y) {
    for (int x = box.x0; x < box.x1; ++x) {
      const float dx = float(x + 0.5 - shape.centre.x), dy = float(y + 0.5 - shape.centre.y);
      const float u = (c * dx + s * dy) * ix, v = (c * dy - s * dx) * iy;
      const float fullness = std::max(0.0f, 1 - u * u - v * v);
      blend(static_cast<size_t>(y) * width_ + x, value, opacity * fullness * fullness);
    }
  }
}

void Canvas::polygon(std::span<const Point> outline, const Paint& paint) {
  if (outline.size() < 3) return;
  double top = outline[0].y, bottom = top;
  for (const Point& p : outline) top = std::min(top, p.y), bottom = std::max(bottom, p.y);
  const Box rows = box_around(0, top, width_, bottom, width_, height_);
  const Crossings crossings(outline, rows.y0, rows.y1);
  std::vector<float> row(static_cast<size_t>(width_));
  for (int y = rows.y0; y < rows.y1; ++y) {
    std::fill(row.begin(), row.end(), 0.0f);
    for (int line = 0; line < Crossings::kLines; ++line) {
      const auto places = crossings.on(y, line);
      for (size_t i = 0; i + 1 < places.size(); i += 2)
        add_span(row, places[i], places[i + 1], 1.0f / Crossings::kLines);
    }
    for (int x = 0; x < width_; ++x)
      if (row[x] > 0) blend(static_cast<size_t>(y) * width_ + x, paint.value, paint.opacity * row[x]);
  }
}

void Canvas::stroke(const Path& path, double width, const Paint& paint) {
  const std::vector<double> widths{width};
  strokes({&path, 1}, {&widths, 1}, paint);
}

void Canvas::strokes(std::span<const Path> paths, std::span<const std::vector<double>> widths, const Paint& paint) {
  assert(paths.size() == widths.size());
  std::vector<Capsule> capsules;
  Box all{width_, height_, 0, 0};
  for (size_t p = 0; p < paths.size(); ++p) {
    const Path& path = paths[p];
    assert(widths[p].size() == 1 || widths[p].size() == path.size());
    const auto radius = [&](size_t i) { return float(widths[p][widths[p].size() == 1 ? 0 : i] / 2); };
    for (size_t i = path.size() == 1 ? 0 : 1; i < path.size(); ++i) {
      const size_t before = i == 0 ? 0 : i - 1;
      const Point a = path[before], b = path[i];
      const double reach = std::max(radius(before), radius(i)) + paint.softness;
      const Box box = box_around(std::min(a.x, b.x) - reach, std::min(a.y, b.y) - reach, std::max(a.x, b.x) + reach,
                                 std::max(a.y, b.y) + reach, width_, height_);
      if (box.x0 >= box.x1 || box.y0 >= box.y1) continue;
      capsules.push_back({box, a, b, radius(before), radius(i)});
      all = {std::min(all.x0, box.x0), std::min(all.y0, box.y0), std::max(all.x1, box.x1), std::max(all.y1, box.y1)};
    }
  }
  if (capsules.empty()) return;
  // Rows are padded: capsules are measured in whole vectors of pixels.
  const int stride = all.x1 - all.x0 + kVector;
  std::vector<float> distances(static_cast<size_t>(stride) * static_cast<size_t>(all.y1 - all.y0), 1e6f);
  lower_to(capsules.data(), capsules.size(), all, stride, distances.data());
  for (int y = all.y0; y < all.y1; ++y) {
    const float* distance = distances.data() + (y - all.y0) * stride;
    float* pixel = pixels_.data() + static_cast<size_t>(y) * width_ + all.x0;
    for (int i = 0; i < all.x1 - all.x0; ++i)
      pixel[i] += paint.opacity * coverage(distance[i], paint.softness) * (paint.value - pixel[i]);
  }
}

void Canvas::lay(const Canvas& layer, const Canvas& mask) {
  assert(layer.pixels_.size() == pixels_.size() && mask.pixels_.size() == pixels_.size());
  for (size_t i = 0; i < pixels_.size(); ++i) blend(i, layer.pixels_[i], mask.pixels_[i]);
}

void Canvas::write(uint8_t* out) const { to_bytes(pixels_.data(), pixels_.size(), out); }

}  // namespace duet
