#pragma once

#include <cstdint>

#include "duet/ops/rules.h"

namespace duet {

/// How an optimiser moves a number p with gradient g, and what surrounds it.
struct Update {
  Rule rule = Rule::adam;
  float lr = 0;     ///< of this step, with Adam's correction of the first moment in it
  float beta1 = 0;  ///< Adam's; momentum of SGD
  float beta2 = 0;  ///< Adam's; alpha of RMSprop
  float eps = 0;
  float correction = 1;  ///< Adam's 1 / sqrt(1 - beta2^t)
  float gradient_scale = 1;
  float clip = 0;  ///< gradients are kept in +- this; 0: as they are
  float weight_decay = 0;
  float weight_clip = 0;   ///< values are kept in +- this; 0: as they are
  float average_rate = 0;  ///< share by which the average moves to the new value
};

/// A network's numbers, all of the same length; slots that a rule does not use may be null.
struct FlatBuffers {
  float *values, *first, *second, *average;
};

/// One pass over numbers `begin` to `end`: moves values, slots and average by gradients[begin], ... On one thread;
/// callers split the range.
void update(const Update& how, const FlatBuffers& buffers, const float* gradients, int64_t begin, int64_t end);

}  // namespace duet
