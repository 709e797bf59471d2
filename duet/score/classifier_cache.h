#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "duet/score/classifier.h"

namespace duet {

/// Folder of cached classifiers: $DUET_CACHE, else $XDG_CACHE_HOME/duet, else ~/.cache/duet, else duet-cache in the
/// system's temporary folder.
std::filesystem::path default_cache_folder();

/// Key of a classifier from everything that determines it: SHA-256 over up to 5,000 examples spread over each of both
/// sets with their labels, the shape, the class names, the options and the format version; 64 hex digits.
std::string classifier_key(const Dataset& train, const Dataset& held_out, const ClassifierOptions& options);

/// Serialised classifier: a line "duet classifier 1", a line with the SHA-256 of the rest, a line of JSON, the weights
/// as little-endian float32.
std::vector<std::byte> pack_classifier(const Classifier& classifier);
/// The inverse of pack_classifier(). `place` names the bytes in messages. Throws Error(checkpoint) if a single byte has
/// changed.
Classifier unpack_classifier(std::span<const std::byte> bytes, const std::string& place);

/// Loads the classifier from `folder`, or trains and stores it there. A damaged file is reported by `note` and
/// replaced; if the folder is not writable, that is reported and the classifier is used without storing it. An empty
/// `folder` means default_cache_folder(). Throws as train_classifier() does.
Classifier cached_classifier(const Dataset& train, const Dataset& held_out, const ClassifierOptions& options,
                             const std::filesystem::path& folder);

}  // namespace duet
