// Virtual batch norm (Salimans et al. 2016, arXiv:1606.03498, section 3.5): batch_norm(statistics=reference).
#include "tests/gradient.h"
#include "tests/nn/families.h"

namespace duet {
namespace {

const std::string kNorm = "batch_norm(statistics=reference, reference=3, affine=false)";
const NetworkContext kAt{.name = "critic", .input = {2}, .output = {2}};

Network made(const std::string& list, const NetworkContext& at = kAt) {
  auto network = made_of("layers", "layers = ['" + list + "']", at);
  network.to(torch::kFloat64);
  return network;
}

Tensor forward(const Network& network, const Tensor& x, const Named& with = {}, bool training = true,
               int64_t groups = 1) {
  Pass pass{.training = training, .noise = make_generator(5), .groups = groups};
  return network.forward(x, with, pass);
}

Tensor drawn(torch::IntArrayRef sizes, uint64_t seed = 1) {
  return torch::empty(sizes, torch::kFloat64).normal_(0, 1, make_generator(seed));
}

double difference(const Tensor& a, const Tensor& b) { return (a - b).abs().max().item<double>(); }

Tensor buffer(const Network& network, const std::string& name) {
  for (const auto& [own, value] : network.buffers())
    if (own == name) return value;
  throw std::logic_error("no buffer " + name);
}

/// The definition: the statistics of the reference batch and the example together.
Tensor expected(const Tensor& x, const Tensor& reference) {
  std::vector<Tensor> all;
  for (int64_t i = 0; i < x.size(0); ++i) {
    const auto together = torch::cat({reference, x.narrow(0, i, 1)});
    const auto dims = x.dim() == 4 ? std::vector<int64_t>{0, 2, 3} : std::vector<int64_t>{0};
    all.push_back((x.narrow(0, i, 1) - together.mean(dims, true)) /
                  (together.var(dims, /*unbiased=*/false, true) + 1e-5).sqrt());
  }
  return torch::cat(all);
}

TEST(VirtualBatchNorm, NormalisesEachExampleTogetherWithTheReferenceBatch) {
  for (const Shape& shape : {Shape{2}, Shape{2, 3, 4}}) {
    const auto network = made(kNorm, {.name = "critic", .input = shape, .output = shape});
    const auto sizes = [&](int64_t n) {
      return shape.is_vector() ? std::vector<int64_t>{n, 2} : std::vector<int64_t>{n, 2, 3, 4};
    };
    const auto first = drawn(sizes(5)) * 2 + 1, later = drawn(sizes(4), 2) * 3 - 1;
    const auto reference = first.narrow(0, 0, 3);
    EXPECT_LT(difference(forward(network, first), expected(first, reference)), 1e-12);
    EXPECT_LT(difference(forward(network, later), expected(later, reference)), 1e-12);
    EXPECT_LT(difference(forward(network, later, {}, /*training=*/false), expected(later, reference)), 1e-12);
    EXPECT_TRUE(torch::equal(buffer(network, "00.batch_norm.reference.x"), reference));
  }
}

TEST(VirtualBatchNorm, SendsTheReferenceBatchThroughTheLayersAsTheyAreNow) {
  const auto network = made("dense(2)', 'tanh', '" + kNorm + "', 'dense(2)', '" + kNorm);
  const auto first = drawn({3, 2}), x = drawn({4, 2}, 2);
  forward(network, first);
  {
    torch::NoGradGuard no_grad;
    for (const auto& [name, value] : network.parameters()) Tensor(value).mul_(1.5);
  }
  const auto& p = network.parameters();
  const auto hidden = [&](const Tensor& t) { return torch::tanh(torch::linear(t, p[0].value, p[1].value)); };
  const auto last = [&](const Tensor& t) { return torch::linear(t, p[2].value, p[3].value); };
  const auto reference = hidden(first);
  // The reference batch itself goes on by its own statistics.
  const auto of_reference = (reference - reference.mean(0)) / (reference.var(0, /*unbiased=*/false) + 1e-5).sqrt();
  EXPECT_LT(difference(forward(network, x), expected(last(expected(hidden(x), reference)), last(of_reference))), 1e-12);
}

TEST(VirtualBatchNorm, KeepsExamplesApartAndTakesTheReferenceFromTheFirstGroup) {
  const auto network = made(kNorm);
  EXPECT_TRUE(network.keeps_groups_apart());
  EXPECT_FALSE(network.mixes_examples());
  EXPECT_EQ(network.normalises_batch(), "");
  const auto a = drawn({4, 2}), b = drawn({4, 2}, 2);
  const auto together = forward(network, torch::cat({a, b}), {}, true, 2);
  EXPECT_TRUE(torch::equal(together.narrow(0, 4, 4), forward(network, b)));
  EXPECT_TRUE(torch::equal(forward(network, b.narrow(0, 1, 1)), forward(network, b).narrow(0, 1, 1)));
}

TEST(VirtualBatchNorm, KeepsWhatElseTheNetworkReadsOfTheReferenceBatch) {
  auto at = kAt;
  at.output = {5};
  at.with = {{"label", {2}}, {"share", {1}}};
  const auto network = made("concat(label)', 'concat(share)', '" + kNorm, at);
  const auto first = drawn({3, 2}), x = drawn({2, 2}, 2), share = drawn({3}, 3);
  const auto labels = torch::tensor({1, 0, 1}, torch::kInt64);
  forward(network, first, {{"label", labels}, {"share", share}});
  const auto all = [](const Tensor& t, const Tensor& label, const Tensor& s) {
    return torch::cat({t, torch::one_hot(label, 2).to(torch::kFloat64), s.view({-1, 1})}, 1);
  };
  const auto later = torch::tensor({0, 0}, torch::kInt64);
  const auto later_share = drawn({2}, 4);
  EXPECT_LT(difference(forward(network, x, {{"label", later}, {"share", later_share}}),
                       expected(all(x, later, later_share), all(first, labels, share))),
            1e-12);
}

TEST(VirtualBatchNorm, HasTheGradientsOfCentralDifferences) {
  for (const std::string text : {"batch_norm(statistics=reference, reference=3)",
                                 "batch_norm(statistics=reference, reference=3, over=features, shift=false)"}) {
    const auto network =
        made("conv(2, kernel=2)', '" + text, {.name = "critic", .input = {2, 3, 3}, .output = {2, 2, 2}});
    auto generator = make_generator(2);
    forward(network, drawn({3, 2, 3, 3}));
    const auto x = normal_leaf({2, 2, 3, 3}, generator);
    const auto mixture = drawn({2, 2, 2, 2}, 7);
    std::vector<Tensor> inputs{x};
    for (const auto& [name, value] : network.parameters()) inputs.push_back(value);
    const auto value = [&] { return (torch::tanh(forward(network, x)) * mixture).sum(); };
    EXPECT_TRUE(check_gradients(value, inputs));
    EXPECT_TRUE(check_second_gradients(value, x, inputs));
  }
}

TEST(VirtualBatchNorm, HasAnEpsilonOfItsOwnAndNormalisesInFloat32) {
  const auto layer = make_layer("batch_norm(statistics=reference, reference=2, eps=3, affine=false)", {1});
  Pass pass{.training = true, .noise = {}, .reference = 2, .named = {}};
  // The reference 0 and 2, and 4: mean 2 and variance 8 / 3 together.
  const auto x = torch::tensor({0.F, 2.F, 4.F}).view({3, 1});
  EXPECT_NEAR(layer->forward(x, pass)[2].item<double>(), 2 / std::sqrt(8.0 / 3 + 3), 1e-6);
  // 256 and 258 about 257, which bfloat16 does not have.
  const auto y = layer->forward((x.narrow(0, 0, 2) + 256).to(torch::kBFloat16), pass);
  EXPECT_EQ(y.scalar_type(), torch::kBFloat16);
  EXPECT_NEAR(y[1].item<double>(), 1 / std::sqrt(1.0 + 3), 0.002);
}

TEST(VirtualBatchNorm, FixesItsReferenceInTheFirstTrainingForwardAlone) {
  const auto network = made(kNorm);
  const auto x = drawn({4, 2});
  const auto zeros = torch::zeros({3, 2}, torch::kFloat64);
  EXPECT_LT(difference(forward(network, x, {}, /*training=*/false), expected(x, zeros)), 1e-12) << "until then zeros";
  forward(network, x);
  forward(network, drawn({4, 2}, 2));
  EXPECT_TRUE(torch::equal(buffer(network, "00.batch_norm.reference.x"), x.narrow(0, 0, 3)));
  // As a checkpoint does that is loaded.
  const auto other = made(kNorm);
  forward(other, drawn({4, 2}, 3));
  for (size_t i = 0; i < network.buffers().size(); ++i)
    Tensor(other.buffers()[i].value).copy_(network.buffers()[i].value);
  const auto later = drawn({5, 2}, 4);
  EXPECT_TRUE(torch::equal(forward(other, later), forward(network, later)));
  buffer(other, "00.batch_norm.reference_kept").zero_();
  forward(other, later);
  EXPECT_TRUE(torch::equal(buffer(other, "00.batch_norm.reference.x"), later.narrow(0, 0, 3)));
}

TEST(VirtualBatchNorm, RefusesWhatDoesNotGoTogether) {
  const auto refused = [](const std::string& list) { return refusal_of("layers", "layers = ['" + list + "']", kAt); };
  EXPECT_EQ(refused(kNorm + "', 'batch_norm"),
            "[network.critic]: 'batch_norm' would mix the batch with the reference batch of '" + kNorm +
                "'; expected one or the other in a network");
  EXPECT_EQ(refused(kNorm + "', 'batch_norm(statistics=reference)"),
            "[network.critic]: 'batch_norm(statistics=reference)' refers to 64 examples, '" + kNorm +
                "' to 3; expected the same for all");
  const auto network = made(kNorm);
  try {
    forward(network, drawn({4, 2}), {}, true, /*groups=*/2);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::recipe);
    EXPECT_STREQ(error.what(),
                 "[network.critic]: statistics = reference refers to 3 examples, but a batch has 2; set reference = 2, "
                 "or a larger batch");
  }
}

}  // namespace
}  // namespace duet
