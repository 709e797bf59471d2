#pragma once

#include "duet/games/game.h"

namespace duet {

/// What a decoder's output says about an example: p(x | z).
struct LikelihoodConfig {
  /// "bernoulli": the output is the logit of each pixel, a number of 0 to 1; "gaussian": it is the mean of each number.
  std::string kind = "gaussian";
  double deviation = 1;  ///< of the Gaussian

  void fields(Fields& f);
  bool is_bernoulli() const { return kind == "bernoulli"; }
  /// Throws Error(recipe) for data that it does not fit.
  void check(const DataKind& data) const;
  /// The decoder: z -> what examples are like.
  NetworkSpec decoder(const std::string& name, const Shape& code, const DataKind& data) const;
  /// log p(x | z) in nats [N].
  Tensor log_of(const Tensor& x, const Tensor& output) const;
  /// The mean of p(x | z): what is shown as a sample.
  Tensor mean(const Tensor& output) const { return is_bernoulli() ? output.sigmoid() : output; }
};

/// A decoder with its prior, for estimates of log p(x).
struct Decoder {
  std::function<Tensor(const Tensor& z)> log_likelihood;  ///< z [M*N,F] -> log p(x | z) [M*N], M copies of N examples
  int64_t examples, code;                                 ///< N, F
  torch::TensorOptions options;                           ///< of the codes
};

/// log of the mean of e^values over `count` draws: `draw(m)` gives m more of them for each example, [m,N]. [N].
Tensor log_mean_exp(int64_t count, const std::function<Tensor(int64_t)>& draw);

/// How annealed importance sampling goes from the prior to the posterior.
struct Annealing {
  int64_t chains = 8;           ///< for each example
  int64_t distributions = 500;  ///< between the two
  int64_t leaps = 10;           ///< of a trajectory of Hamiltonian Monte Carlo, one for each distribution
  double step = 0.05;           ///< of a leap, at the beginning: it adapts to an acceptance of 0.65
};
/// log p(x) in nats [N] by annealed importance sampling with a standard normal prior (Neal 2001, arXiv:physics/9803008;
/// for decoders Wu et al. 2016, arXiv:1611.04273): on average at most the true value, and close to it with enough
/// distributions.
Tensor annealed_likelihood(const Decoder& decoder, const Noise& noise, const Annealing& how = {});

}  // namespace duet
