#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace duet {

/// A record for a run's events.jsonl with the keys that every record has: what happened, after how many real images,
/// and when (UTC, "2026-01-31T12:00:00.250Z"). docs/events.md describes all records.
nlohmann::ordered_json new_event(const std::string& what, int64_t images);

}  // namespace duet
