#include "duet/train/judge.h"

#include <algorithm>

#include "duet/core/error.h"
#include "duet/run/run_folder.h"
#include "duet/train/model_file.h"
#include "duet/train/old_formats.h"
#include "duet/train/runs.h"

namespace duet {
namespace {

constexpr int64_t kBatch = 64;
constexpr const char* kName = "discriminator";

const NetworkSpec& discriminator_of(const Recipe& recipe, const GameSpec& spec) {
  const auto found =
      std::find_if(spec.networks.begin(), spec.networks.end(), [](const auto& one) { return one.name == kName; });
  const auto* maker = spec.output_network();
  if (found != spec.networks.end() && maker && found->output.numel() == 1 && found->with.empty() &&
      found->input == maker->output)
    return *found;
  fail(
      Fault::usage,
      "--best-of: game \"{}\" has no discriminator that gives each sample one number; leave it out, or take a run of a "
      "game that has one, such as \"adversarial\"",
      recipe.game.kind);
}

}  // namespace

Judge Judge::open(const std::filesystem::path& run, const std::string& checkpoint,
                  const std::function<void(const std::string&)>& note) {
  std::error_code error;
  const bool alone = std::filesystem::is_regular_file(run, error);
  const auto file = alone ? read_tensors(run) : RunFolder::open(run).checkpoint(checkpoint, note);
  const auto recipe = alone ? recipe_of(file, catalogues()) : recipe_of(RunFolder::open(run), catalogues());
  const auto facts = alone ? facts_of(file) : facts_of(RunFolder::open(run));
  const auto spec = game_spec(recipe, facts);
  auto own = discriminator_of(recipe, spec);
  auto init = make_generator(0);
  auto network = build_network(recipe, own.name, facts, init, /*data_mean=*/{}, /*trained=*/true);
  const auto saved = in_this_format(file, own.name, *network);
  const torch::NoGradGuard no_grad;
  for (const auto* list : {&network->parameters(), &network->buffers()})
    for (const auto& [part, value] : *list) value.copy_(saved.at(own.name + "/" + part, value.sizes()));
  network->requires_grad(false);
  return {std::move(own), std::move(network)};
}

Tensor Judge::logits(const Tensor& samples, const Tensor& labels) const {
  const torch::NoGradGuard no_grad;
  const auto net = net_of(*network_, spec_, [] { return Pass{.noise = make_generator(0)}; });
  std::vector<Tensor> parts;
  for (int64_t first = 0; first < samples.size(0); first += kBatch) {
    const auto count = std::min(kBatch, samples.size(0) - first);
    Named with;
    if (labels.defined()) with["label"] = labels.narrow(0, first, count);
    parts.push_back(net(samples.narrow(0, first, count), with).flatten());
  }
  return torch::cat(parts);
}

}  // namespace duet
