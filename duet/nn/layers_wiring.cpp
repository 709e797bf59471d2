// What makes a list of layers more than a chain: tensors have names, under which later layers find them. Residual
// networks (He et al. 2015, arXiv:1512.03385) add them, U-nets (Ronneberger et al. 2015, arXiv:1505.04597) concatenate
// them, styles (Perez et al. 2017, arXiv:1709.07871) modulate by them; labels are one of them.
#include <cmath>

#include "duet/core/error.h"
#include "duet/core/nearest.h"
#include "duet/nn/layer.h"
#include "duet/ops/convert.h"

namespace duet {
namespace {

/// The shape of the tensor called `name`, of which `a` wants to read.
const Shape& shape_of(const std::string& name, const Arguments& a, const LayerInput& in) {
  const auto found = in.named.find(name);
  if (found != in.named.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [other, shape] : in.named) names.push_back(other);
  const auto near = nearest_name(name, names);
  fail(Fault::recipe, "'{}': no tensor is named '{}' here; expected {}{}; {}", a.text(), name,
       names.size() > 1 ? "one of " : "", names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", ")),
       !near.empty()     ? fmt::format("did you mean '{}'?", near)
       : name == "label" ? "the data have no labels"
                         : fmt::format("mark({}) stores one under this name for the layers after it", name));
}

/// Two shapes that `a` cannot bring together.
[[noreturn]] void refuse(const Arguments& a, const Shape& in, const std::string& name, const Shape& other,
                         const std::string& expected) {
  fail(Fault::recipe, "'{}': the current tensor is {}, '{}' is {}; expected {}", a.text(), to_string(in), name,
       to_string(other), expected);
}

const Tensor& read(const Pass& pass, const std::string& name) {
  const auto found = pass.named.find(name);
  if (found == pass.named.end())
    throw Error(Fault::internal, fmt::format("a layer reads '{}', which its network was not given", name));
  return found->second;
}

/// A named tensor's numbers in the type of `x`; labels int64 [N] as one-hot numbers, made once for each forward.
Tensor numbers(Pass& pass, const std::string& name, int64_t classes, const Tensor& x) {
  const auto& value = read(pass, name);
  if (value.scalar_type() != torch::kInt64) return converted(value, x.scalar_type());
  auto& kept = pass.named["one-hot " + name];  // no identifier, so nobody else's
  if (!kept.defined() || kept.scalar_type() != x.scalar_type())
    kept = torch::one_hot(value, classes).to(x.scalar_type());
  return kept;
}

/// The rows of a table [classes, F] for labels int64 [N], or its mixtures for soft ones, float [N, classes]: [N, F].
Tensor rows(const Tensor& table, const Tensor& labels) {
  if (labels.scalar_type() == torch::kInt64) return table.index_select(0, labels);
  return torch::matmul(labels.flatten(1).to(table.scalar_type()), table);
}

/// A tensor with as many dimensions as x, so that a vector meets every pixel.
Tensor meeting(const Tensor& other, const Tensor& x) {
  if (x.dim() == other.dim()) return other;
  return x.dim() == 2 ? other.flatten(1) : other.reshape({other.size(0), -1, 1, 1});
}

/// A layer that reads the tensor `name`.
class Wiring : public Layer {
 public:
  Wiring(const Shape& output, std::string name, int64_t channels)
      : Layer(output), name_(std::move(name)), channels_(channels) {}
  std::vector<std::string> reads() const override { return {name_}; }

 protected:
  Tensor other(const Tensor& x, Pass& pass) const { return meeting(numbers(pass, name_, channels_, x), x); }

  std::string name_;
  int64_t channels_;  // of the tensor
};

class Mark final : public Layer {
 public:
  Mark(const Shape& shape, std::string name) : Layer(shape), name_(std::move(name)) {}
  Tensor forward(const Tensor& x, Pass& pass) override { return pass.named[name_] = x; }
  std::string marks() const override { return name_; }
  Range reach(const Range& input) const override { return input; }
  Tensor undone(const Tensor& y) const override { return y; }

