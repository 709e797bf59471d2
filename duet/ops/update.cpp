#include "duet/ops/update.h"

#include <algorithm>
#include <cmath>

#include "duet/core/simd.h"

namespace duet {
namespace {

using Rule = Update::Rule;

/// What the value loses. `m` and `v` are the rule's slots.
template <Rule rule>
DUET_INLINE float step(const Update& how, float g, float& m, float& v) {
  if constexpr (rule == Rule::sgd || rule == Rule::nesterov) {
    m = how.beta1 * m - how.lr * g;
    return rule == Rule::nesterov ? how.lr * g - how.beta1 * m : -m;
  } else if constexpr (rule == Rule::rmsprop) {
    v = how.beta2 * v + (1 - how.beta2) * g * g;
    return how.lr * g / (std::sqrt(v) + how.eps);
  } else {
    m = how.beta1 * m + (1 - how.beta1) * g;
    if constexpr (rule == Rule::adamax) {
      v = std::max(how.beta2 * v, std::abs(g) + how.eps);
      return how.lr * m / v;
    }
    v = how.beta2 * v + (1 - how.beta2) * g * g;
    return how.lr * m / (std::sqrt(v) * how.correction + how.eps);
  }
}

template <Rule rule, bool has_average>
DUET_INLINE void sweep(const Update& given, const FlatBuffers& buffers, const float* gradients, int64_t begin,
                       int64_t end) {
  const Update how = given;
  constexpr bool has_first = rule != Rule::rmsprop, has_second = rule != Rule::sgd && rule != Rule::nesterov;
  float *__restrict p = buffers.values, *__restrict first = buffers.first,
        *__restrict second = buffers.second, *__restrict average = buffers.average;
  const float clip = how.clip > 0 ? how.clip : INFINITY, weight_clip = how.weight_clip > 0 ? how.weight_clip : INFINITY;
#pragma omp simd
  for (int64_t i = begin; i < end; ++i) {
    // Written so that a gradient that is not a number stays one, and is found.
    float g = gradients[i] * how.gradient_scale;
    g = std::min(std::max(g, -clip), clip);
    g += how.weight_decay * p[i];
    float m = has_first ? first[i] : 0, v = has_second ? second[i] : 0;
    float value = p[i] - step<rule>(how, g, m, v);
    value = std::min(std::max(value, -weight_clip), weight_clip);
    p[i] = value;
    if (has_first) first[i] = m;
    if (has_second) second[i] = v;
    if (has_average) average[i] += how.average_rate * (value - average[i]);
  }
}

template <Rule rule>
DUET_INLINE void choose(const Update& how, const FlatBuffers& buffers, const float* gradients, int64_t begin,
                        int64_t end) {
  if (buffers.average)
    sweep<rule, true>(how, buffers, gradients, begin, end);
  else
    sweep<rule, false>(how, buffers, gradients, begin, end);
}

}  // namespace

DUET_EVERY_CPU void update(const Update& how, const FlatBuffers& buffers, const float* gradients, int64_t begin,
                           int64_t end) {
  switch (how.rule) {
    case Rule::sgd:
      return choose<Rule::sgd>(how, buffers, gradients, begin, end);
    case Rule::nesterov:
      return choose<Rule::nesterov>(how, buffers, gradients, begin, end);
    case Rule::rmsprop:
      return choose<Rule::rmsprop>(how, buffers, gradients, begin, end);
    case Rule::adam:
      return choose<Rule::adam>(how, buffers, gradients, begin, end);
    case Rule::adamax:
      return choose<Rule::adamax>(how, buffers, gradients, begin, end);
  }
}

}  // namespace duet
