#pragma once

#include "duet/train/players.h"

namespace duet {

/// A checkpoint is a complete model: it contains the recipe and what sampling needs to know about the data. Its
/// tensors:
///   NETWORK/PARAMETER, NETWORK/BUFFER          as they are trained ("generator/00.dense.weight")
///   ema/NETWORK/PARAMETER, ema/NETWORK/BUFFER  EMA weights, with the statistics that sampling uses
///   optimizer/PLAYER/NETWORK/SLOT, game/..., random/...  only needed to resume training
/// and its texts, all of them:
///   format                     see below
///   duet                       the version that wrote it
///   recipe                     TOML
///   data                       JSON as in run.json (see DataFacts)
///   layers.NETWORK             its layers in order, one line each, as in recipes
///   cursor, cursor.STREAM      examples seen of [data], and of each further stream
///   rounds, updates.PLAYER, images.NETWORK, best, ...   progress of the training
///   score_due                  "yes" if the score at this point has not been made yet
///
/// The format grows by one whenever an older duet could not read a checkpoint:
///   1  (no text "format") EMA weights are one flat tensor "ema/PLAYER", without statistics; no text "data"
///   2  EMA weights are "ema/NETWORK/..."; a player's slots are one flat tensor "optimizer/PLAYER/SLOT"; text
///      images.PLAYER; layers are numbered without those that read labels, whose tables are "label.embedding" and
///      "label.projection"
///   3  the above
inline constexpr int64_t kModelFormat = 3;

/// Throws Error(checkpoint) for a format of a later duet.
void check_format(const TensorFile& file);

/// A note if another version of duet wrote it; otherwise empty.
std::string of_another_version(const TensorFile& file);

/// Adds what makes the checkpoint a complete model.
void describe_model(TensorFile& file, const Recipe& recipe, const DataFacts& facts, const Catalogues& catalogues);

/// The recipe. Throws Error(checkpoint) if it is damaged, or of a later duet.
Recipe recipe_of(const TensorFile& file, const Catalogues& catalogues);
/// The facts about the data. Throws Error(checkpoint) if they are damaged, or missing as in format 1.
DataFacts facts_of(const TensorFile& file);

}  // namespace duet
