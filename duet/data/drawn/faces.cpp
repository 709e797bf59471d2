#include "duet/data/drawn/faces.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "duet/core/random.h"
#include "duet/data/drawn/portrait.h"
#include "duet/picture/canvas.h"

namespace duet {
namespace {

constexpr uint64_t kAttributeStream = 0x66616365'00;
constexpr uint64_t kLookStream = 0x66616365'01;

const char* name_of(Mouth mouth) { return mouth == Mouth::smile ? "smile" : mouth == Mouth::open ? "open" : "neutral"; }
const char* name_of(Beard beard) { return beard == Beard::full ? "full" : beard == Beard::goatee ? "goatee" : "none"; }
const char* name_of(Hair hair) { return hair == Hair::bald ? "bald" : hair == Hair::long_hair ? "long" : "short"; }

/// A skin tone that contrasts with the hair: brows, beard and hairline must be visible.
double skin_beside(double skin, double hair) {
  constexpr double kGap = .17, kDarkest = .4, kLightest = .84;
  if (std::abs(skin - hair) >= kGap) return skin;
  const bool darker = hair - kGap >= kDarkest && (skin < hair || hair + kGap > kLightest);
  return darker ? hair - kGap : hair + kGap;
}

}  // namespace

double painted_hair(const FaceAttributes& a) {
  constexpr double kGrey = .88;
  return a.hair_shade + a.grey * (kGrey - a.hair_shade);
}

FaceAttributes face_attributes(uint64_t seed, int64_t index) {
  Random random(seed, kAttributeStream, static_cast<uint64_t>(index));
  FaceAttributes a;
  a.glasses = random.chance(.5);
  const bool beard = random.chance(.5), smile = random.chance(.5);
  const bool other_mouth_open = random.chance(.35), full = random.chance(.6);
  a.mouth = smile ? Mouth::smile : other_mouth_open ? Mouth::open : Mouth::neutral;
  a.beard = !beard ? Beard::none : full ? Beard::full : Beard::goatee;
  a.age = 18 + static_cast<int>(random.below(63));
  const double hair = random.uniform(), bald = .08 + .25 * std::max(0, a.age - 30) / 50;
  a.hair = hair < bald ? Hair::bald : hair < bald + .42 ? Hair::short_hair : Hair::long_hair;
  a.hair_shade = random.chance(.25) ? random.uniform(.45, .7) : random.uniform(.06, .35);
  a.wrinkles = std::max(0, a.age - 40) / 40.0;
  a.grey = std::clamp((a.age - 45) / 30.0 + .15 * random.normal(), 0.0, 1.0);
  if (a.age < 40) a.grey = 0;
  a.skin = skin_beside(random.uniform(.42, .82), painted_hair(a));
  a.eyes_open = !random.chance(.12);
  a.eye_size = random.uniform(.7, 1.25);
  a.gaze = random.uniform(-1, 1);
  a.turn = random.uniform(-1, 1);
  return a;
}

std::vector<std::string> face_classes() {
  std::vector<std::string> names;
  for (int label = 0; label < 8; ++label) {
    std::string name;
    const auto add = [&](bool on, const char* word) {
      if (on) name += (name.empty() ? "" : "+") + std::string(word);
    };
    add(label & 4, "glasses");
    add(label & 2, "beard");
    add(label & 1, "smile");
    names.push_back(name.empty() ? "plain" : name);
  }
  return names;
}

std::vector<std::string> face_attribute_names() {
  return {"glasses", "mouth",     "beard",    "hair", "hair_shade", "age", "wrinkles",
          "grey",    "eyes_open", "eye_size", "gaze", "skin",       "turn"};
}

std::vector<std::string> to_strings(const FaceAttributes& a) {
  const auto number = [](double value) { return fmt::format("{:.4f}", value); };
  return {fmt::format("{:d}", a.glasses),
          name_of(a.mouth),
          name_of(a.beard),
          name_of(a.hair),
          number(a.hair_shade),
          fmt::format("{}", a.age),
          number(a.wrinkles),
          number(a.grey),
          fmt::format("{:d}", a.eyes_open),
          number(a.eye_size),
          number(a.gaze),
          number(a.skin),
          number(a.turn)};
}

void draw_face(uint64_t seed, int64_t index, uint8_t* out) {
  Random random(seed, kLookStream, static_cast<uint64_t>(index));
  const FaceAttributes attributes = face_attributes(seed, index);
  paint_portrait(attributes, random_look(attributes, random), random).write(out);
}

}  // namespace duet
