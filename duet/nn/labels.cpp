#include "duet/nn/labels.h"

#include "duet/core/error.h"

namespace duet {
namespace {

using Texts = std::vector<std::string>;

/// Whether a network takes pictures for vectors. What is wrong with the layer is said where it is added.
bool begins_flat(const std::string& text, const LayerInput& input) {
  try {
    return make_layer(text, input)->flattens();
  } catch (const Error&) {
    return false;
  }
}

/// Place of the last layer with weights.
int64_t last_product(const Texts& texts, LayerInput input) {
  int64_t last = 0;
  try {
    for (size_t i = 0; i < texts.size(); ++i) {
      const auto layer = make_layer(texts[i], input);
      if (layer->work()) last = static_cast<int64_t>(i);
      input = next_input(std::move(input), *layer);
    }
  } catch (const Error&) {  // said where it is added
  }
  return last;
}

/// The place at which labels join.
int64_t entrance(const NetworkConfig& config, const NetworkContext& context, const Texts& texts) {
  const auto after = config.label == "channels" ? config.label_after : 0;
  if (after > 0 && after >= std::ssize(texts))
    fail(Fault::recipe, "[network.{}]: label_after = {}, but there are only {} layers; expected at most {}",
         context.name, after, texts.size(), texts.size() - 1);
  // A network that takes pictures for vectors gets one number per class beside the pixels, not one plane.
  return after == 0 && texts.size() > 1 && begins_flat(texts.front(), context.first_input()) ? 1 : after;
}

/// A row of learned numbers beside a vector, or a learned plane behind a picture.
Texts embedding_at(int64_t place, const NetworkConfig& config, const NetworkContext& context) {
  const auto& in = context.input;
  const auto row = place > 0 || in.is_vector() ? fmt::format("embedding(label, {})", config.label_size)
                                               : fmt::format("embedding(label, 1, {}, {})", in.height, in.width);
  return {"mark(before_label)", row, "mark(label_row)", "take(before_label)", "concat(label_row)"};
}

}  // namespace

Texts with_labels(const NetworkConfig& config, const NetworkContext& context, const Texts& layers) {
  if (config.label == "none") return layers;
  if (!context.with.contains("label"))
    fail(Fault::recipe,
         "[network.{}]: label = \"{}\", but the data have no labels; use label = \"none\" or labelled data",
         context.name, config.label);
  auto all = layers;
  if (config.label == "projection") {
    if (context.output.numel() != 1)
      fail(Fault::recipe,
           "[network.{}]: label = \"projection\" adds to one logit, but the output is {}; use concat, embedding or "
           "channels",
           context.name, to_string(context.output));
    all.insert(all.begin() + last_product(layers, context.first_input()), "mark(label_features)");
    all.emplace_back("projection(label, label_features)");
    return all;
  }
  const auto place = entrance(config, context, layers);
  const auto entering = config.label == "embedding" ? embedding_at(place, config, context) : Texts{"concat(label)"};
  all.insert(all.begin() + place, entering.begin(), entering.end());
  return all;
}

}  // namespace duet
