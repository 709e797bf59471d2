#include "duet/score/metrics.h"

namespace duet {

const std::vector<MetricEntry>& metric_entries() {
  const char* kernel = "Binkowski et al. 2018, arXiv:1801.01401";
  const char* frechet = "Heusel et al. 2017, arXiv:1706.08500";
  const char* energy = "Szekely & Rizzo 2013, doi:10.1016/j.jspi.2013.03.018";
  const char* modes = "Metz et al. 2016, arXiv:1611.02163";
  static const std::vector<MetricEntry> all = {
      {"kernel_distance",
       "pictures: squared distance of samples and real examples in the features of a classifier, by a cubic kernel; "
       "does not depend on how many samples there are, about 0 for perfect ones; decides which checkpoint is best",
       "lower", kernel},
      {"kernel_distance_floor", "the same of one half of the held-out examples against the other", "", kernel},
      {"energy_distance",
       "vectors: distance of samples and real examples by the distances of their pairs; does not depend on how many "
       "samples there are; decides where no modes are known",
       "lower", energy},
      {"energy_distance_floor", "the same of one half of the held-out examples against the other", "", energy},
      {"frechet",
       "distance of two Gaussians that are fitted to the features (of vectors: the numbers) of samples and of real "
       "examples; grows as samples get fewer",
       "lower", frechet},
      {"frechet_floor", "frechet of as many held-out examples in place of the samples", "", frechet},
      {"frechet_train", "frechet of as many training examples in place of the samples", "", frechet},
      {"diversity",
       "distance between samples of a class, as a multiple of what real examples of it have: 1 for samples as varied "
       "as "
       "real ones, 0 where all of a class are one",
       "", ""},
      {"diversity_floor", "the same of as many held-out examples in place of the samples", "", ""},
      {"diversity_worst", "the same for the class where it is least", "", ""},
      {"mode_divergence",
       "vectors of known modes: Kullback-Leibler divergence of the samples' modes from the true ones, with a cell for "
       "what lies outside; decides there",
       "lower", ""},
      {"modes", "how many modes, or classes that the classifier sees, get their share of the samples", "higher", modes},
      {"mode_kl", "divergence of the samples that lie near a mode from equal numbers in each", "lower", modes},
      {"high_quality", "share of the samples within three standard deviations of a mode", "higher",
       "Srivastava et al. 2017, arXiv:1705.07761"},
      {"class_kl", "divergence of the classes that the classifier sees in samples from those of the data", "lower", ""},
      {"confident", "share of the samples whose class the classifier gives a probability of 0.9 or more", "higher", ""},
      {"agreement", "conditional generators: share of the samples seen as the class that was asked for", "higher", ""},
      {"agreement_worst", "the same for the class where it is least", "higher", ""},
  };
  return all;
}

}  // namespace duet
