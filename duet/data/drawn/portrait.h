#pragma once

#include "duet/core/random.h"
#include "duet/data/drawn/faces.h"
#include "duet/picture/canvas.h"

namespace duet {

/// Variation between faces besides the attributes: proportions in units of half the head's height, and shades.
struct Look {
  double head_width = .76;  ///< half width of the head
  double jaw = 1;           ///< width of the jaw, 0.85 pointed to 1.1 square
  double eye_distance = .34;
  double nose_length = .4;
  double nose_width = .15;
  double mouth_width = .27;
  double mouth_height = .64;  ///< of the mouth's line below the head's centre
  double lips = 1;            ///< fullness
  double brow_width = .075;   ///< thickness
  double brow_tilt = 0;       ///< of the outer ends, upwards positive
  double hairline = -.6;      ///< height of the hairline
  double hair_volume = .12;   ///< thickness of the hair above the skull
  double parting = 0;         ///< position of the parting, -1 to 1
  double hair_length = 1.2;   ///< where long hair ends
  double beard_length = .08;  ///< how far a full beard extends below the chin
  bool round_glasses = true;
  bool light_left = true;  ///< the side that the light comes from
  double tilt = 0;         ///< of the head, radians
  double scale = 20;       ///< pixels per unit
  Point centre{32, 31};    ///< of the head, in pixels
  float background = .5f;
  float shirt = .3f;
  float glasses_shade = .1f;
};

/// A random look that fits the attributes.
Look random_look(const FaceAttributes& attributes, Random& random);

/// Paints a face with light and shadow, kFaceSide x kFaceSide. `random` places single hairs only.
Canvas paint_portrait(const FaceAttributes& attributes, const Look& look, Random& random);

}  // namespace duet
