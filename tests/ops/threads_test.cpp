// One layer, or two of equal shape, used by several threads at once: every result must be the one that a thread alone
// gets. oneDNN's primitives, packed weights and Winograd's are kept between calls.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "duet/core/torch.h"
// The order matters: the header above is precompiled.
#include "duet/ops/convolution.h"
#include "duet/ops/linear.h"
#include "duet/ops/one_thread.h"

namespace duet {
namespace {

constexpr int kThreads = 4;

Tensor normal(torch::IntArrayRef sizes, uint64_t seed, torch::ScalarType type = torch::kFloat32) {
  return torch::empty(sizes).normal_(0, 1, make_generator(seed)).to(type);
}

/// How many of `calls` in each of some threads gave something else than `work(call)` did before, alone.
int wrong(int calls, const std::function<Tensor(int call)>& work) {
  std::vector<Tensor> right;
  {
    const OneThread alone;
    const torch::NoGradGuard no_grad;
    for (int call = 0; call < calls; ++call) right.push_back(work(call));
  }
  std::atomic<int> count = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      const OneThread alone;
      const torch::NoGradGuard no_grad;
      for (int i = 0; i < calls; ++i) {
        const int call = (i + t * calls / kThreads) % calls;
        count += !torch::equal(work(call), right[static_cast<size_t>(call)]);
      }
    });
  for (auto& thread : threads) thread.join();
  return count;
}

struct Shapes {
  int64_t n, in, side, out, kernel, stride, padding;
};

TEST(Threads, ShareAConvolution) {
  for (const auto type : {torch::kFloat32, torch::kBFloat16})
    for (const auto& s : {Shapes{4, 16, 14, 1, 4, 2, 1}, Shapes{4, 24, 14, 3, 5, 2, 2}, Shapes{8, 64, 8, 32, 4, 2, 1},
                          Shapes{4, 100, 1, 48, 4, 1, 0}, Shapes{4, 20, 9, 12, 3, 1, 1}}) {
      const Convolution convolution({s.kernel, s.stride, s.padding});
      const auto weight = normal({s.in, s.out, s.kernel, s.kernel}, 1);
      const auto up = [&](int call) {
        return convolution.apply_transposed(normal({s.n, s.in, s.side, s.side}, 10 + static_cast<uint64_t>(call), type),
                                            weight);
      };
      EXPECT_EQ(wrong(60, up), 0) << "to " << s.out << " channels of " << type;
      const auto down = [&](int call) {
        const int64_t side = (s.side - 1) * s.stride - 2 * s.padding + s.kernel;
        return convolution.apply(normal({s.n, s.out, side, side}, 10 + static_cast<uint64_t>(call), type), weight, {},
                                 0.2);
      };
      EXPECT_EQ(wrong(60, down), 0) << "from " << s.out << " channels of " << type;
    }
}

// As with spectral normalisation, where every forward makes a weight of its own.
TEST(Threads, ShareAConvolutionWhoseWeightsAreMadeAnewEachTime) {
  for (const auto& s : {Shapes{2, 24, 6, 3, 5, 2, 2}, Shapes{8, 64, 8, 32, 4, 2, 1}, Shapes{4, 20, 9, 12, 3, 1, 1}}) {
    const Convolution convolution({s.kernel, s.stride, s.padding});
    const auto x = normal({s.n, s.in, s.side, s.side}, 3);
    const auto work = [&](int call) {
      return convolution.apply_transposed(x,
                                          normal({s.in, s.out, s.kernel, s.kernel}, 10 + static_cast<uint64_t>(call)));
    };
    EXPECT_EQ(wrong(60, work), 0) << "to " << s.out << " channels";
  }
}

TEST(Threads, ShareALinearLayer) {
  for (const auto type : {torch::kFloat32, torch::kBFloat16})
    for (const bool anew : {false, true}) {
      const Linear linear;
      const auto kept = normal({48, 100}, 1), bias = normal({48}, 2), x = normal({4, 100}, 3, type);
      const auto work = [&](int call) {
        const auto seed = 10 + static_cast<uint64_t>(call);
        return anew ? linear.apply(x, normal({48, 100}, seed), bias)
                    : linear.apply(normal({4, 100}, seed, type), kept, bias, 0.2);
      };
      EXPECT_EQ(wrong(200, work), 0) << type << (anew ? ", new weights" : "");
    }
}

// Two layers of equal shape share what oneDNN keeps by itself.
TEST(Threads, UseLayersOfEqualShape) {
  std::vector<Convolution> layers;
  for (int t = 0; t < kThreads; ++t) layers.emplace_back(Window{5, 2, 2});
  const auto weight = normal({24, 3, 5, 5}, 1);
  const auto work = [&](int call) {
    return layers[static_cast<size_t>(call % kThreads)].apply_transposed(
        normal({4, 24, 14, 14}, 10 + static_cast<uint64_t>(call)), weight);
  };
  EXPECT_EQ(wrong(100, work), 0);
}

TEST(Threads, GetGradientsOfTheirOwnFromOneLayer) {
  const Convolution convolution({4, 2, 1});
  const auto weight = normal({24, 3, 4, 4}, 1);
  const auto work = [&](int call) {
    const torch::AutoGradMode with(true);
    const auto x = normal({4, 3, 16, 16}, 10 + static_cast<uint64_t>(call)).requires_grad_();
    const auto w = weight.clone().requires_grad_();
    const auto y = convolution.apply(x, w, {}, 0.2);
    const auto gradients = torch::autograd::grad({y.square().sum()}, {x, w});
    return torch::cat({gradients[0].flatten(), gradients[1].flatten()});
  };
  EXPECT_EQ(wrong(60, work), 0);
}

TEST(OneThread, HoldsWhileItLivesAndForItsThreadAlone) {
  const int usual = at::get_num_threads();
  at::set_num_threads(3);  // some machines have one, of which nothing could be told
  const int before = at::get_num_threads();
  EXPECT_EQ(before, 3);
  {
    const OneThread alone;
    EXPECT_EQ(at::get_num_threads(), 1);
    int other = 0;
    std::thread([&] { other = at::get_num_threads(); }).join();
    EXPECT_EQ(other, before);
  }
  EXPECT_EQ(at::get_num_threads(), before);
  at::set_num_threads(usual);
}

TEST(OneThread, HoldsInANewThreadThatThenComputesInParallel) {
  const int before = at::get_num_threads();
  at::set_num_threads(3);
  int then = 0;
  std::thread([&] {
    const OneThread alone;
    at::parallel_for(0, 1, 1, [](int64_t, int64_t) {});
    then = at::get_num_threads();
  }).join();
  at::set_num_threads(before);
  EXPECT_EQ(then, 1);
}

}  // namespace
}  // namespace duet
