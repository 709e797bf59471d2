#include "duet/train/optimizers.h"

namespace duet {

const std::vector<OptimizerEntry>& optimizer_entries() {
  static const std::vector<OptimizerEntry> all = {
      {"sgd", "the plain gradient step: lr, momentum, nesterov", "Sutskever et al. 2013 (ICML) for both momenta"},
      {"rmsprop", "the gradient over its running root mean square: lr, alpha, eps",
       "Tieleman & Hinton 2012 (Coursera lecture 6.5)"},
      {"adam", "the gradient's running mean over its running root mean square: lr, beta1, beta2, eps",
       "Kingma & Ba 2014, arXiv:1412.6980"},
      {"adamax", "adam with the largest recent gradient in place of the root mean square: lr, beta1, beta2, eps",
       "Kingma & Ba 2014, arXiv:1412.6980"}};
  return all;
}

}  // namespace duet
