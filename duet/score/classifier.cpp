#include "duet/score/classifier.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "duet/core/random.h"
#include "duet/data/tensors.h"
#include "duet/score/example_bytes.h"

namespace duet {
namespace {

constexpr int64_t kChunk = 250;
constexpr int64_t kHeldOut = 10'000;

/// Stride of the first layer: 1 below 64 pixels, else the power of two that reduces the shorter side to 32 ... 63.
int64_t stem_stride(const Shape& shape) {
  int64_t stride = 1;
  while (std::min(shape.height, shape.width) / stride >= 64) stride *= 2;
  return stride;
}

/// Side length after the stem and both pools.
int64_t final_side(int64_t side, int64_t stride) { return side / stride / 2 / 2; }

/// Features before scaling; `x` is float32 [N,C,H,W], normalised.
Tensor trunk(const std::vector<Tensor>& w, const Tensor& x) {
  const int64_t stride = w[0].size(2) == 3 ? 1 : w[0].size(2) / 2;
  const int64_t padding = stride == 1 ? 1 : stride / 2;
  auto y = at::max_pool2d(at::relu(at::conv2d(x, w[0], w[1], stride, padding)), 2);
  y = at::max_pool2d(at::relu(at::conv2d(y, w[2], w[3], 1, 1)), 2);
  y = at::relu(at::conv2d(y, w[4], w[5], 1, 1));
  return at::relu(at::addmm(w[7], y.flatten(1), w[6]));
}

Tensor normalised(const Tensor& bytes, double mean, double deviation) {
  return bytes.to(torch::kFloat32).sub_(mean).div_(deviation);
}

/// Adam (Kingma and Ba 2014, arXiv:1412.6980) over a list of leaves.
class Adam {
 public:
  explicit Adam(const std::vector<Tensor>& weights) {
    for (const auto& w : weights) first_.push_back(at::zeros_like(w)), second_.push_back(at::zeros_like(w));
  }
  void step(std::vector<Tensor>& weights, const std::vector<Tensor>& gradients, double learning_rate) {
    torch::NoGradGuard no_grad;
    ++steps_;
    const double correct1 = 1 - std::pow(0.9, steps_), correct2 = 1 - std::pow(0.999, steps_);
    for (size_t i = 0; i < weights.size(); ++i) {
      first_[i].mul_(0.9).add_(gradients[i], 0.1);
      second_[i].mul_(0.999).addcmul_(gradients[i], gradients[i], 0.001);
      auto scale = second_[i].div(correct2).sqrt_().add_(1e-8);
      weights[i].addcdiv_(first_[i], scale, -learning_rate / correct1);
    }
  }

 private:
  std::vector<Tensor> first_, second_;
  double steps_ = 0;
};

struct Examples {
  Tensor bytes;   ///< uint8 [N,C,H,W]
  Tensor labels;  ///< int64 [N], all >= 0
};

Examples labelled_examples(const Dataset& dataset, int64_t count, Range range) {
  std::vector<int64_t> indices;
  for (const auto index : stratified_indices(dataset.info().size, count))
    if (dataset.label(index) >= 0) indices.push_back(index);
  if (indices.empty())
    fail(Fault::data, "{}: no labelled example was found; a classifier needs labels: score with features = random",
         dataset.info().name);
  return {example_bytes(dataset, indices, range), read_labels(dataset, indices)};
}

void check_sets(const DatasetInfo& train, const DatasetInfo& held_out) {
  if (train.classes.size() < 2)
    fail(Fault::data,
         "{}: {} classes found; a classifier needs labels of at least 2: score with features = random, or give the "
         "data labels (a folder per class)",
         train.name, train.classes.size());
  if (train.shape.height < 8 || train.shape.width < 8)
    fail(Fault::data, "{}: examples are {}; the classifier takes pictures of at least 8x8: score with features = raw",
         train.name, to_string(train.shape));
  if (train.shape != held_out.shape || train.classes.size() != held_out.classes.size())
    fail(Fault::data,
         "{}: held-out examples are {} in {} classes; the training set {} has {} in {} classes: take both from one "
         "source",
         held_out.name, to_string(held_out.shape), held_out.classes.size(), train.name, to_string(train.shape),
         train.classes.size());
}

double learning_rate_at(const ClassifierOptions& options, double share) {
  if (share < 0.05) return options.learning_rate * std::max(share, 0.002) / 0.05;
  return options.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * (share - 0.05) / 0.95));
}

