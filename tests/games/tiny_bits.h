#pragma once

#include "duet/data/formats/npy.h"
#include "tests/train/tiny.h"

namespace duet {

/// All zeros and ones of so many digits, one row each, [2^digits, digits].
inline Tensor all_bits(int64_t digits) {
  const auto number = torch::arange(int64_t{1} << digits).unsqueeze(1), place = torch::arange(digits);
  return number.bitwise_right_shift(place).bitwise_and(1).to(torch::kFloat64);
}

/// Bars of two pixels: of six numbers those of each of three columns are both on, or both off. The eight examples are
/// equally likely, so that no model is likelier than log(1/8) an example. In a file of a folder that is removed with
/// this.
class Bars {
 public:
  Bars() {
    const auto columns = all_bits(3).repeat({40, 1});  // enough to hold some out
    const auto x = torch::cat({columns, columns}, 1).to(torch::kFloat32).contiguous();
    write_npy(folder_ / "bars.npy", {x.sizes().vec(), std::span(x.data_ptr<float>(), static_cast<size_t>(x.numel()))});
  }
  /// A recipe on them from its game, networks and players.
  Recipe recipe(const std::string& text, std::vector<std::string> overrides = {}) const {
    overrides.push_back("data.spec='" + (folder_ / "bars.npy").string() + "'");
    overrides.emplace_back("data.standardise=never");
    return tiny(("batch = 32\nprecision = 'fp64'\nseed = 2\n" + text).c_str(), overrides);
  }
  static Tensor examples() { return torch::cat({all_bits(3), all_bits(3)}, 1); }

 private:
  FreshFolder folder_;
};

}  // namespace duet