 private:
  std::string name_;
};

class Take final : public Wiring {
 public:
  Take(const Shape& shape, const std::string& name) : Wiring(shape, name, shape.channels) {}
  Tensor forward(const Tensor& x, Pass& pass) override {
    const auto& value = read(pass, name_);
    return value.scalar_type() == torch::kInt64 ? numbers(pass, name_, channels_, x) : value;
  }
};

class Concat final : public Wiring {
 public:
  Concat(const Shape& in, const std::string& name, int64_t channels)
      : Wiring({in.channels + channels, in.height, in.width}, name, channels) {}
  Tensor forward(const Tensor& x, Pass& pass) override {
    const auto joined = other(x, pass);
    return torch::cat({x, x.dim() == 4 ? joined.expand({-1, -1, x.size(2), x.size(3)}) : joined}, 1);
  }
};

class Add final : public Wiring {
 public:
  using Wiring::Wiring;
  Tensor forward(const Tensor& x, Pass& pass) override { return x + other(x, pass); }
};

class Modulate final : public Wiring {
 public:
  using Wiring::Wiring;
  Tensor forward(const Tensor& x, Pass& pass) override {
    const auto parts = other(x, pass).chunk(2, 1);
    return x * (1 + parts[0]) + parts[1];
  }
};

/// A learned table with a row for each class.
class Table : public Wiring {
 public:
  bool begins_last() const override { return true; }
  void reset(const Init& init, Generator& generator) override {
    if (!init_.weight.empty()) return init_weight(table_, init_.over(init), generator);
    torch::NoGradGuard no_grad;
    table_.normal_(0, 1 / std::sqrt(static_cast<double>(table_.size(1))), generator);
  }

 protected:
  Table(const Shape& output, const std::string& name, int64_t classes, int64_t width, OwnInit init)
      : Wiring(output, name, classes), init_(std::move(init)) {
    parameter(table_, "table", {classes, width});
  }
  OwnInit init_;
  Tensor table_;
};

class Embedding final : public Table {
 public:
  Embedding(const Shape& output, const std::string& name, int64_t classes, OwnInit init)
      : Table(output, name, classes, output.numel(), std::move(init)) {}
  Tensor forward(const Tensor&, Pass& pass) override {
    const auto row = rows(table_, read(pass, name_));
    const auto& out = output();
    return out.is_vector() ? row : row.view({-1, out.channels, out.height, out.width});
  }
};

/// Miyato & Koyama 2018, arXiv:1802.05637: the label meets the features before the logit. Their mean over space, where
/// the paper sums: the label then weighs the same at every resolution.
class Projection final : public Table {
 public:
  Projection(const std::string& name, int64_t classes, std::string features, int64_t channels, OwnInit init)
      : Table({1, 1, 1}, name, classes, channels, std::move(init)), features_(std::move(features)) {}
  std::vector<std::string> reads() const override { return {name_, features_}; }
  Tensor forward(const Tensor& x, Pass& pass) override {
    const auto& seen = read(pass, features_);
    const auto features = seen.dim() == 4 ? seen.mean({2, 3}) : seen;
    return x.reshape({-1, 1}) + (rows(table_, read(pass, name_)) * features).sum(1, true);
  }

 private:
  std::string features_;
};

std::unique_ptr<Layer> make_mark(Arguments& a, const LayerInput& in) {
  const auto name = a.identifier("name");
  if (in.named.contains(name))
    fail(Fault::recipe, "'{}': there is a tensor of this name already; expected a new name", a.text());
  return std::make_unique<Mark>(in, name);
}

std::unique_ptr<Layer> make_take(Arguments& a, const LayerInput& in) {
  const auto name = a.identifier("name");
  return std::make_unique<Take>(shape_of(name, a, in), name);
}

bool has_places_of(const Shape& other, const Shape& in) {
  return other.is_vector() || (other.height == in.height && other.width == in.width);
}

