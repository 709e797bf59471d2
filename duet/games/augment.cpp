// DiffAugment: differentiable augmentation of everything that the discriminator sees. Zhao et al. 2020,
// arXiv:2006.10738; strengths as in the authors' code: brightness +-1/4 of the range, saturation 0 to 2, contrast 1/2
// to 3/2, translation by up to 1/8 of the side, a cut square of half the side.
#include "duet/games/augment.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <sstream>

#include "duet/core/draw.h"
#include "duet/core/error.h"
#include "duet/core/nearest.h"

namespace duet {
namespace {

constexpr double kMostMoved = 0.125;
constexpr double kCut = 0.5;

double middle(Range range) { return (range.low + range.high) / 2; }

int64_t share_of(int64_t side, double share) { return static_cast<int64_t>(static_cast<double>(side) * share + 0.5); }

/// Uniform integers 0 ... choices-1 from uniform numbers in [0, 1).
Tensor whole(const Tensor& uniform, int64_t choices) {
  const auto last = static_cast<double>(choices - 1);
  return (uniform * static_cast<double>(choices)).floor().clamp_max(last).to(torch::kInt64);
}

/// 0 ... count-1, one row for all pictures.
Tensor places(int64_t count, const Tensor& like) {
  return torch::arange(count, torch::TensorOptions(torch::kInt64).device(like.device())).unsqueeze(0);
}

/// x is channels-last in memory, so the W*C numbers of a row are contiguous: [N,H,W,C].
Tensor in_rows(const Tensor& x) { return x.permute({0, 2, 3, 1}).contiguous(); }
Tensor from_rows(const Tensor& rows) { return rows.permute({0, 3, 1, 2}); }

/// All windows of W columns of the padded rows are a view, from which each picture selects its own.
Tensor taken_from_padded(const Tensor& x, const Tensor& down, const Tensor& right, int64_t reach, double fill) {
  const auto rows = in_rows(x);
  const int64_t n = rows.size(0), height = rows.size(1), width = rows.size(2), channels = rows.size(3);
  const auto padded = at::constant_pad_nd(rows, {0, 0, reach, reach, reach, reach}, fill).contiguous();
  const int64_t tall = height + 2 * reach;
  const auto windows = padded.view({n * tall, (width + 2 * reach) * channels}).unfold(1, width * channels, channels);
  const auto first = places(n, x).view({n, 1}) * tall + (reach - down).view({n, 1});
  const auto row = first + places(height, x);
  const auto column = (reach - right).view({n, 1}).expand({n, height});
  return from_rows(windows.index({row, column}).view({n, height, width, channels}));
}

struct Moved : torch::autograd::Function<Moved> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x, const Tensor& down,
                        const Tensor& right, int64_t reach, double fill) {
    context->save_for_backward({down, right});
    context->saved_data["reach"] = reach;
    return taken_from_padded(x, down, right, reach, fill);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto reach = context->saved_data["reach"].toInt();
    return {moved(gradients[0], -saved[0], -saved[1], reach, 0), {}, {}, {}, {}};
  }
};

/// a x + b m + c M + d with separate numbers for every picture ([4,N]); m is the mean over a pixel's channels and M
/// over the picture. Without d it is its own transpose.
struct Recoloured : torch::autograd::Function<Recoloured> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x, const Tensor& factors) {
    context->save_for_backward({factors});
    const auto rows = in_rows(x);
    const int64_t n = rows.size(0), channels = rows.size(3);
    auto pixel = rows.select(3, 0).clone();
    for (int64_t c = 1; c < channels; ++c) pixel.add_(rows.select(3, c));
    pixel = pixel.view({n, -1}).div_(static_cast<double>(channels));
    const auto by = [&](int64_t k) { return factors[k].view({n, 1}); };
    // Whole pictures in one pass, then a channel at a time: separate numbers for three channels at a time would be
    // slow.
    const auto result =
        (rows.view({n, -1}) * by(0)).add_(by(2) * pixel.mean(1, /*keepdim=*/true) + by(3)).view_as(rows);
    pixel = pixel.mul_(by(1)).view({n, rows.size(1), rows.size(2)});
    for (int64_t c = 0; c < channels; ++c) result.select(3, c).add_(pixel);
    return from_rows(result);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients) {
    const auto factors = context->get_saved_variables()[0];
    return {apply(gradients[0], torch::cat({factors.narrow(0, 0, 3), torch::zeros_like(factors[3]).unsqueeze(0)})), {}};
  }
};

