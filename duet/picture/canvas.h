#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace duet {

/// A position on a canvas in pixels: x to the right, y down; the centre of the first pixel is (0.5, 0.5).
struct Point {
  double x = 0;
  double y = 0;
};

/// An open or closed line through points.
using Path = std::vector<Point>;

/// Path along the centripetal Catmull-Rom spline through `knots` (Catmull and Rom 1974; Yuksel et al. 2011), which has
/// no loops or cusps between knots. `steps` points per segment; two knots give a straight line. A closed spline returns
/// to its first knot and needs at least three.
Path spline(std::span<const Point> knots, int steps, bool closed = false);

/// An ellipse with semi-axes `rx`, `ry` in pixels, rotated by `angle` radians from x towards y.
struct Ellipse {
  Point centre;
  double rx = 1;
  double ry = 1;
  double angle = 0;
};

/// How a shape is painted onto the canvas.
struct Paint {
  float value = 1;      ///< grey, 0 black to 1 white
  float opacity = 1;    ///< 0 nothing to 1 the full value
  float softness = .5;  ///< half the width of the edge in pixels; 0.5 is an ordinary antialiased edge
};

/// A grey picture in floats, onto which shapes are painted one after another. Edges are antialiased by the signed
/// distance of a pixel's centre to the shape, those of polygons by the covered area. Shapes may reach beyond the
/// canvas. Threads: not for several at once.
class Canvas {
 public:
  Canvas(int width, int height, float value = 0);

  int width() const { return width_; }
  int height() const { return height_; }
  float& at(int x, int y) { return pixels_[static_cast<size_t>(y) * width_ + x]; }
  float at(int x, int y) const { return pixels_[static_cast<size_t>(y) * width_ + x]; }

  /// A filled ellipse.
  void ellipse(const Ellipse& shape, const Paint& paint);
  /// An ellipse that is opaque in its centre and fades out towards its edge as (1 - r^2)^2: light and shadow.
  void glow(const Ellipse& shape, float value, float opacity);
  /// A filled polygon (even-odd rule). Paint::softness is not used.
  void polygon(std::span<const Point> outline, const Paint& paint);
  /// A line with round ends and constant width in pixels.
  void stroke(const Path& path, double width, const Paint& paint);
  /// Lines drawn as one shape: where they touch or cross they are not darker. `widths` holds for each path one width in
  /// pixels per point, or a single width for the whole path.
  void strokes(std::span<const Path> paths, std::span<const std::vector<double>> widths, const Paint& paint);
  /// Composites `layer` over this canvas with `mask` as its opacity (0 to 1). All three have the same size.
  void lay(const Canvas& layer, const Canvas& mask);
  /// The picture as bytes, rows from the top: 0..1 becomes 0..255; values outside are clipped.
  void write(uint8_t* out) const;

 private:
  void blend(size_t pixel, float value, float opacity) { pixels_[pixel] += opacity * (value - pixels_[pixel]); }

  int width_;
  int height_;
  std::vector<float> pixels_;
};

}  // namespace duet
