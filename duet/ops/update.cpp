#include "duet/ops/update.h"

#include <algorithm>
#include <cmath>

#include "duet/core/simd.h"

namespace duet {
namespace {

template <Rule rule, bool has_average>
DUET_INLINE void sweep(const Update& given, const FlatBuffers& buffers, const float* gradients, int64_t begin,
                       int64_t end) {
  const Update how = given;
  constexpr bool first_used = has_first(rule), second_used = has_second(rule);
  float *__restrict p = buffers.values, *__restrict first = buffers.first,
        *__restrict second = buffers.second, *__restrict average = buffers.average;
  const float clip = how.clip > 0 ? how.clip : INFINITY, weight_clip = how.weight_clip > 0 ? how.weight_clip : INFINITY;
#pragma omp simd
  for (int64_t i = begin; i < end; ++i) {
    // Written so that a gradient that is not a number stays one, and is found.
    float g = gradients[i] * how.gradient_scale;
    g = std::min(std::max(g, -clip), clip);
    g += how.weight_decay * p[i];
    float m = first_used ? first[i] : 0, v = second_used ? second[i] : 0;
    float value = p[i] - lost<rule>(how, g, m, v);
    value = std::min(std::max(value, -weight_clip), weight_clip);
    p[i] = value;
    if (first_used) first[i] = m;
    if (second_used) second[i] = v;
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
