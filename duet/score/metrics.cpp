#include "duet/score/metrics.h"

namespace duet {

const std::vector<MetricEntry>& metric_entries() {
  const char* kernel = "Binkowski et al. 2018, arXiv:1801.01401";
  const char* frechet = "Heusel et al. 2017, arXiv:1706.08500";
  const char* energy = "Szekely & Rizzo 2013, doi:10.1016/j.jspi.2013.03.018";
  const char* modes = "Metz et al. 2016, arXiv:1611.02163";
  const char* parzen = "Goodfellow et al. 2014, arXiv:1406.2661";
  const char* theis = "Theis et al. 2016, arXiv:1511.01844";
  static const std::vector<MetricEntry> all = {
      {"kernel_distance",
       "pictures: squared distance of samples and real examples in a classifier's features, with a cubic kernel; "
       "unbiased in the number of samples, about 0 for perfect ones; chooses the best checkpoint",
       "lower", kernel},
      {"kernel_distance_floor", "the same of one half of the held-out examples against the other", "", kernel},
      {"energy_distance",
       "vectors: distance of samples and real examples from the distances of pairs; unbiased in the number of samples; "
       "chooses the best checkpoint if no modes are known",
       "lower", energy},
      {"energy_distance_floor", "the same of one half of the held-out examples against the other", "", energy},
      {"frechet",
       "distance of two Gaussians fitted to the features (of vectors: the numbers) of samples and of real examples; "
       "grows with fewer samples",
       "lower", frechet},
      {"frechet_floor", "frechet of equally many held-out examples in place of the samples", "", frechet},
      {"frechet_train", "frechet of equally many training examples in place of the samples", "", frechet},
      {"diversity",
       "distance between samples of a class, relative to real examples of the class: 1 for samples as varied as real "
       "ones, 0 where all samples of a class are the same",
       "", ""},
      {"diversity_floor", "the same of equally many held-out examples in place of the samples", "", ""},
      {"diversity_worst", "the same for the class with the lowest value", "", ""},
      {"mode_divergence",
       "vectors with known modes: Kullback-Leibler divergence of the samples' modes from the true ones, with a cell "
       "for samples outside; chooses the best checkpoint there",
       "lower", ""},
      {"modes", "number of modes, or of classes as classified, that get their share of the samples", "higher", modes},
      {"mode_kl", "divergence of the samples near modes from equal numbers in each mode", "lower", modes},
      {"high_quality", "share of the samples within three standard deviations of a mode", "higher",
       "Srivastava et al. 2017, arXiv:1705.07761"},
      {"class_kl", "divergence of the samples' classes, as classified, from those of the data", "lower", ""},
      {"confident", "share of the samples that are classified with a probability of 0.9 or more", "higher", ""},
      {"duplicates",
       "pictures: share of 1,000 samples whose nearest other sample is nearer than 99 % of real examples have one",
       "lower", ""},
      {"agreement", "conditional generators: share of the samples classified as the requested class", "higher", ""},
      {"agreement_worst", "the same for the class with the lowest value", "higher", ""},
      {"code_information",
       "games with a categorical code: normalised mutual information of code and class, as classified, 2 I / (H + H)",
       "higher", "Chen et al. 2016, arXiv:1606.03657"},
      {"same_class",
       "translations, and games of two domains: share of the samples whose second view (the translation) is classified "
       "as the first (its original) is",
       "higher", ""},
      {"parzen",
       "--metrics parzen: log-likelihood of test examples under a Parzen window of the samples; unreliable, to compare "
       "with early papers",
       "higher", parzen},
      {"parzen_by_class", "the same of each example under the samples of its class", "higher",
       "Mirza & Osindero 2014, arXiv:1411.1784"},
      {"parzen_folds", "the same over folds of the test examples (--folds)", "higher", parzen},
      {"parzen_streamed", "the same with more samples, until their error is small enough (--to-error)", "higher",
       parzen},
      {"parzen_sigma", "the window's width, chosen on held-out examples", "", parzen},
      {"parzen_ceiling", "the largest log-likelihood that this width allows", "", parzen},
      {"parzen_train", "parzen of equally many training examples in place of the samples", "", parzen},
      {"parzen_centroids", "parzen of centroids of k-means in place of the samples", "", theis},
      {"copies", "--metrics nearest: share of the samples that are the same as a training example", "lower", ""},
      {"near_copies", "share of the samples nearer to a training example than 99 % of held-out examples are", "lower",
       ""},
      {"train_distance",
       "mean distance of the samples to the nearest training example, relative to held-out examples: 0 for copies", "",
       ""},
      {"reconstruction",
       "games with an encoder: mean square of the differences between held-out examples and what the game makes of "
       "them, per number",
       "lower", ""},
      {"identity", "share of such reconstructions that are classified as what they are of", "higher", ""},
      {"noise_left", "denoising games: that distance, of noisy examples, as a share of the noise", "lower",
       "Vincent et al. 2008, doi:10.1145/1390156.1390294"},
      {"class_accuracy", "games that tell classes: share of held-out examples whose class they tell", "higher", ""},
      {"negative_elbo",
       "games with a likelihood: evidence lower bound of held-out examples, in nats, with its sign changed; chooses "
       "the "
       "best checkpoint there",
       "lower", "Kingma & Welling 2013, arXiv:1312.6114"},
      {"log_likelihood", "games with a likelihood: its tighter bound by 500 codes for each example", "higher",
       "Burda et al. 2015, arXiv:1509.00519"},
      {"annealed_likelihood",
       "games with a likelihood: log likelihood by annealed importance sampling, on request (`duet score --measure "
       "annealed_likelihood`)",
       "higher", "Wu et al. 2016, arXiv:1611.04273"},
      {"code_mean", "games with a prior of codes: how far the mean of held-out examples' codes is from the prior's",
       "lower", "Makhzani et al. 2015, arXiv:1511.05644"},
      {"code_deviation_least", "the deviation of the codes' narrowest number, relative to the prior's", "", ""},
      {"code_deviation_most", "the same of the widest", "", ""},
      {"code_distance", "energy distance of the codes from numbers of the prior", "lower", energy},
      {"code_distance_chance", "what 95 % of comparisons of the prior with itself are below", "", energy},
  };
  return all;
}

}  // namespace duet
