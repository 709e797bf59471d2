#pragma once

#include <optional>
#include <utility>

#include "duet/core/host_inputs.h"
#include "duet/core/range.h"
#include "duet/core/shape.h"
#include "duet/nn/arguments.h"
#include "duet/nn/init.h"
#include "duet/ops/bilinear.h"

namespace duet {

/// One forward through a network.
struct Pass {
  bool training = false;           ///< dropout drops, batch norm uses the batch's statistics
  bool update_statistics = false;  ///< running statistics may move: only in the owner's own turn
  double statistics_share = 0;     ///< of this batch in them; 0: each layer's own momentum
  Noise noise;                     ///< of dropout and noise layers; undefined where no layer may be random
  int64_t reference = 0;           ///< the first so many examples are a reference batch (Layer::reference), in no group
  int64_t groups = 1;              ///< equal runs of examples that see nothing of each other, as if given one by one
  bool bfloat16 = false;           ///< products in bfloat16; weights, statistics and the network's output stay float32
  std::string player{};            ///< who moves; empty where nobody does, as when sampling
  Named named{};  ///< what the network's layers read by name while it is computed: its inputs, and what they marked
};

/// What a layer is given: the shape of the current tensor, and those of the tensors it may read by name.
struct LayerInput : Shape {
  LayerInput(const Shape& shape, std::map<std::string, Shape> others) : Shape(shape), named(std::move(others)) {}
  std::map<std::string, Shape> named;
};

struct NamedTensor {
  std::string name;
  Tensor value;
};

/// A differentiable step of a network on batches [N, C, H, W] or vectors [N, F]. Holds its parameters and buffers; is
/// stateless otherwise: everything that varies between forwards comes in the Pass. What others must know of it they ask
/// the layer itself, never its spelling.
///
/// Threads: forward() may be called from several at once, each with a Pass of its own, as long as none updates the
/// statistics and nobody changes parameters or buffers.
class Layer {
 public:
  virtual ~Layer() = default;
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;
  /// Shapes: input [N, in], output [N, out] as told when the layer was made.
  virtual Tensor forward(const Tensor& x, Pass& pass) = 0;
  /// Draws the initial parameters; nothing to do for layers without.
  virtual void reset(const Init&, Generator&) {}
  /// The slope below zero where the layer is x, or slope * x below: relu and leaky_relu.
  virtual std::optional<double> leaky_slope() const { return {}; }
  /// Asked whether it will do a following leaky of this slope itself; a layer that says yes does so from then on.
  virtual bool take_over_leaky(double) { return false; }
  /// Whether it keeps the groups of a Pass apart, as all do that treat every example by itself.
  virtual bool keeps_groups_apart() const { return true; }
  /// The player in whose turns alone it does something while it trains; empty where it makes no difference.
  virtual std::string turns() const { return {}; }
  /// Whether it draws from the Pass's noise even when it does not train.
  virtual bool is_random_when_sampling() const { return false; }
  /// Whether what it makes of an example depends on the others of the batch even when it does not train.
  virtual bool mixes_examples() const { return false; }
  /// Whether it normalises over the batch while it trains: an example's gradient then is one of the whole batch.
  virtual bool normalises_batch() const { return false; }
  /// How many examples of a reference batch it wants before those of every batch; 0 where it needs none.
  virtual int64_t reference() const { return 0; }
  /// Whether it keeps its own slope within bounds, whatever its weights.
  virtual bool limits_slope() const { return false; }
  /// The name under which it keeps what it is given, for later layers to read; empty where it keeps nothing.
  virtual std::string marks() const { return {}; }
  /// The names of the tensors that it reads beside what it is given: marked ones, or inputs of the network.
  virtual std::vector<std::string> reads() const { return {}; }
  /// Whether its parameters are drawn, and listed, after those of all other layers: the others' then begin the same
  /// with and without it.
  virtual bool begins_last() const { return false; }
  /// Whether it makes vectors of pictures.
  virtual bool flattens() const { return false; }
  /// What its numbers can be when its input's are in this range.
  virtual Range reach(const Range&) const { return kEverything; }
  /// The input of which it makes y, where it treats every number by itself and keeps their order; else undefined.
  virtual Tensor undone(const Tensor& /*y*/) const { return {}; }
  /// The products it has computed; null for a layer without.
  virtual const Bilinear::Work* work() const { return nullptr; }
  /// Computes with `value` in place of parameter `i`, as long as no other is put there: it may be part of a graph.
  void use_parameter(size_t i, const Tensor& value) { *members_[i] = value; }
  /// Shape of one output example.
  const Shape& output() const { return output_; }
  const std::vector<NamedTensor>& parameters() const { return parameters_; }
  /// State that is saved but not learned (running statistics).
  const std::vector<NamedTensor>& buffers() const { return buffers_; }

 protected:
  explicit Layer(Shape output) : output_(output) {}
  /// Vectors [N, F] as pictures of one pixel, for layers that know only pictures.
  static Tensor as_pictures(const Tensor& x) { return x.dim() == 4 ? x : x.reshape({x.size(0), -1, 1, 1}); }
  /// Makes `member`, which forward() reads, a parameter. Throws Error(recipe) for more numbers than any layer has.
  void parameter(Tensor& member, const std::string& name, torch::IntArrayRef shape);
  Tensor buffer(const std::string& name, Tensor value) {
    return buffers_.emplace_back(NamedTensor{name, std::move(value)}).value;
  }

 private:
  Shape output_;
  std::vector<NamedTensor> parameters_;
  std::vector<Tensor*> members_;  // of the layer, that hold them
  std::vector<NamedTensor> buffers_;
};

/// How a recipe spells a layer.
struct LayerEntry {
  std::string name;
  std::string usage;  ///< "conv(channels, kernel=3, stride=1, ...)"
  std::string line;   ///< what it does, in one line
  std::string paper;
  std::function<std::unique_ptr<Layer>(Arguments&, const LayerInput& input)> make;
};

/// Every layer there is, in the order of `duet list layers`.
const std::vector<LayerEntry>& layer_entries();

/// Makes a layer from its spelling for examples of shape `input`. Throws Error(recipe): unknown layer with the nearest
/// name, wrong arguments, a name there is none of, a shape that does not fit, or that is larger than anything.
std::unique_ptr<Layer> make_layer(const std::string& text, const LayerInput& input);
/// One that reads nothing by name.
std::unique_ptr<Layer> make_layer(const std::string& text, const Shape& input);
/// What the layer after `layer` is given, of what that one was.
LayerInput next_input(LayerInput input, const Layer& layer);

// The list's parts, one source file each.
std::vector<LayerEntry> weighted_layers();    // dense, conv, conv_transpose
std::vector<LayerEntry> attention_layers();   // self-attention
std::vector<LayerEntry> norm_layers();        // batch, instance, layer, pixel norm
std::vector<LayerEntry> activation_layers();  // relu ... softmax, maxout
std::vector<LayerEntry> shape_layers();       // reshape, pooling, upsampling
std::vector<LayerEntry> noise_layers();       // dropout, noise, batch statistics
std::vector<LayerEntry> wiring_layers();      // mark, take, concat ...: what reads tensors by name

}  // namespace duet
