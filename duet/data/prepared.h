#pragma once

#include <memory>

#include "duet/core/range.h"
#include "duet/data/dataset.h"
#include "duet/data/split.h"

namespace duet {

/// How pictures of contrast-normalised values are shown: of a picture of this norm, whose numbers have a typical size
/// of norm / sqrt(count), -2 of those are black and +2 white. Its own mean and norm, which normalisation removes,
/// cannot be restored.
Range contrast_range(double norm, const Shape& shape);

/// The same pictures in black and white: pixels above `threshold` x 255 become 255, others 0.
std::shared_ptr<const Dataset> binarised(std::shared_ptr<const Dataset> pictures, double threshold);

/// The same pictures as their contrast-normalised values are shown, to be compared with samples.
std::shared_ptr<const Dataset> contrasted(std::shared_ptr<const Dataset> pictures, double norm);

/// All parts of a split, each as `f` gives it.
template <class F>
Split each_part(Split split, const F& f) {
  for (auto* part : {&split.train, &split.held_out, &split.test})
    if (*part) *part = f(*part);
  return split;
}

}  // namespace duet