/// Brightness, saturation and contrast one after the other are a single sum: with c the contrast, s the saturation, b
/// the brightness, c s x + c (1-s) m + (1-c) M + b.
Tensor recoloured(const Tensor& x, const Tensor& uniform, Range range) {
  const auto brightness = (uniform[0] - 0.5) * ((range.high - range.low) / 2), saturation = uniform[1] * 2;
  const auto contrast = uniform[2] + 0.5;
  return Recoloured::apply(
      x, torch::stack({contrast * saturation, contrast * (1 - saturation), 1 - contrast, brightness}));
}

Tensor translated(const Tensor& x, const Tensor& uniform, Range range) {
  const auto by = [&](int64_t k, int64_t side) {
    const auto most = share_of(side, kMostMoved);
    return whole(uniform[k], 2 * most + 1) - most;
  };
  const auto reach = share_of(std::max(x.size(2), x.size(3)), kMostMoved);
  return moved(x, by(0, x.size(2)), by(1, x.size(3)), reach, middle(range));
}

/// The square's centre is anywhere in the picture, so that near the border less is cut.
Tensor cut(const Tensor& x, const Tensor& uniform, Range range) {
  const auto inside = [&](int64_t k, int64_t side) {
    const auto size = share_of(side, kCut);
    const auto first = whole(uniform[k], side + 1 - size % 2).unsqueeze(1) - size / 2;
    const auto from_first = places(side, x) - first;
    return from_first.ge(0).logical_and(from_first.lt(size)).to(x.scalar_type());
  };
  const auto rows = in_rows(x);
  const auto columns = inside(1, x.size(3)).unsqueeze(2).expand({-1, -1, x.size(1)}).flatten(1);
  const auto kept = (inside(0, x.size(2)).unsqueeze(2) * columns.unsqueeze(1)).neg_().add_(1);
  auto left = rows.view(kept.sizes()) * kept;
  if (const double grey = middle(range); grey != 0) left = left + (1 - kept) * grey;
  return from_rows(left.view(rows.sizes()));
}

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

const std::vector<Augmentation>& augmentations() {
  static const std::vector<Augmentation> all = {
      {"color", "brightness +-1/4 of the range, saturation 0 to 2, contrast 1/2 to 3/2"},
      {"translation", "moved by up to 1/8 of the side"},
      {"cutout", "a square of half the side is greyed out"},
  };
  return all;
}

Augment::Augment(const std::string& names) {
  std::istringstream list(names);
  for (std::string name; std::getline(list, name, ',');) {
    name = trimmed(name);
    if (name == "color") {
      color_ = true;
    } else if (name == "translation") {
      translation_ = true;
    } else if (name == "cutout") {
      cutout_ = true;
    } else {
      std::vector<std::string> known;
      for (const auto& entry : augmentations()) known.push_back(entry.name);
      const auto near = nearest_name(name, known);
      fail(Fault::recipe,
           "[game]: augment = \"{}\" names '{}'; expected names out of {}, separated by commas, or nothing{}", names,
           name, fmt::join(known, ", "), near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
    }
  }
}

Tensor Augment::operator()(const Tensor& x, Range range, const Noise& noise) const {
  if (!is_on()) return x;
  // One draw for all, because each is transferred to the device separately.
  const auto uniform = draw_uniform({7, x.size(0)}, x.options().requires_grad(false), 0, 1, noise);
  auto y = x;
  if (color_) y = recoloured(y, uniform.narrow(0, 0, 3), range);
  if (translation_) y = translated(y, uniform.narrow(0, 3, 2), range);
  if (cutout_) y = cut(y, uniform.narrow(0, 5, 2), range);
  return y;
}

Tensor moved(const Tensor& x, const Tensor& down, const Tensor& right, int64_t reach, double fill) {
  return Moved::apply(x, down, right, reach, fill);
}

}  // namespace duet
