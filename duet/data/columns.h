#pragma once

#include "duet/core/column_scale.h"
#include "duet/core/torch.h"

namespace duet {

/// A ColumnScale as tensors on a device.
class Columns {
 public:
  Columns() = default;
  explicit Columns(const ColumnScale& scale, torch::Device device = torch::kCPU);

  /// Standardised numbers [N,F] or [N,F,1,1], float32.
  Tensor scaled(const Tensor& numbers) const;
  /// Back to the data's units, float32 [N,F]: the inverse of scaled().
  Tensor restored(const Tensor& values) const;

 private:
  Tensor mean_, deviation_, inverse_;  // float64 [F]; undefined without standardisation
};

}  // namespace duet
