#include "duet/ops/conv_transpose.h"

#include <gtest/gtest.h>

#include "duet/core/random.h"

namespace duet {
namespace {

TEST(ConvTranspose, EqualsLibTorchsAtRandomShapes) {
  auto generator = make_generator(1);
  const auto normal = [&](std::vector<int64_t> sizes) {
    return torch::empty(sizes, torch::kFloat64).normal_(0, 1, generator).requires_grad_();
  };
  for (uint64_t i = 0; i < 40; ++i) {
    Random random(7, 0, i);
    const int64_t stride = 1 + random.below(3), kernel = stride + random.below(4),
                  padding = random.below(kernel / 2 + 1);
    const int64_t output_padding = random.below(stride), side = 2 + random.below(4);
    SCOPED_TRACE(testing::Message() << "kernel " << kernel << ", stride " << stride << ", padding " << padding);
    const auto x = normal({1 + random.below(3), 1 + random.below(4), side, side + 1});
    const auto weight = normal({x.size(1), 1 + random.below(4), kernel, kernel}), bias = normal({weight.size(1)});
    const auto ours = conv_transpose(x, weight, bias, stride, padding, output_padding);
    const auto theirs = torch::conv_transpose2d(x, weight, bias, stride, padding, output_padding);
    ASSERT_EQ(ours.sizes(), theirs.sizes());
    EXPECT_TRUE(torch::allclose(ours, theirs, 1e-10, 1e-10));
    // First and second order: gradients of a loss of the gradients.
    const auto probe = [&](const Tensor& y) {
      const auto first = torch::autograd::grad({y.square().sum()}, {x, weight, bias}, {}, true, true);
      const auto loss = first[0].square().sum() + first[1].square().sum() + first[2].square().sum();
      return torch::autograd::grad({loss}, {x, weight, bias});
    };
    const auto a = probe(ours), b = probe(theirs);
    for (size_t k = 0; k < a.size(); ++k) EXPECT_TRUE(torch::allclose(a[k], b[k], 1e-9, 1e-9)) << k;
  }
}

}  // namespace
}  // namespace duet
