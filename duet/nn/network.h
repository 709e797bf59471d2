#pragma once

#include <optional>

#include "duet/config/fields.h"
#include "duet/core/range.h"
#include "duet/nn/layer.h"

namespace duet {

/// What a network is made for.
struct NetworkContext {
  std::string name;                     ///< of its section in the recipe, for messages
  Shape input;                          ///< of one example
  Shape output;                         ///< the same; {1} for one logit
  int64_t classes = 0;                  ///< labels 0 ... classes - 1; 0 without
  std::optional<Range> output_range{};  ///< that the output must fill; none: any number
  std::function<Tensor()> data_mean{};  ///< mean of the data [C,H,W] in its range, for output_bias = "marginals"
  bool trained = false;                 ///< so it is taken as it is, whether or not its output fills the range
};

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

/// A list of layers and a way for labels to enter it.
///
/// Threads: forward() may be called from several at once, each with a Pass of its own, as long as none updates the
/// statistics and nobody changes parameters or buffers; different networks share nothing.
class Network {
 public:
  /// Throws Error(recipe): a layer that does not fit, an output of another shape or range than the data's, labels
  /// wanted where there are none.
  Network(const NetworkConfig& config, const NetworkContext& context, Generator& init);

  /// x [N, input] (vectors [N,F] or pictures [N,C,H,W]), labels int64 [N] or undefined -> [N, output]; one logit gives
  /// [N]. Throws Error(internal) when labels are missing.
  Tensor forward(const Tensor& x, const Tensor& labels, Pass& pass) const;

  /// Learned tensors, named "03.conv.weight".
  const std::vector<NamedTensor>& parameters() const { return parameters_; }
  /// Saved but not learned: "04.batch_norm.mean".
  const std::vector<NamedTensor>& buffers() const { return buffers_; }
  int64_t parameter_count() const;
  bool uses_labels() const { return label_ != "none"; }
  /// Whether it can be walked by several groups at once (see Pass::groups).
  bool keeps_groups_apart() const;
  /// What Layer says of its layers.
  bool is_random_when_sampling() const;
  bool mixes_examples() const;
  /// Whether every layer that multiplies by weights keeps its slope within bounds.
  bool limits_slope() const;
  /// What its output can be, and the layer that bounds it, as the recipe spells it.
  const Range& reach() const { return reach_; }
  const std::string& bounded_by() const { return bounded_by_; }
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

 private:
  void add_layer(const std::string& text, Shape& shape);
  Shape enter_labels(const NetworkConfig& config, const Shape& input);
  Tensor with_labels(const Tensor& x, const Tensor& labels) const;
  void set_output_bias(const NetworkConfig& config, const NetworkContext& context);
  Tensor add_table(const std::string& name, int64_t width, Generator& init);

  std::string name_;
  std::vector<std::unique_ptr<Layer>> layers_;
  std::vector<bool> taken_over_;  // by the layer before
  std::vector<NamedTensor> parameters_, buffers_;
  std::vector<Row> rows_;
  std::string label_;
  int64_t label_after_ = 0;
  int64_t classes_ = 0;
  size_t last_product_ = 0;
  Range reach_ = kEverything;
  std::string bounded_by_;
  Shape output_;
  Tensor table_;  // embedding [classes, width] of "embedding" and "projection"
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
NetworkEntry layers_network();

}  // namespace duet
