#pragma once

#include <map>
#include <mutex>

#include "duet/ops/bilinear.h"
#include "duet/ops/convolution.h"
#include "duet/ops/onednn.h"
#include "duet/ops/phases.h"
#include "duet/ops/winograd.h"

namespace duet {

/// A convolution's three products, on oneDNN where it can, with what was prepared for the shapes seen so far:
/// x is the picture [N,C,H,W], weight [K,C,k,l], y the feature map [N,K,h,w].
class ConvolutionPlans final : public Bilinear {
 public:
  explicit ConvolutionPlans(Window window) : window_(window) {}

  Tensor output(const Tensor& x, const Tensor& weight, const Tensor& bias, double slope) override;
  Tensor input(const Tensor& y, const Tensor& weight, torch::IntArrayRef size) override;
  Tensor weight(const Tensor& x, const Tensor& y) override;

 private:
  enum class Product { output, input, weight };
  struct Key {
    Product product;
    std::vector<int64_t> x;
    int64_t channels;  ///< of y
    torch::ScalarType type;
    bool bias;
    double slope;
    int threads;
    auto operator<=>(const Key&) const = default;
  };
  struct Plan {
    bool supported = false;
    dnnl::primitive primitive;
    dnnl::memory::desc x, y, bias, maps, patches, product;
    bool by_patches = false;  ///< as one matrix product with what the window sees at each of its places
    PackedWeight weight;
    std::unique_ptr<Winograd> winograd;     ///< does it instead, where there is one
    std::unique_ptr<InputByPhases> phases;  ///< the same
  };
  Plan& plan(const Key& key);
  void prepare(Plan& plan, const Key& key);
  bool prepare_weight_by_patches(Plan& plan, const Key& key) const;
  bool prepare_input_by_patches(Plan& plan, const Key& key) const;

  Window window_;
  WinogradStore winograd_weights_;
  std::mutex mutex_;
  std::map<Key, Plan> plans_;
};

}  // namespace duet
