#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "duet/score/classifier.h"

namespace duet {

/// Where classifiers are kept: $DUET_CACHE, else $XDG_CACHE_HOME/duet, else ~/.cache/duet, else duet-cache in the
/// system's temporary folder.
std::filesystem::path default_cache_folder();

/// Names a classifier by everything that decides it: SHA-256 over up to 5,000 examples spread over each of both sets
/// with their labels, the shape, the class names, the options and the format's version; 64 hex digits.
std::string classifier_key(const Dataset& train, const Dataset& held_out, const ClassifierOptions& options);

/// Bytes of a classifier: a line "duet classifier 1", a line with the SHA-256 of the rest, a line of JSON, the weights
/// as little-endian float32.
std::vector<std::byte> pack_classifier(const Classifier& classifier);
/// The reverse. `place` names the bytes in messages. Throws Error(checkpoint) when a single byte is not as written.
Classifier unpack_classifier(std::span<const std::byte> bytes, const std::string& place);

/// The classifier from `folder` where it is there, trained and stored there where not. A damaged file is a note and is
/// replaced; a folder that cannot be written is a note, and the classifier is used unstored. An empty `folder` means
/// default_cache_folder(). Throws what train_classifier throws.
Classifier cached_classifier(const Dataset& train, const Dataset& held_out, const ClassifierOptions& options,
                             const std::filesystem::path& folder);

}  // namespace duet
