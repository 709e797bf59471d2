#pragma once

#include "duet/core/host_inputs.h"
#include "duet/core/range.h"

namespace duet {

/// A differentiable augmentation as a recipe names it.
struct Augmentation {
  std::string name;
  std::string line;
};

/// Every one there is, in the order in which they are applied.
const std::vector<Augmentation>& augmentations();

/// DiffAugment (Zhao et al. 2020, arXiv:2006.10738): what the discriminator sees, real and generated alike, is changed
/// at random in ways that the generator's gradient passes through. With few pictures D then has no fixed set to learn
/// by heart, and the generator does not learn the changes, because its pictures undergo them too.
class Augment {
 public:
  /// None.
  Augment() = default;
  /// `names` are separated by commas ("color,translation,cutout"), in any order; empty for none. Throws Error(recipe)
  /// with the nearest name.
  explicit Augment(const std::string& names);

  bool is_on() const { return color_ || translation_ || cutout_; }

  /// Pictures [N,C,H,W] with values in `range`, each changed by draws of its own; differentiable in x to any order. The
  /// result may leave the range, as brightness and contrast take it. Moved and cut places show the middle of the range,
  /// and the same draws do the same to a picture in whatever range it is stored.
  Tensor operator()(const Tensor& x, Range range, const Noise& noise) const;

 private:
  bool color_ = false, translation_ = false, cutout_ = false;
};

/// Every picture of x [N,C,H,W] moved by its own number of rows down and columns right (int64 [N], of at most `reach`
/// either way); what comes in from outside is `fill`. Differentiable to any order: the gradient moves back.
Tensor moved(const Tensor& x, const Tensor& down, const Tensor& right, int64_t reach, double fill);

}  // namespace duet
