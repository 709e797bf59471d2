#include "duet/games/likelihood.h"

#include <cmath>
#include <numbers>

#include "duet/core/error.h"

namespace duet {

void LikelihoodConfig::fields(Fields& f) {
  f.choice("likelihood", kind, {"bernoulli", "gaussian"},
           "what the decoder's output says: logits of pixels in 0..1, or means of numbers");
  if (!is_bernoulli()) f.real("deviation", deviation, "of each number from its mean", {1e-6, 1e6});
}

void LikelihoodConfig::check(const DataKind& data) const {
  if (is_bernoulli() && (!data.range || *data.range != Range{0, 1}))
    fail(Fault::recipe,
         "[game]: likelihood = \"bernoulli\" is for pictures with numbers of 0 to 1; expected data.range = \"0..1\"; "
         "for others take likelihood = \"gaussian\"");
}

NetworkSpec LikelihoodConfig::decoder(const std::string& name, const Shape& code, const DataKind& data) const {
  return {.name = name, .input = code, .output = data.shape, .makes = "x"};
}

Tensor LikelihoodConfig::log_of(const Tensor& x, const Tensor& output) const {
  const auto target = x.flatten(1), made = output.flatten(1);
  // log s(o) x + log(1 - s(o)) (1 - x), for any o.
  if (is_bernoulli()) return (made * target - torch::softplus(made)).sum(1);
  const auto off = (target - made) / deviation;
  const double constant = 0.5 * std::log(2 * std::numbers::pi) + std::log(deviation);
  return -(0.5 * off.square() + constant).sum(1);
}

Tensor log_mean_exp(int64_t count, const std::function<Tensor(int64_t)>& draw) {
  constexpr int64_t kAtOnce = 20;
  Tensor sum;
  for (int64_t made = 0; made < count; made += kAtOnce) {
    const auto more = draw(std::min(kAtOnce, count - made)).logsumexp(0);
    sum = sum.defined() ? torch::logaddexp(sum, more) : more;
  }
  return sum - std::log(static_cast<double>(count));
}

}  // namespace duet
