#pragma once

#include "duet/data/dataset.h"

namespace duet {

/// Coloured pictures whose three channels are examples of a grey set: `stacked:path/to/mnist` has 1,000 classes, the
/// usual test of whether a generator covers many modes (Metz et al. 2017, arXiv:1611.02163; Lin et al. 2018,
/// arXiv:1712.04086). Endless: example i is drawn from all examples of the grey set by (seed, i). The test part is
/// drawn from the grey set's test part, if it has one. Throws Error(data) for vectors, coloured pictures, or more than
/// 20 classes.
Source stacked_source(const Source& grey, uint64_t seed);

/// The channels of a stacked set as examples of their own, grey, with their own classes: channel c of example i is
/// example 3 i + c. `stacked` must outlive it.
std::shared_ptr<const Dataset> channels_of(const Dataset& stacked);

}  // namespace duet
