#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "duet/data/dataset.h"

namespace duet {

/// A part of a set's examples.
struct DomainOptions {
  /// See data_parts().
  std::string part = "all";
  /// Pictures are turned by so many degrees counter-clockwise: 0, 90, 180 or 270.
  int64_t rotate = 0;
};

/// "all"; "first half" and "second half" in the order of the files; "even" and "odd", every other example, for files
/// that are sorted by class. An endless set has no middle: its halves are the even and the odd examples.
std::vector<std::string> data_parts();

/// One domain of a source, such as the second half of MNIST, rotated: so two domains, which share no example, can come
/// from one set. Applied to the training and to the test part. Throws Error(recipe) for a rotation of vectors or by
/// another angle, and for a part without examples.
Source domain_of(Source source, const DomainOptions& options);

}  // namespace duet
