#pragma once

#include <nlohmann/json.hpp>

#include "duet/train/loop.h"

namespace duet {

/// Records of the start or resume of a training, of a tick, a score, a new best checkpoint and the end.
nlohmann::ordered_json begin_event(const StartInfo& beginning, const Recipe& recipe, bool resumed, int64_t images);
nlohmann::ordered_json tick_event(const Progress& progress, int64_t images);
nlohmann::ordered_json score_event(const Report& report, bool best, int64_t images);
nlohmann::ordered_json best_event(const Report& report, int64_t images);
nlohmann::ordered_json stop_event(bool finished, int64_t images);

}  // namespace duet
