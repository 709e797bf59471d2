#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "duet/picture/image.h"

namespace duet {

/// Red, green, blue.
using Colour = std::array<uint8_t, 3>;

/// Size of one character of the built-in font in pixels: 5 columns plus 1 of space; capitals and digits use the upper 8
/// rows, descenders reach into the last 2.
inline constexpr int kGlyphWidth = 6;
inline constexpr int kGlyphHeight = 10;

/// Writes one line of text with its upper left corner at (x, y), each dot of the font `scale` x `scale` pixels,
/// diagonals smoothed. Text outside the picture is clipped; a grey picture gets the colour's luma, an alpha channel
/// becomes opaque. The font has ASCII 32 to 126; any other UTF-8 character is drawn as an empty box.
void draw_text(Image& image, int x, int y, std::string_view text, Colour colour, int scale = 1);

/// Width in pixels of draw_text's output, without space at the ends; 0 for an empty text.
int text_width(std::string_view text, int scale = 1);

/// The text, or as much of its beginning as fits into `width` pixels with "..." after it.
std::string fit_text(std::string_view text, int width, int scale = 1);

}  // namespace duet
