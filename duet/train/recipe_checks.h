#pragma once

#include "duet/nn/network.h"
#include "duet/train/recipe.h"

namespace duet {

/// Gives every player of the game that the recipe does not name its section, with the defaults; a line for each says
/// how it moves.
std::vector<std::string> name_players(Recipe& recipe);

/// Looks for parts of a recipe that do not go together, or not with `vectors` [N, ...], examples of data that are no
/// pictures; undefined for pictures, whose range is the recipe's. Throws Error(recipe) for what cannot work; what
/// seldom does is returned, a line for each with its remedy.
std::vector<std::string> check_together(const Recipe& recipe,
                                        const std::map<std::string, std::unique_ptr<Network>>& networks,
                                        const Tensor& vectors);

}  // namespace duet
