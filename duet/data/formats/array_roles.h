#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "duet/data/formats/npy.h"

namespace duet {

/// The roles of a .npz file's arrays, by position; `left_out` are all others.
struct ArrayRoles {
  size_t examples = 0;
  std::optional<size_t> labels, test_examples, test_labels;
  std::vector<size_t> left_out;
  /// Why an array named like labels is not used as labels, with a remedy; mostly empty.
  std::string doubt;
};

/// Finds roles by names (x, images, data, samples, x_train ...; y, labels, targets ...; x_test, y_test ...; ignoring
/// case and _), then by shape and type: examples are the array with the most dimensions, labels integers [N], as many
/// as examples. `load` reads an array if its numbers decide. Throws Error(data) for statistics of the FID (mu and
/// sigma), and if no array can be examples.
ArrayRoles find_roles(const std::vector<NpyHeader>& arrays, const std::function<NpyArray(const NpyHeader&)>& load,
                      const std::string& place);

}  // namespace duet
