#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace duet {

/// Side of a drawn face in pixels: 64 x 64 = 4,096 grey values.
inline constexpr int64_t kFaceSide = 64;

enum class Mouth { neutral, smile, open };
enum class Beard { none, goatee, full };
enum class Hair { bald, short_hair, long_hair };

/// All attributes of a drawn face: the exact ground truth for conditional games and scores.
struct FaceAttributes {
  bool glasses = false;
  Mouth mouth = Mouth::neutral;
  Beard beard = Beard::none;
  Hair hair = Hair::short_hair;
  double hair_shade = 0;  ///< natural shade of the hair, 0 black to 1 white, before it turns grey
  int age = 30;           ///< years, 18 to 80; wrinkles and grey hair follow from it
  double wrinkles = 0;    ///< depth of the lines, 0 below 40 years to 1 at 80
  double grey = 0;        ///< how much hair, brows and beard have turned grey, 0 to 1
  bool eyes_open = true;
  double eye_size = 1;  ///< opening of the eyes when open, 0.7 narrow to 1.25 wide
  double gaze = 0;      ///< direction of the eyes, -1 picture's left to 1 right
  double skin = .7;     ///< tone of the skin, 0.40 dark to 0.84 light
  double turn = 0;      ///< of the head, -1 picture's left to 1 right (about 17 degrees)

  /// The class: 4 * glasses + 2 * beard + smile.
  int64_t label() const { return 4 * glasses + 2 * (beard != Beard::none) + (mouth == Mouth::smile); }
};

/// Shade of the hair as painted, including grey.
double painted_hair(const FaceAttributes& attributes);

/// Attributes of face `index` of the set with this seed. Glasses, beard (of either kind) and smile are independent and
/// each has probability 1/2, so the eight classes are equally likely.
FaceAttributes face_attributes(uint64_t seed, int64_t index);

/// The eight classes in label order: "plain", "smile", "beard", "beard+smile", "glasses", ..., "glasses+beard+smile".
std::vector<std::string> face_classes();

/// Names of the attributes, as the columns of a table.
std::vector<std::string> face_attribute_names();
/// The attributes as text, in the order of face_attribute_names().
std::vector<std::string> to_strings(const FaceAttributes& attributes);

/// Draws face `index` of the set with this seed: kFaceSide x kFaceSide grey bytes. A pure function of its arguments.
void draw_face(uint64_t seed, int64_t index, uint8_t* out);

}  // namespace duet
