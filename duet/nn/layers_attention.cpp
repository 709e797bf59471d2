// Self-attention over the places of a picture: Zhang et al. 2018, arXiv:1805.08318.
#include "duet/core/error.h"
#include "duet/nn/layer.h"
#include "duet/ops/convert.h"
#include "duet/ops/convolution.h"

namespace duet {
namespace {

/// y = gamma v(o) + x, where o_j = sum over i of softmax_i(f(x_i) . g(x_j)) h(x_i); f, g and h make each pixel's C
/// channels fewer ones, v brings them back. gamma begins at 0, so the layer at first passes x on. Sums and softmax in
/// float32.
class SelfAttention final : public Layer {
 public:
  SelfAttention(const Shape& shape, int64_t inner, OwnInit init) : Layer(shape), init_(std::move(init)) {
    for (auto* weight : {&f_, &g_, &h_}) weight->shape = {inner, shape.channels, 1, 1};
    v_.shape = {shape.channels, inner, 1, 1};
    parameter(f_.value, "key.weight", f_.shape);
    parameter(g_.value, "query.weight", g_.shape);
    parameter(h_.value, "value.weight", h_.shape);
    parameter(v_.value, "output.weight", v_.shape);
    parameter(gamma_, "gamma", {1});
  }
  void reset(const Init& init, Generator& generator) override {
    for (auto* weight : {&f_, &g_, &h_, &v_}) init_weight(weight->value, init_.over(init), generator);
    torch::NoGradGuard no_grad;
    gamma_.zero_();
  }
  Tensor forward(const Tensor& input, Pass& pass) override {
    const auto x = as_pictures(input);
    const auto entering = pass.bfloat16 ? converted(x, torch::kBFloat16) : x;
    const auto keys = places(f_.of(entering)), queries = places(g_.of(entering)), values = places(h_.of(entering));
    const auto attention = torch::softmax(torch::bmm(queries, keys.transpose(1, 2)), 2);
    const auto seen = torch::bmm(attention, values)
                          .view({x.size(0), x.size(2), x.size(3), values.size(2)})
                          .permute({0, 3, 1, 2});  // channels-last, as the next product wants it
    const auto y = v_.of(pass.bfloat16 ? converted(seen, torch::kBFloat16) : seen);
    return x + converted(gamma_ * in_full(y), x.scalar_type());
  }
  /// Of the last of its four.
  const Bilinear::Work* work() const override { return &v_.product.work(); }

 private:
  struct Weight {
    std::vector<int64_t> shape;
    Tensor value{};
    Convolution product{Window{}};
    Tensor of(const Tensor& x) const { return product.apply(x, value); }
  };
  static Tensor in_full(const Tensor& x) {
    return x.scalar_type() == torch::kBFloat16 ? converted(x, torch::kFloat32) : x;
  }
  /// A picture [N,C,H,W] as rows of channels, [N, H W, C].
  static Tensor places(const Tensor& x) {
    return in_full(x).permute({0, 2, 3, 1}).reshape({x.size(0), x.size(2) * x.size(3), x.size(1)});
  }

  OwnInit init_;
  Weight f_, g_, h_, v_;
  Tensor gamma_;
};

std::unique_ptr<Layer> make_self_attention(Arguments& a, const Shape& in) {
  const auto inner = a.integer("channels", std::max<int64_t>(1, in.channels / 8), 1);
  OwnInit init;
  init.weight = a.call("init", check_weight_init);
  return std::make_unique<SelfAttention>(in, inner, std::move(init));
}

}  // namespace

std::vector<LayerEntry> attention_layers() {
  return {{"self_attention", "self_attention(channels=an eighth, init=network's)",
           "each pixel looks at all others; begins as x itself", "Zhang et al. 2018, arXiv:1805.08318",
           make_self_attention}};
}

}  // namespace duet
