#pragma once

#include "duet/ops/bilinear.h"

namespace duet {

/// x times a weight, for one layer (see Convolution: it keeps what it has prepared). float32 and bfloat16 on a CPU run
/// on oneDNN, everything else on LibTorch. Threads: may be called from several while no one changes the weights.
class Linear {
 public:
  Linear();
  /// leaky(x weight^T + bias), slope 1 leaves leaky out: x [N,I], weight [O,I], bias [O] or undefined -> [N,O].
  Tensor apply(const Tensor& x, const Tensor& weight, const Tensor& bias = {}, double slope = 1) const {
    return duet::apply(plans_, x, weight, bias, slope);
  }

  const Bilinear::Work& work() const { return plans_->work(); }

 private:
  c10::intrusive_ptr<Bilinear> plans_;
};

}  // namespace duet