/// Shifts the whole batch by the same few pixels, repeating the edges: one shift per batch is a view, one per picture
/// would be a copy of each.
Tensor shifted(const Tensor& x, int64_t reach, Random random) {
  if (reach == 0) return x;
  const auto padded = at::replication_pad2d(x, {reach, reach, reach, reach});
  const int64_t down = random.below(2 * reach + 1), right = random.below(2 * reach + 1);
  return padded.narrow(2, down, x.size(2)).narrow(3, right, x.size(3)).contiguous();
}

/// Iterates over the pool in a new random order each epoch and returns the next batch.
class Order {
 public:
  Order(int64_t size, uint64_t seed) : size_(size), seed_(seed) {}
  Tensor next(int64_t count) {
    auto batch = torch::empty({count}, torch::kInt64);
    auto* out = batch.data_ptr<int64_t>();
    for (int64_t i = 0; i < count; ++i) {
      if (at_ == static_cast<int64_t>(order_.size())) order_ = permutation(size_, Random(seed_, 1, epoch_++)), at_ = 0;
      out[i] = order_[static_cast<size_t>(at_++)];
    }
    return batch;
  }

 private:
  int64_t size_, at_ = 0;
  uint64_t seed_, epoch_ = 0;
  std::vector<int64_t> order_;
};

void fit(Classifier::Parts& parts, const Examples& examples, const ClassifierOptions& options) {
  auto generator = make_generator(options.seed);
  parts.weights = initial_classifier_weights(parts.shape, static_cast<int64_t>(parts.classes.size()), generator);
  for (auto& w : parts.weights) w.requires_grad_();
  Adam adam(parts.weights);
  Order order(examples.bytes.size(0), options.seed);
  const auto side = static_cast<double>(std::min(parts.shape.height, parts.shape.width));
  const auto reach = static_cast<int64_t>(std::lround(options.shift * side));
  const int64_t steps = std::max<int64_t>(1, (options.examples + options.batch - 1) / options.batch);
  const int64_t report_every = std::max<int64_t>(1, steps / 50);
  double loss_sum = 0;
  int64_t right = 0;
  for (int64_t step = 0; step < steps; ++step) {
    const auto batch = order.next(options.batch);
    auto x = normalised(examples.bytes.index_select(0, batch), parts.mean, parts.deviation);
    auto y = trunk(parts.weights, shifted(x, reach, Random(options.seed, 2, static_cast<uint64_t>(step))));
    if (options.dropout > 0)
      y = y * at::empty_like(y).bernoulli_(1 - options.dropout, generator) / (1 - options.dropout);
    const auto logits = at::addmm(parts.weights[9], y, parts.weights[8]);
    const auto labels = examples.labels.index_select(0, batch);
    const auto loss = at::cross_entropy_loss(logits, labels);
    adam.step(parts.weights, torch::autograd::grad({loss}, parts.weights),
              learning_rate_at(options, static_cast<double>(step) / static_cast<double>(steps)));
    loss_sum += loss.item<double>();
    right += logits.argmax(1).eq(labels).sum().item<int64_t>();
    if ((step + 1) % report_every != 0) continue;
    if (!std::isfinite(loss_sum))
      fail(Fault::diverged, "classifier: the loss is {} at step {} of {}; lower the classifier's learning_rate ({})",
           loss_sum, step + 1, steps, options.learning_rate);
    if (options.progress)
      options.progress({.seen = (step + 1) * options.batch,
                        .total = steps * options.batch,
                        .loss = loss_sum / static_cast<double>(report_every),
                        .accuracy = static_cast<double>(right) / static_cast<double>(report_every * options.batch)});
    loss_sum = 0;
    right = 0;
  }
  for (auto& w : parts.weights) w = w.detach();
}

/// Applies `function` to chunks of a fixed size, so that memory and rounding do not depend on N.
template <class Function>
Tensor in_chunks(const Tensor& input, Function function) {
  torch::NoGradGuard no_grad;
  std::vector<Tensor> pieces;
  for (int64_t first = 0; first < input.size(0); first += kChunk)
    pieces.push_back(function(input.narrow(0, first, std::min(kChunk, input.size(0) - first))));
  return pieces.size() == 1 ? pieces[0] : at::cat(pieces);
}

}  // namespace

