#pragma once

#include "duet/core/column_scale.h"
#include "duet/core/torch.h"

namespace duet {

/// A ColumnScale on a device.
class Columns {
 public:
  Columns() = default;
  explicit Columns(const ColumnScale& scale, torch::Device device = torch::kCPU);

  /// Numbers [N,F] or [N,F,1,1] as networks see them, float32.
  Tensor scaled(const Tensor& numbers) const;
  /// Back to the data's units, float32 [N,F]. The inverse of scaled.
  Tensor restored(const Tensor& values) const;

 private:
  Tensor mean_, deviation_, inverse_;  // float64 [F]; undefined where nothing is moved
};

}  // namespace duet
