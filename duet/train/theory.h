#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace duet {

// The theory of the first GAN paper, checked by training (Goodfellow et al. 2014, arXiv:1406.2661, sections 4.1 and
// 4.2): against a fixed generator the best discriminator is D*(x) = p(x) / (p(x) + q(x)), where p is the density of the
// data and q that of the fakes, and then V = E_p log D* + E_q log(1 - D*) = 2 JSD(p, q) - log 4.

/// Density of N(mean, deviation^2).
double normal_density(double x, double mean, double deviation);

/// 2 JSD(N(0,1), N(shift,1)) in nats by quadrature: 0 at shift 0, towards log 4 where both are apart.
double twice_jensen_shannon(double shift);

/// What a discriminator has learned between p = N(0,1) and q = N(shift,1), trained alone.
struct LearnedRatio {
  double shift = 0;
  double worst = 0;                     ///< largest |D(x) - D*(x)| on [-3, shift + 3]
  double mean_real = 0, mean_fake = 0;  ///< mean of D on 100,000 new examples of p and of q
  double value = 0;                     ///< V on them
  double learned = 0;                   ///< V + log 4, the estimate of 2 JSD
  double exact = 0;                     ///< twice_jensen_shannon(shift)
};

/// Trains D alone against a generator that makes N(shift,1). Takes about a second.
LearnedRatio learn_ratio(double shift, uint64_t seed);

/// A moment of a training on the line: what the paper's Figure 1 shows.
struct TheoryPanel {
  std::string title;
  std::vector<double> x;                           ///< where the curves are given
  std::vector<double> p, q, d, best;               ///< densities of data and fakes, D, and D* of these densities
  std::vector<std::pair<double, double>> samples;  ///< z and G(z), for evenly spaced z
};

/// The four panels of Figure 1, from one training of G(z) = a z + b and D on p = N(0,1): (a) D is partly right; (b) D
/// has been trained alone; (c) then G has followed D's gradient; (d) the end, where q = p and D = 1/2.
std::vector<TheoryPanel> learning_panels(uint64_t seed);

}  // namespace duet
