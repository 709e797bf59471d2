#pragma once

#include "duet/core/host_inputs.h"
#include "duet/core/range.h"

namespace duet {

/// A differentiable augmentation, by its name in recipes.
struct Augmentation {
  std::string name;
  std::string line;
};

/// All of them, in the order in which they are applied.
const std::vector<Augmentation>& augmentations();

/// DiffAugment (Zhao et al. 2020, arXiv:2006.10738): everything that the discriminator sees, real and generated, is
/// changed at random in ways that the generator's gradient passes through. With few pictures D cannot memorise a fixed
/// set, and the generator does not learn the changes, because its pictures undergo them too.
class Augment {
 public:
  /// No augmentation.
  Augment() = default;
  /// `names` are separated by commas ("color,translation,cutout"), in any order; empty for none. Throws Error(recipe)
  /// with the nearest name.
  explicit Augment(const std::string& names);

  bool is_on() const { return color_ || translation_ || cutout_; }

  /// Augments pictures [N,C,H,W] with values in `range`, each with its own random numbers; differentiable in x to any
  /// order. Brightness and contrast may leave the range. Pixels shifted in from outside and cut squares get the middle
  /// of the range, and the same random numbers have the same effect in every range.
  Tensor operator()(const Tensor& x, Range range, const Noise& noise) const;

 private:
  bool color_ = false, translation_ = false, cutout_ = false;
};

/// Shifts every picture of x [N,C,H,W] by its own number of rows down and columns right (int64 [N], at most `reach` in
/// either direction); pixels from outside are `fill`. Differentiable to any order: the gradient is shifted back.
Tensor moved(const Tensor& x, const Tensor& down, const Tensor& right, int64_t reach, double fill);

}  // namespace duet
