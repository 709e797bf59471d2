#pragma once

#include <optional>

#include "duet/config/fields.h"
#include "duet/core/range.h"
#include "duet/nn/layer.h"
#include "duet/nn/reference_batch.h"

namespace duet {

/// What a network is made for.
struct NetworkContext {
  std::string name;  ///< of its section in the recipe, for messages
  Shape input;       ///< of one example
  Shape output;      ///< the same; {1} for one logit
  /// Further inputs by name, each of which some layer must read; but labels, "label" {classes, 1, 1}, only may be read.
  std::map<std::string, Shape> with{};
  std::optional<Range> output_range{};  ///< that the output must fill; none: any number
  std::function<Tensor()> data_mean{};  ///< mean of the data [C,H,W] in its range, for output_bias = "marginals"
  bool trained = false;                 ///< so it is taken as it is, whether or not its output fills the range
  std::vector<std::string> players{};   ///< whose turns layers may name; empty: not known

  /// What the first layer is given: the input, which is also named "x", and the others.
  LayerInput first_input() const;
};

/// Labels int64 [N] as a network's further input; undefined ones are none.
Named labelled(const Tensor& labels);

/// Keys that every network family has. A family adds its own and turns them into a list of layers.
struct NetworkConfig : Config {
  /// How labels enter: none, concat (a number per class, to a picture a plane; beside the pixels where the network
  /// begins with flatten), embedding, channels (concat after label_after layers), projection.
  std::string label = "none";
  int64_t label_size = 50;  ///< embedding: learned numbers per class
  int64_t label_after = 0;  ///< channels: after this many layers
  std::string init = "default";
  std::string scale_init = "one";
  double bias_init = 0;
  std::string output_bias = "zero";  ///< or "marginals": such that the output begins at the data's mean

  void fields(Fields& f) override;
  /// The layers, as recipes spell them (see LayerEntry).
  virtual std::vector<std::string> layers(const NetworkContext& context) const = 0;

 protected:
  virtual void family_fields(Fields& f) = 0;
};

/// A list of layers. Each is given what the one before it made; some read tensors by name beside it: "x", which is the
/// network's input, further inputs such as "label", and what layers before them have marked.
///
/// Threads: forward() may be called from several at once, each with a Pass of its own, as long as none updates the
/// statistics and nobody changes parameters or buffers; different networks share nothing.
class Network {
 public:
  /// Throws Error(recipe): a layer that does not fit, an output of another shape or range than the data's, labels
  /// wanted where there are none, a further input that no layer reads, turns of a player there is none of.
  Network(const NetworkConfig& config, const NetworkContext& context, Generator& init);

  /// x [N, input] (vectors [N,F] or pictures [N,C,H,W]) -> [N, output]; one logit gives [N]. `with` are its further
  /// inputs by name, [N, ...]; labels are int64 [N], or float [N, classes] where they are soft; those that no layer
  /// reads are passed over. Where x or another has one number per example, [N] is as good as [N,1]. Throws
  /// Error(internal) when one is missing, or has another size than was said.
  Tensor forward(const Tensor& x, const Named& with, Pass& pass) const;
  /// The same up to the last layer with weights: what that one is given, float32 [N, ...].
  Tensor features(const Tensor& x, const Named& with, Pass& pass) const;
  /// Of its section in the recipe.
  const std::string& name() const { return name_; }
  /// The further inputs that its layers read, by name.
  const std::vector<std::string>& inputs() const { return inputs_; }
  bool reads(const std::string& name) const;

  /// Learned tensors, named "03.conv.weight" by the layer's number in the list. Tables of labels come after all others,
  /// as they are drawn after them: the others begin the same whether or not labels enter.
  const std::vector<NamedTensor>& parameters() const { return parameters_; }
  /// Saved but not learned: "04.batch_norm.mean".
  const std::vector<NamedTensor>& buffers() const { return buffers_; }
  int64_t parameter_count() const;
  /// Whether one forward can take several groups (see Pass::groups).
  bool keeps_groups_apart() const;
  /// What Layer says of its layers.
  bool is_random_when_sampling() const;
  bool mixes_examples() const;
  /// Whether it computes something else in one player's turns than in another's.
  bool varies_by_turn() const;
  /// Whether every layer that multiplies by weights keeps its slope within bounds.
  bool limits_slope() const;
  /// What its output can be, and the layer that bounds it, as the recipe spells it.
  const Range& reach() const { return reach_; }
  std::string bounded_by() const { return bound_ ? rows_[*bound_].layer : ""; }
  /// The first layer that normalises over the batch, as the recipe spells it; empty without.
  std::string normalises_batch() const;

  /// One row of the table that --dry-run prints.
  struct Row {
    std::string layer;
    Shape output;
    int64_t parameters;
  };
  const std::vector<Row>& rows() const { return rows_; }

  const std::vector<std::unique_ptr<Layer>>& layers() const { return layers_; }

  /// Converts parameters and buffers in place: to another type (gradient checks run in double), or to a device.
  void to(torch::ScalarType type);
  void to(torch::Device device);
  /// Lets gradients flow into the parameters, or not.
  void requires_grad(bool wanted);
  /// Computes with these tensors in place of the parameters, in their order, until use_own_parameters(): for who looks
  /// at a network as it would be.
  void use_parameters(const std::vector<Tensor>& values);
  void use_own_parameters();

 private:
  void add_layers(const NetworkConfig& config, const NetworkContext& context, const Init& how, Generator& init);
  void check_output(const NetworkContext& context) const;
  void check_range(const NetworkContext& context) const;
  void keep_reference();
  void check_inputs_are_read(const NetworkContext& context) const;
  void add_layer(const std::string& text, const LayerInput& input);
  std::string prefix(size_t layer) const;
  void list_parameters(size_t layer);
  void set_output_bias(const NetworkConfig& config, const NetworkContext& context);
  void give_inputs(const Tensor& x, const Named& with, Pass& pass) const;
  Tensor up_to(size_t end, const Tensor& x, const Named& with, Pass& pass) const;

  std::string name_;
  std::vector<std::unique_ptr<Layer>> layers_;
  std::vector<bool> taken_over_;  // by the layer before
  std::vector<NamedTensor> parameters_, buffers_;
  std::vector<std::pair<Layer*, size_t>> places_;  // of the parameters
  std::vector<Row> rows_;
  std::vector<std::string> inputs_;  // that layers read by name
  std::map<std::string, Shape> input_shapes_;
  std::unique_ptr<ReferenceBatch> reference_;  // null where no layer wants one
  size_t last_product_ = 0;
  Range reach_ = kEverything;
  std::optional<size_t> bound_;  // the layer that bounds the output
  Shape output_;
};

/// A family of networks, as `duet list networks` shows it.
struct NetworkEntry {
  std::string name;
  std::string line;
  std::string paper;
  std::function<std::shared_ptr<NetworkConfig>()> make;
};

/// Every family there is. A new one is a file and a line here.
const std::vector<NetworkEntry>& network_entries();
/// The same as a recipe's catalogue.
Catalogue network_catalogue();

// One source file each.
NetworkEntry mlp_network();
NetworkEntry dcgan_network();
NetworkEntry resnet_network();
NetworkEntry unet_network();
NetworkEntry layers_network();

}  // namespace duet
