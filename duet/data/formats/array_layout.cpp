#include "duet/data/formats/array_layout.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "duet/core/error.h"

namespace duet {
namespace {

bool is_colours(int64_t channels) { return channels >= 1 && channels <= 4; }

std::string channels_name(int64_t channels) {
  constexpr const char* kNames[] = {"grey", "grey with alpha", "RGB", "RGBA"};
  return is_colours(channels) ? kNames[channels - 1] : fmt::format("{} channels", channels);
}

std::string pictures_name(const Shape& shape) {
  return fmt::format("pictures {} wide and {} high, {}", shape.width, shape.height, channels_name(shape.channels));
}

/// [N,H,W] whose last dimension is that of channels.
void refuse_one_picture(const std::vector<int64_t>& s, const std::string& place) {
  fail(Fault::data,
       "{0}: shape {1} is one picture of {2}x{3} ({4}), or {2} grey ones only {5} wide; expected [N,H,W,C] for N "
       "pictures; save array[None] for one picture, array.reshape(len(array), -1) for vectors",
       place, fmt::join(s, "x"), s[0], s[1], channels_name(s[2]), s[2]);
}

ArrayLayout layout_of_four(const std::vector<int64_t>& s) {
  ArrayLayout layout;
  const Shape first{s[1], s[2], s[3]}, last{s[3], s[1], s[2]};
  layout.shape = first;
  if (first.is_vector()) return layout;
  const bool first_square = s[2] == s[3], last_square = s[1] == s[2];
  bool told = is_colours(s[1]) != is_colours(s[3]);
  layout.channels_last = told && is_colours(s[3]);
  if (!told && first_square != last_square) told = true, layout.channels_last = last_square;
  layout.shape = layout.channels_last ? last : first;
  layout.reading = fmt::format("[{}] as [{}]: {}", fmt::join(s, ","), layout.channels_last ? "N,H,W,C" : "N,C,H,W",
                               pictures_name(layout.shape));
  if (!told)
    layout.doubt = fmt::format(
        "The shape [{}] may be [N,C,H,W] or [N,H,W,C], and is read as the first: {}. If it is the second ({}), save "
        "array.transpose(0, 3, 1, 2).",
        fmt::join(s, ","), pictures_name(first), pictures_name(last));
  return layout;
}

}  // namespace

ArrayLayout layout_of(const std::vector<int64_t>& s, const std::string& place) {
  if (std::any_of(s.begin(), s.end(), [](int64_t dimension) { return dimension == 0; }))
    fail(Fault::data, "{}: shape {} holds nothing; expected at least one example", place, fmt::join(s, "x"));
  switch (s.size()) {
    case 1:
      return {.shape = {1, 1, 1}};
    case 2:
      return {.shape = {s[1], 1, 1}};
    case 3: {
      if (is_colours(s[2]) && s[1] > 4) refuse_one_picture(s, place);
      ArrayLayout layout{.shape = {1, s[1], s[2]}};
      if (is_colours(s[0]) && s[1] > 4 && s[0] > 1)
        layout.doubt = fmt::format(
            "The shape [{}] is read as {} grey pictures. If it is one picture of {} channels ({}), a training needs "
            "many "
            "of them: save them as one array [N,C,H,W].",
            fmt::join(s, ","), s[0], s[0], channels_name(s[0]));
      return layout;
    }
    case 4:
      return layout_of_four(s);
    default:
      fail(Fault::data,
           "{}: {} dimension{}; expected [N], [N,D], [N,H,W], [N,C,H,W] or [N,H,W,C]; reshape it to one of them", place,
           s.size(), s.size() == 1 ? "" : "s");
  }
}

}  // namespace duet
