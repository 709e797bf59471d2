#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "duet/train/sampler.h"

namespace duet {

/// Samples as stored, and with --latents also as the network's output; their z and classes (undefined without), the
/// number of columns of a sheet (0: nearly square), the names above them, and what is to be said about them.
struct Samples {
  Tensor stored, values, z, labels;
  int columns = 0;
  std::vector<std::string> column_names{};
  std::string remark{};
};

/// The range that contains nearly all values of a number of z.
std::pair<double, double> usual_range(const LatentConfig& latent);

/// `count` of count x `of` candidates: those that the run's discriminator finds most real, the best first. Their mean
/// distance is reported, because it falls. Throws Error(usage) for a game without such a discriminator.
Samples best_of(const Sampler& sampler, const Sampler::Request& request, int64_t of, const std::filesystem::path& run,
                const std::string& checkpoint, const std::function<void(const std::string&)>& note);

/// How much each number of z changes samples: over some z, the root of the mean square difference between the samples
/// with that number at the ends of its usual range, in the data's range. float64 [latent.size].
Tensor influences(const Sampler& sampler, uint64_t seed);

/// One row for each of the `count` numbers of z with the most influence, all of the same z; with a table of them.
Samples influence_rows(const Sampler& sampler, int64_t count, int64_t steps, uint64_t seed, int64_t label);

}  // namespace duet