std::vector<Tensor> initial_classifier_weights(const Shape& shape, int64_t classes, Generator& generator) {
  const int64_t stride = stem_stride(shape), kernel = stride == 1 ? 3 : 2 * stride;
  const int64_t flat = 64 * final_side(shape.height, stride) * final_side(shape.width, stride);
  std::vector<Tensor> weights;
  const auto layer = [&](std::vector<int64_t> size, int64_t fan_in, int64_t outputs) {
    weights.push_back(
        at::empty(size, torch::kFloat32).normal_(0, std::sqrt(2.0 / static_cast<double>(fan_in)), generator));
    weights.push_back(at::zeros({outputs}, torch::kFloat32));
  };
  layer({24, shape.channels, kernel, kernel}, shape.channels * kernel * kernel, 24);
  layer({48, 24, 3, 3}, 24 * 9, 48);
  layer({64, 48, 3, 3}, 48 * 9, 64);
  layer({flat, Classifier::kFeatures}, flat, Classifier::kFeatures);
  layer({Classifier::kFeatures, classes}, Classifier::kFeatures, classes);
  return weights;
}

Tensor Classifier::features(const Tensor& bytes) const {
  const auto& shape = parts_.shape;
  if (bytes.dim() != 4 || bytes.scalar_type() != torch::kUInt8 || bytes.size(0) == 0 ||
      Shape{bytes.size(1), bytes.size(2), bytes.size(3)} != shape)
    fail(Fault::data, "classifier: given {} of shape [{}]; it takes uint8 [N,{},{},{}] with N >= 1, its training data",
         c10::toString(bytes.scalar_type()), fmt::join(bytes.sizes(), ","), shape.channels, shape.height, shape.width);
  return in_chunks(bytes, [&](const Tensor& chunk) {
    return trunk(parts_.weights, normalised(chunk, parts_.mean, parts_.deviation)).mul_(parts_.feature_scale);
  });
}

Tensor Classifier::logits_of_features(const Tensor& features) const {
  return in_chunks(features, [&](const Tensor& chunk) {
    return at::addmm(parts_.weights[9], chunk / parts_.feature_scale, parts_.weights[8]);
  });
}

Tensor Classifier::logits(const Tensor& bytes) const { return logits_of_features(features(bytes)); }

double Classifier::accuracy(const Tensor& bytes, const Tensor& labels) const {
  return logits(bytes).argmax(1).eq(labels).to(torch::kFloat64).mean().item<double>();
}

std::string Classifier::fingerprint() const {
  Sha256 hash;
  for (const auto& w : parts_.weights)
    hash.update({static_cast<const std::byte*>(w.data_ptr()), static_cast<size_t>(w.nbytes())});
  return hash.hex().substr(0, 12);
}

Classifier train_classifier(const Dataset& train, const Dataset& held_out, const ClassifierOptions& options) {
  check_sets(train.info(), held_out.info());
  if (options.progress) options.progress({.total = options.examples});
  const auto examples = labelled_examples(train, options.pool, options.range);
  Classifier::Parts parts;
  parts.shape = train.info().shape;
  parts.classes = train.info().classes;
  const auto sample = examples.bytes.narrow(0, 0, std::min<int64_t>(2'000, examples.bytes.size(0))).to(torch::kFloat64);
  parts.mean = sample.mean().item<double>();
  parts.deviation = std::max(sample.std(false).item<double>(), 1.0);
  fit(parts, examples, options);

  const Classifier unscaled(parts);
  const auto indices = stratified_indices(examples.bytes.size(0), 5'000);
  const auto spread = unscaled.features(examples.bytes.index_select(0, torch::tensor(indices)));
  parts.feature_scale = 1 / std::max(spread.to(torch::kFloat64).square().mean().sqrt().item<double>(), 1e-12);
  const auto judged = labelled_examples(held_out, kHeldOut, options.range);
  parts.held_out_accuracy = unscaled.accuracy(judged.bytes, judged.labels);
  return Classifier(std::move(parts));
}

}  // namespace duet
