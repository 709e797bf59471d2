#pragma once

#include "duet/nn/network.h"
#include "duet/train/recipe.h"

namespace duet {

/// Adds a section with the defaults for every player of the game without one; returns a note for each.
std::vector<std::string> name_players(Recipe& recipe);

/// Checks that the parts of a recipe fit together, and fit `vectors` [N, ...], examples of data that are not pictures
/// (undefined for pictures, whose range is the recipe's). Throws Error(recipe) for what cannot work; returns a warning
/// with a remedy for what rarely works.
std::vector<std::string> check_together(const Recipe& recipe,
                                        const std::map<std::string, std::unique_ptr<Network>>& networks,
                                        const Tensor& vectors);

}  // namespace duet
