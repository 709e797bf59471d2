#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "duet/data/formats/npy.h"

namespace duet {

/// Which array of a .npz is what, by position; `left_out` are all others.
struct ArrayRoles {
  size_t examples = 0;
  std::optional<size_t> labels, test_examples, test_labels;
  std::vector<size_t> left_out;
  /// Why an array that is named like labels is none, with a way to mend it; mostly empty.
  std::string doubt;
};

/// Tells roles by names (x, images, data, samples, x_train ...; y, labels, targets ...; x_test, y_test ...; case and _
/// do not matter), then by shape and type: examples are the array of most dimensions, labels whole numbers [N], as many
/// as examples. `load` reads an array where its numbers decide. Throws Error(data) for statistics of the FID (mu and
/// sigma), and where nothing can be examples.
ArrayRoles find_roles(const std::vector<NpyHeader>& arrays, const std::function<NpyArray(const NpyHeader&)>& load,
                      const std::string& place);

}  // namespace duet
