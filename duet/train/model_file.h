#pragma once

#include "duet/train/players.h"

namespace duet {

/// A checkpoint is a model by itself: it says of which recipe, and what sampling must know of the data. Its tensors:
///   NETWORK/PARAMETER, NETWORK/BUFFER                  as they train ("generator/00.dense.weight")
///   average/NETWORK/PARAMETER, average/NETWORK/BUFFER  averaged weights, with the statistics that sampling uses
///   optimizer/PLAYER/NETWORK/SLOT, game/..., random/...  what only a training needs
/// and its texts, all of them:
///   format                     see below
///   duet                       the version that wrote it
///   recipe                     TOML
///   data                       JSON as in run.json (see DataFacts)
///   layers.NETWORK             its layers in order, a line each, as recipes spell them
///   cursor, cursor.STREAM      examples seen of [data], and of each further stream
///   rounds, updates.PLAYER, images.NETWORK, best, ...   how far the training is
///   score_due                  "yes" where the score of this moment was still to be made
///
/// The format grows by one whenever an older duet could not read a checkpoint:
///   1  (no text "format") averages are one flat tensor "average/PLAYER", without statistics; no text "data"
///   2  a player's slots are one flat tensor "optimizer/PLAYER/SLOT"; text images.PLAYER; layers were counted without
///      those by which labels enter, whose tables were "label.embedding" and "label.projection"
///   3  the above
inline constexpr int64_t kModelFormat = 3;

/// Throws Error(checkpoint) for a format that only a later duet knows.
void check_format(const TensorFile& file);

/// Says that another version of duet wrote it; empty where this one did.
std::string of_another_version(const TensorFile& file);

/// Puts in what makes the checkpoint a model.
void describe_model(TensorFile& file, const Recipe& recipe, const DataFacts& facts, const Catalogues& catalogues);

/// Throws Error(checkpoint) where it is damaged, or of a later duet.
Recipe recipe_of(const TensorFile& file, const Catalogues& catalogues);
/// Throws Error(checkpoint) where they are damaged, or missing as in format 1.
DataFacts facts_of(const TensorFile& file);

}  // namespace duet
