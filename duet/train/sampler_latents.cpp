// Latents beside z: a code that sheets and scores look at, and those that `duet sample --latent` fixes.
#include <charconv>
#include <cmath>

#include "duet/core/error.h"
#include "duet/core/nearest.h"
#include "duet/train/sampler.h"

namespace duet {
namespace {

struct Fixed {
  std::string latent, number;  ///< the number's place, if one is named
  double value = 0;
};

/// "LATENT=VALUE" or "LATENT.PLACE=VALUE".
Fixed parsed(const std::string& text) {
  const auto equals = text.find('=');
  Fixed fixed;
  const auto value = equals == std::string::npos ? std::string() : text.substr(equals + 1);
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), fixed.value);
  if (value.empty() || error != std::errc() || end != value.data() + value.size() || !std::isfinite(fixed.value))
    fail(Fault::usage,
         "--latent {}: expected a latent's name and a number, such as code=3, or numbers.0=0.5 for its first number",
         text);
  const auto name = text.substr(0, equals);
  const auto dot = name.find('.');
  fixed.latent = name.substr(0, dot);
  if (dot != std::string::npos) fixed.number = name.substr(dot + 1);
  return fixed;
}

int64_t place_in(const std::string& text, const std::string& number, int64_t size) {
  int64_t place = -1;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), place);
  if (error != std::errc() || end != number.data() + number.size() || place < 0 || place >= size)
    fail(Fault::usage, "--latent {}: no such number; expected one from 0 to {}", text, size - 1);
  return place;
}

}  // namespace

const LatentSpec* Sampler::code() const {
  for (const auto& latent : spec_.latents)
    if (latent.name != "z" && latent.how.kind == "categorical") return &latent;
  return nullptr;
}

Tensor Sampler::codes(const Request& request, int64_t first) const {
  const auto* latent = code();
  return latent ? latent_beside(*latent, request.count, request.seed, first).argmax(1) : Tensor();
}

Tensor Sampler::with_codes(const Request& request, const Tensor& numbers, const Tensor& classes) const {
  auto all = request;
  all.count = numbers.max().item<int64_t>() + 1;
  auto chosen = inputs(latents(all.count, all.seed), labels(all), all.seed, 0);
  for (auto& [name, value] : chosen) value = value.index_select(0, numbers);
  const auto& latent = *code();
  chosen[latent.name] = torch::zeros({classes.size(0), latent.how.size}).scatter_(1, classes.unsqueeze(1), 1);
  return generate(chosen, all.seed);
}

void Sampler::fix(const std::string& text) {
  const auto wanted = parsed(text);
  std::vector<std::string> names;
  for (const auto& [name, how] : spec_.latents) {
    if (name == "z") continue;
    names.push_back(name);
    if (name != wanted.latent) continue;
    auto& numbers = fixed_[name];
    if (how.kind == "categorical") {
      const auto chosen = static_cast<int64_t>(wanted.value);
      if (!wanted.number.empty() || static_cast<double>(chosen) != wanted.value || chosen < 0 || chosen >= how.size)
        fail(Fault::usage, "--latent {}: \"{}\" is a class; expected one from 0 to {}, such as {}=0", text, name,
             how.size - 1, name);
      for (int64_t i = 0; i < how.size; ++i) numbers[i] = i == chosen ? 1 : 0;
      return;
    }
    if (wanted.number.empty() && how.size > 1)
      fail(Fault::usage, "--latent {}: \"{}\" has {} numbers; expected one of them, such as {}.0={:g}", text, name,
           how.size, name, wanted.value);
    numbers[wanted.number.empty() ? 0 : place_in(text, wanted.number, how.size)] = wanted.value;
    return;
  }
  if (names.empty())
    fail(Fault::usage, "--latent {}: game \"{}\" has no latents beside z; leave it out", text, recipe_.game.kind);
  const auto near = nearest_name(wanted.latent, names);
  fail(Fault::usage, "--latent {}: game \"{}\" has no latent \"{}\"; expected one of {}{}", text, recipe_.game.kind,
       wanted.latent, fmt::join(names, ", "), near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
}

}  // namespace duet
