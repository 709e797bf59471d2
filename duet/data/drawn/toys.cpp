#include "duet/data/drawn/toys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numbers>
#include <span>

#include "duet/core/random.h"

namespace duet {
namespace {

constexpr uint64_t kLabelStream = 0x746f7973'00;
constexpr uint64_t kDrawStream = 0x746f7973'01;
constexpr int64_t kGridSide = 5;
constexpr int64_t kRingModes = 8;
constexpr int64_t kLineModes = 3;
constexpr double kRingSigma = .02, kGridSigma = .05, kLineSigma = .5;
constexpr double kRollNoise = .02, kMoonNoise = .05;

std::array<double, 2> ring_centre(int64_t mode) {
  const double angle = 2 * std::numbers::pi * double(mode) / kRingModes;
  return {2 * std::cos(angle), 2 * std::sin(angle)};
}
std::array<double, 2> grid_centre(int64_t mode) {
  return {2.0 * double(mode % kGridSide) - 4, 2.0 * double(mode / kGridSide) - 4};
}
std::array<double, 1> line_centre(int64_t mode) { return {4.0 * double(mode) - 4}; }

template <int64_t kClasses>
int64_t draw_label(uint64_t seed, int64_t index) {
  return Random(seed, kLabelStream, static_cast<uint64_t>(index)).below(kClasses);
}

Random draw_stream(uint64_t seed, int64_t index) { return Random(seed, kDrawStream, static_cast<uint64_t>(index)); }

/// Writes a point plus Gaussian noise with one sigma in every direction.
void write_noisy(std::span<const double> place, double sigma, Random& random, void* out) {
  auto* values = static_cast<float*>(out);
  for (size_t i = 0; i < place.size(); ++i) values[i] = static_cast<float>(place[i] + sigma * random.normal());
}

void draw_ring(uint64_t seed, int64_t index, void* out) {
  Random random = draw_stream(seed, index);
  write_noisy(ring_centre(draw_label<kRingModes>(seed, index)), kRingSigma, random, out);
}

void draw_grid(uint64_t seed, int64_t index, void* out) {
  Random random = draw_stream(seed, index);
  write_noisy(grid_centre(draw_label<kGridSide * kGridSide>(seed, index)), kGridSigma, random, out);
}

void draw_line(uint64_t seed, int64_t index, void* out) {
  Random random = draw_stream(seed, index);
  write_noisy(line_centre(draw_label<kLineModes>(seed, index)), kLineSigma, random, out);
}

void draw_swissroll(uint64_t seed, int64_t index, void* out) {
  Random random = draw_stream(seed, index);
  const double angle = random.uniform(1.5, 4.5) * std::numbers::pi, radius = angle / 5;
  write_noisy(std::array{radius * std::cos(angle), radius * std::sin(angle)}, kRollNoise, random, out);
}

void draw_moons(uint64_t seed, int64_t index, void* out) {
  Random random = draw_stream(seed, index);
  const double angle = random.uniform(0, std::numbers::pi), x = std::cos(angle), y = std::sin(angle);
  const bool lower = draw_label<2>(seed, index) == 1;
  write_noisy(lower ? std::array{1 - x, .5 - y} : std::array{x, y}, kMoonNoise, random, out);
}

void draw_bars(uint64_t seed, int64_t index, void* out) {
  Random random = draw_stream(seed, index);
  std::array<bool, 2 * kBarsSide> bars{};
  do {
    for (bool& bar : bars) bar = random.chance(1.0 / kBarsSide);
  } while (std::none_of(bars.begin(), bars.end(), [](bool bar) { return bar; }));
  auto* pixels = static_cast<uint8_t*>(out);
  for (int64_t y = 0; y < kBarsSide; ++y)
    for (int64_t x = 0; x < kBarsSide; ++x) pixels[y * kBarsSide + x] = bars[y] || bars[kBarsSide + x] ? 255 : 0;
}

void draw_topics(uint64_t seed, int64_t index, void* out) {
  const TopicsTruth& truth = topics_truth();
  Random random = draw_stream(seed, index);
  const auto topic = static_cast<size_t>(draw_label<TopicsTruth::kTopics>(seed, index));
  const auto& tag = truth.tags[static_cast<size_t>(truth.valid[topic][random.below(TopicsTruth::kTagsPerTopic)])];
  auto* values = static_cast<float*>(out);
  for (float centre : truth.centres[topic])
    *values++ = static_cast<float>(centre + TopicsTruth::kFeatureSigma * random.normal());
  std::copy(tag.begin(), tag.end(), values);
}

std::vector<double> random_direction(int64_t size, Random& random) {
  std::vector<double> direction(static_cast<size_t>(size));
  double square = 0;
  for (double& x : direction) x = random.normal(), square += x * x;
  for (double& x : direction) x /= std::sqrt(square);
  return direction;
}

/// `count` random orthonormal directions (Gram and Schmidt).
std::vector<std::vector<double>> orthogonal_directions(int64_t count, int64_t size, Random& random) {
  std::vector<std::vector<double>> found;
  while (static_cast<int64_t>(found.size()) < count) {
    std::vector<double> next = random_direction(size, random);
    for (const auto& other : found) {
      double dot = 0;
      for (size_t i = 0; i < next.size(); ++i) dot += next[i] * other[i];
      for (size_t i = 0; i < next.size(); ++i) next[i] -= dot * other[i];
    }
    double square = 0;
    for (double x : next) square += x * x;
    if (square < .01) continue;  // almost in the span of the others: its direction would be rounding error
    for (double& x : next) x /= std::sqrt(square);
    found.push_back(std::move(next));
  }
  return found;
}

/// A unit vector near a topic's direction, nearer to a sense's, nearest to its own.
std::vector<float> make_tag(const std::vector<double>& topic, const std::vector<double>& sense, Random& random) {
  constexpr double kSense = .5, kOwn = .15;
  const std::vector<double> own = random_direction(TopicsTruth::kTagSize, random);
  std::vector<double> sum(topic.size());
  double square = 0;
  for (size_t i = 0; i < sum.size(); ++i) {
    sum[i] = topic[i] + kSense * sense[i] + kOwn * own[i];
    square += sum[i] * sum[i];
  }
  std::vector<float> tag;
  for (double x : sum) tag.push_back(static_cast<float>(x / std::sqrt(square)));
  return tag;
}

TopicsTruth make_topics_truth() {
  Random random(0x746f70696373);  // the same truth for all seeds: a seed only draws examples
  TopicsTruth truth;
  const auto directions = orthogonal_directions(TopicsTruth::kTopics, TopicsTruth::kTagSize, random);
  for (int64_t topic = 0; topic < TopicsTruth::kTopics; ++topic) {
    auto& centre = truth.centres.emplace_back(TopicsTruth::kFeatureSize);
    for (float& x : centre) x = static_cast<float>(random.normal());
    auto& valid = truth.valid.emplace_back();
    for (int64_t sense = 0; sense < TopicsTruth::kSenses; ++sense) {
      const std::vector<double> towards = random_direction(TopicsTruth::kTagSize, random);
      for (int64_t i = 0; i < TopicsTruth::kTagsPerTopic / TopicsTruth::kSenses; ++i) {
        valid.push_back(static_cast<int64_t>(truth.tags.size()));
        truth.tags.push_back(make_tag(directions[topic], towards, random));
        truth.sense.push_back(sense);
      }
    }
  }
  return truth;
}

std::vector<std::string> numbered(const std::string& word, int64_t count) {
  std::vector<std::string> names;
  for (int64_t i = 0; i < count; ++i) names.push_back(fmt::format("{}{}", word, i));
  return names;
}

template <class Centre>
std::vector<std::vector<double>> all_centres(int64_t count, Centre centre) {
  std::vector<std::vector<double>> centres;
  for (int64_t mode = 0; mode < count; ++mode) {
    const auto place = centre(mode);
    centres.emplace_back(place.begin(), place.end());
  }
  return centres;
}

void draw_gaussian(uint64_t seed, int64_t index, void* out) {
  Random random = draw_stream(seed, index);
  write_noisy(std::array{0.0}, 1, random, out);
}

void draw_nothing(uint64_t, int64_t, void* out) { *static_cast<float*>(out) = 0; }

}  // namespace

std::optional<Modes> modes_of(const std::string& name) {
  if (name == "ring") return Modes{all_centres(kRingModes, ring_centre), kRingSigma};
  if (name == "grid") return Modes{all_centres(kGridSide * kGridSide, grid_centre), kGridSigma};
  if (name == "gaussians1d") return Modes{all_centres(kLineModes, line_centre), kLineSigma};
  return std::nullopt;
}

const TopicsTruth& topics_truth() {
  static const TopicsTruth truth = make_topics_truth();
  return truth;
}

std::vector<Toy> toys() {
  constexpr int64_t kGridModes = kGridSide * kGridSide;
  return {
      {"ring", {2}, draw_ring, draw_label<kRingModes>, numbered("mode", kRingModes)},
      {"grid", {2}, draw_grid, draw_label<kGridModes>, numbered("mode", kGridModes)},
      {"swissroll", {2}, draw_swissroll, nullptr, {}},
      {"moons", {2}, draw_moons, draw_label<2>, {"upper", "lower"}},
      {"gaussians1d", {1}, draw_line, draw_label<kLineModes>, numbered("mode", kLineModes)},
      {"gaussian", {1}, draw_gaussian, nullptr, {}},
      {"bars", {1, kBarsSide, kBarsSide}, draw_bars, nullptr, {}},
      {"nothing", {1}, draw_nothing, nullptr, {}},
      {"topics",
       {TopicsTruth::kFeatureSize + TopicsTruth::kTagSize},
       draw_topics,
       draw_label<TopicsTruth::kTopics>,
       numbered("topic", TopicsTruth::kTopics)},
  };
}

}  // namespace duet
