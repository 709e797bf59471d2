#include "duet/core/torch.h"
// The order matters: the header above is precompiled.
#include "duet/nn/layer.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"

namespace duet {
namespace {

int64_t numbers_of(const Layer& layer) {
  int64_t count = 0;
  for (const auto* list : {&layer.parameters(), &layer.buffers()})
    for (const auto& [name, value] : *list) count += value.numel();
  return count;
}

/// A layer's text after three bytes for the shape of its input, where it may read labels, a vector and a picture by
/// name. Layers that are accepted must compute a forward.
void read(std::span<const std::byte> bytes) {
  if (bytes.size() < 3) return;
  const auto side = [&](size_t i) { return 1 + static_cast<int64_t>(bytes[i]) % 12; };
  const Shape input{side(0), side(1), side(2)};
  const LayerInput given(input, {{"x", input}, {"label", {4}}, {"a", {2 * input.channels}}});
  const auto layer = make_layer(text_of(bytes.subspan(3)), given);
  const auto& output = layer->output();
  constexpr int64_t kMost = 100'000;  // to limit the time
  if (numbers_of(*layer) > kMost || output.channels > kMost || output.height > kMost || output.width > kMost ||
      output.channels * output.height > kMost || output.numel() > kMost)
    return;
  auto generator = make_generator(1);
  layer->reset({}, generator);
  torch::NoGradGuard no_grad;
  Pass pass{.training = true, .update_statistics = true, .noise = generator};
  pass.reference = layer->reference();
  if (pass.reference > 100) return;
  const auto n = 2 + pass.reference;
  const auto x = input.is_vector() ? torch::ones({n, input.channels})
                                   : torch::ones({n, input.channels, input.height, input.width});
  pass.named = {{"x", x}, {"label", torch::arange(n) % 4}, {"a", torch::ones({n, 2 * input.channels})}};
  if (layer->forward(x, pass).numel() != n * output.numel()) std::abort();
}

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  for (const char* text : {"dense(4, bias=false, spectral=true)",
                           "conv(3, kernel=3, stride=2, padding=1)",
                           "conv_transpose(2, kernel=4, stride=2, padding=1, output_padding=1)",
                           "batch_norm(affine=false, momentum=0.01, eps=1e-3)",
                           "batch_norm(scale=false, over=features, statistics=reference, reference=2)",
                           "dense(4, init=normal(0.1), bias_init=-2)",
                           "conv(3, kernel=3x2, stride=1x2, padding=0x1)",
                           "average_pool(2x3)",
                           "slice(1, 2)",
                           "self_attention(2)",
                           "dropout(0.5, turns=a)",
                           "leaky_relu(0.1)",
                           "reshape(2, 1, 4)",
                           "max_pool(2)",
                           "average_pool(3, stride=2, padding=1)",
                           "upsample(3)",
                           "pixel_shuffle(2)",
                           "maxout(2)",
                           " dropout( 0.8 , 1.25, mode=always ) ",
                           "noise_concat(units=2)",
                           "minibatch_discrimination(kernels=2, depth=2)",
                           "mark(b)",
                           "take(label)",
                           "take(a)",
                           "concat(label)",
                           "add(x)",
                           "modulate( a )",
                           "embedding(label, 2, 3)",
                           "projection(label, x)",
                           "concat(2a)",
                           "dense(99999999999)",
                           "conv(1, kernel=9223372036854775807)"})
    for (const char* shape : {"\x07\x07\x07", "\x0b\x0c\x0c"}) all.push_back(std::string(shape) + text);
  for (const auto& entry : layer_entries()) all.push_back("\x07\x03\x03" + entry.usage);
  return all;
}

}  // namespace

FuzzTarget fuzz_layer() { return {"layer", read, seeds, {}}; }

}  // namespace duet
