#pragma once

#include <algorithm>
#include <cmath>

#include "duet/core/simd.h"

namespace duet {

/// The rules by which optimisers move a number: SGD with classical and Nesterov momentum (Sutskever et al. 2013),
/// RMSprop (Tieleman & Hinton 2012), Adam and Adamax (Kingma & Ba 2014, arXiv:1412.6980).
enum class Rule { sgd, nesterov, rmsprop, adam, adamax };

/// Whether a rule uses the first slot (momentum, mean) and the second (mean square, largest).
constexpr bool has_first(Rule rule) { return rule != Rule::rmsprop; }
constexpr bool has_second(Rule rule) { return rule != Rule::sgd && rule != Rule::nesterov; }

/// What the rules need of a kind of number besides + - * /.
template <class Number>
struct Math;

template <>
struct Math<float> {
  static DUET_INLINE float root(float x) { return std::sqrt(x); }
  static DUET_INLINE float magnitude(float x) { return std::abs(x); }
  static DUET_INLINE float larger(float a, float b) { return std::max(a, b); }
};

/// What a number loses for gradient `g`; its slots `m` and `v` become those after the step. The one place that states
/// the rules: for floats in the fused pass, and for tensors, where nothing is changed in place, so that a step can be
/// differentiated. `how` has lr (Adam's with the correction of its first moment), beta1 (momentum of SGD), beta2
/// (alpha of RMSprop), eps and correction (Adam's 1 / sqrt(1 - beta2^t)), as numbers or 0-dim tensors.
template <Rule rule, class How, class Number>
DUET_INLINE Number lost(const How& how, const Number& g, Number& m, Number& v) {
  if constexpr (rule == Rule::sgd || rule == Rule::nesterov) {
    m = how.beta1 * m - how.lr * g;
    if constexpr (rule == Rule::nesterov) return how.lr * g - how.beta1 * m;
    return -m;
  } else if constexpr (rule == Rule::rmsprop) {
    v = how.beta2 * v + (1 - how.beta2) * g * g;
    return how.lr * g / (Math<Number>::root(v) + how.eps);
  } else {
    m = how.beta1 * m + (1 - how.beta1) * g;
    if constexpr (rule == Rule::adamax) {
      v = Math<Number>::larger(how.beta2 * v, Math<Number>::magnitude(g) + how.eps);
      return how.lr * m / v;
    } else {
      v = how.beta2 * v + (1 - how.beta2) * g * g;
      return how.lr * m / (Math<Number>::root(v) * how.correction + how.eps);
    }
  }
}

}  // namespace duet