std::unique_ptr<Layer> make_concat(Arguments& a, const LayerInput& in) {
  const auto name = a.identifier("name");
  const auto& other = shape_of(name, a, in);
  if (!has_places_of(other, in)) refuse(a, in, name, other, "a vector, or a picture of the same height and width");
  return std::make_unique<Concat>(in, name, other.channels);
}

std::unique_ptr<Layer> make_add(Arguments& a, const LayerInput& in) {
  const auto name = a.identifier("name");
  const auto& other = shape_of(name, a, in);
  if (other.channels != in.channels || !has_places_of(other, in))
    refuse(a, in, name, other, "the same shape, or a vector with the same channels");
  return std::make_unique<Add>(in, name, other.channels);
}

std::unique_ptr<Layer> make_modulate(Arguments& a, const LayerInput& in) {
  const auto name = a.identifier("name");
  const auto& other = shape_of(name, a, in);
  if (other.channels != 2 * in.channels || !has_places_of(other, in))
    refuse(a, in, name, other,
           fmt::format("{} channels in '{}', a scale and a shift for each of {}, as a vector or at every pixel",
                       2 * in.channels, name, in.channels));
  return std::make_unique<Modulate>(in, name, other.channels);
}

/// The classes, or soft labels, that a table is asked by.
int64_t classes_of(const std::string& name, const Arguments& a, const LayerInput& in) {
  const auto& labels = shape_of(name, a, in);
  if (!labels.is_vector())
    fail(Fault::recipe, "'{}': '{}' is {}; expected labels, or a vector", a.text(), name, to_string(labels));
  return labels.channels;
}

OwnInit own_init(Arguments& a) {
  OwnInit init;
  init.weight = a.call("init", check_weight_init);
  return init;
}

std::unique_ptr<Layer> make_embedding(Arguments& a, const LayerInput& in) {
  const auto name = a.identifier("name");
  const auto classes = classes_of(name, a, in);
  Shape out;
  out.channels = a.integer("channels", {}, 1);
  out.height = a.integer("height", 1, 1);
  out.width = a.integer("width", out.height, 1);
  return std::make_unique<Embedding>(out, name, classes, own_init(a));
}

std::unique_ptr<Layer> make_projection(Arguments& a, const LayerInput& in) {
  const auto name = a.identifier("name");
  const auto classes = classes_of(name, a, in);
  const auto features = a.identifier("features");
  const auto channels = shape_of(features, a, in).channels;
  if (in.numel() != 1)
    fail(Fault::recipe, "'{}': adds to one logit, but the current tensor is {}; put it after the last layer", a.text(),
         to_string(in));
  return std::make_unique<Projection>(name, classes, features, channels, own_init(a));
}

}  // namespace

std::vector<LayerEntry> wiring_layers() {
  return {
      {"mark", "mark(name)", "goes on, and keeps the current tensor under a name", "", make_mark},
      {"take", "take(name)", "goes on from the tensor of this name; x is the network's input, label the labels", "",
       make_take},
      {"concat", "concat(name)", "its channels after the current ones; a vector's at every pixel",
       "Ronneberger et al. 2015, arXiv:1505.04597", make_concat},
      {"add", "add(name)", "the sum with it; a vector is added at every pixel", "He et al. 2015, arXiv:1512.03385",
       make_add},
      {"modulate", "modulate(name)", "x * (1 + scale) + shift: its first half are scales, its second shifts",
       "Perez et al. 2017, arXiv:1709.07871", make_modulate},
      {"embedding", "embedding(name, channels, height=1, width=height, init=normal(1/sqrt(size)))",
       "a learned row for the label called name", "", make_embedding},
      {"projection", "projection(name, features, init=normal(1/sqrt(size)))",
       "adds to the logit how well the label suits the features", "Miyato & Koyama 2018, arXiv:1802.05637",
       make_projection},
  };
}

}  // namespace duet
