#pragma once

#include <functional>
#include <span>

#include "duet/core/range.h"
#include "duet/core/torch.h"
#include "duet/data/columns.h"
#include "duet/data/dataset.h"

namespace duet {

/// Calls f(0) to f(count - 1), split among all threads. Throws what the first failing call threw.
void for_each_example(int64_t count, const std::function<void(int64_t)>& f);
/// Uninitialised memory for examples, in the form of read_examples.
Tensor empty_examples(const Dataset& dataset, int64_t count);

/// Examples as they are stored: uint8 or float32 [N,C,H,W] (a vector set gives [N,C,1,1]). Reads with all threads.
/// Throws Error(data) naming the first damaged example.
Tensor read_examples(const Dataset& dataset, std::span<const int64_t> indices);
/// The same for `count` examples from `first` on.
Tensor read_examples(const Dataset& dataset, int64_t first, int64_t count);
/// Labels of the same examples, int64 [N]; an undefined tensor when the set has none.
Tensor read_labels(const Dataset& dataset, std::span<const int64_t> indices);
Tensor read_labels(const Dataset& dataset, int64_t first, int64_t count);

/// The only place where stored values become network inputs: uint8 0..255 is mapped to `range` as float32, on the
/// tensor's own device, or with a `contrast` above 0 each picture is moved to mean 0 and that norm (a picture of one
/// grey becomes 0); float32 is standardised by `columns`.
Tensor to_values(const Tensor& stored, Range range, const Columns& columns = {}, double contrast = 0);
/// The inverse for pictures: clamped to `range`, rounded to uint8.
Tensor to_bytes(const Tensor& values, Range range);

}  // namespace duet
