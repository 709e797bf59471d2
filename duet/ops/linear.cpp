// Three matrix products. Our own kernels where the CPU has AVX-512; else oneDNN's, which in float32 take the weights as
// they lie; in bfloat16 they need a packed copy, which is kept until the weights change.
#include "duet/ops/linear.h"

#include <mutex>

#include "duet/ops/dense_kernels.h"
#include "duet/ops/machine.h"
#include "duet/ops/onednn.h"

namespace duet {
namespace {

using Desc = dnnl::memory::desc;

/// A matrix in memory: rows x columns, `transposed` when the columns' numbers lie together.
Desc matrix(int64_t rows, int64_t columns, torch::ScalarType type, bool transposed = false) {
  return {
      {rows, columns}, onednn_type(type), transposed ? dnnl::memory::dims{1, rows} : dnnl::memory::dims{columns, 1}};
}

using Product = DenseKernels::Product;

/// A thread more is worth its waking for so many multiplications and additions.
constexpr int64_t kFlopsOfThread = 1'000'000;

const DenseKernels* dense_kernels(const Tensor& x) {
  if (!suits_onednn(x)) return nullptr;
  // On AMX oneDNN's products are several times as fast.
  if (x.scalar_type() == torch::kBFloat16) return has_bfloat16() && !has_amx() ? dense_kernels_bf16() : nullptr;
  return has_avx512() ? dense_kernels_fp32() : nullptr;
}

/// work(first, last, room) over all units of a product, split among threads.
template <class Work>
void in_units(const DenseKernels& kernels, const DenseShape& shape, Product product, const Work& work) {
  const int64_t units = kernels.units(shape, product), bytes = kernels.room_bytes(shape, product);
  const int64_t flops_of_unit = 2 * shape.n * shape.in * shape.out / units;
  const int64_t least = kFlopsOfThread / std::max<int64_t>(1, flops_of_unit) + 1;
  const auto room = torch::empty({at::get_num_threads(), bytes}, torch::kUInt8);
  at::parallel_for(0, units, least, [&](int64_t first, int64_t last) {
    work(first, last, room.data_ptr<uint8_t>() + at::get_thread_num() * bytes);
  });
}

class LinearPlans final : public Bilinear {
 public:
  Tensor output(const Tensor& x, const Tensor& weight, const Tensor& bias, double slope) override {
    const auto type = x.scalar_type();
    count(x.size(0), weight.numel(), !suits_onednn(x));
    const int64_t n = x.size(0), in = weight.size(1), out = weight.size(0);
    if (const auto* kernels = dense_kernels(x)) {
      const auto rows = x.contiguous(), weights = weight.contiguous();
      const auto y = torch::empty({n, out}, x.options().requires_grad(false));
      const auto* shift = bias.defined() ? bias.data_ptr<float>() : nullptr;
      in_units(*kernels, {n, in, out}, Product::output, [&](int64_t first, int64_t last, void* room) {
        kernels->output({n, in, out}, rows.data_ptr(), weights.data_ptr<float>(), shift, static_cast<float>(slope),
                        y.data_ptr(), first, last, room);
      });
      return y;
    }
    if (suits_onednn(x)) {
      std::unique_lock lock(mutex_);
      auto& plan = plans_[{0, n, type, bias.defined(), slope, at::get_num_threads()}];
      if (!plan.ready) {
        plan.prepare(matrix(n, in, type), matrix(in, out, torch::kFloat32, true), matrix(n, out, type), bias.defined(),
                     then_leaky(slope));
      }
      return plan.run(lock, x, weight, bias, {n, out});
    }
    const auto same = [&](const Tensor& t) { return t.defined() ? t.to(type) : t; };
    const auto y = torch::linear(x, same(weight), same(bias));
    return slope == 1 ? y : at::leaky_relu(y, slope);
  }

  Tensor input(const Tensor& y, const Tensor& weight, torch::IntArrayRef size) override {
    const auto type = y.scalar_type();
    count(y.size(0), weight.numel(), !suits_onednn(y));
    const int64_t n = y.size(0), in = weight.size(1), out = weight.size(0);
    if (const auto* kernels = dense_kernels(y)) {
      const auto rows = y.contiguous(), weights = weight.contiguous();
      const auto x = torch::empty(size, y.options().requires_grad(false));
      in_units(*kernels, {n, in, out}, Product::input, [&](int64_t first, int64_t last, void* room) {
        kernels->input({n, in, out}, rows.data_ptr(), weights.data_ptr<float>(), x.data_ptr(), first, last, room);
      });
      return x;
    }
    if (suits_onednn(y)) {
      std::unique_lock lock(mutex_);
      auto& plan = plans_[{1, n, type, false, 1, at::get_num_threads()}];
      if (!plan.ready)
        plan.prepare(matrix(n, out, type), matrix(out, in, torch::kFloat32), matrix(n, in, type), false, attributes());
      return plan.run(lock, y, weight, {}, size);
    }
    return torch::mm(y, weight.to(type));
  }

  Tensor weight(const Tensor& x, const Tensor& y) override {
    const auto type = x.scalar_type();
    count(x.size(0), x.size(1) * y.size(1), !suits_onednn(x));
    const int64_t n = x.size(0), in = x.size(1), out = y.size(1);
    if (const auto* kernels = dense_kernels(x)) {
      const auto rows = x.contiguous(), gradients = y.contiguous();
      const auto weight = torch::empty({out, in}, torch::kFloat32);
      in_units(*kernels, {n, in, out}, Product::weight, [&](int64_t first, int64_t last, void* room) {
        kernels->weight({n, in, out}, rows.data_ptr(), gradients.data_ptr(), weight.data_ptr<float>(), first, last,
                        room);
      });
      return weight;
    }
    if (suits_onednn(x)) {
      std::unique_lock lock(mutex_);
      auto& plan = plans_[{2, n, type, false, 1, at::get_num_threads()}];
      if (!plan.ready)
        plan.prepare_plain(matrix(out, n, type, true), matrix(n, in, type), matrix(out, in, torch::kFloat32));
      lock.unlock();
      return plan.run_plain(y.contiguous(), x.contiguous(), torch::empty({out, in}, torch::kFloat32));
    }
    return torch::mm(y.t(), x);
  }

 private:
  struct Key {
    int product;
    int64_t n;
    torch::ScalarType type;
    bool bias;
    double slope;
    int threads;
    auto operator<=>(const Key&) const = default;
  };

  /// One product of two matrices, the second of them a weight.
  struct Plan {
    bool ready = false, packs = false;
    dnnl::matmul primitive;
    Desc a, b, c, bias;
    PackedWeight packed;

    void prepare(const Desc& left, const Desc& weights, const Desc& result, bool has_bias,
                 const dnnl::primitive_attr& after) {
      a = left, b = weights, c = result;
      packs = type_of(left) != dnnl::memory::data_type::f32;
      if (has_bias) bias = matrix(1, sizes(result)[1], torch::kFloat32);
      const Desc wanted = packs ? Desc(sizes(weights), type_of(left), dnnl::memory::format_tag::any) : weights;
      const auto description = describe_matmul(cpu_engine(), a, wanted, bias, c, after);
      primitive = dnnl::matmul(description);
      if (packs) packed = PackedWeight(weights, description.weights_desc());
      ready = true;
    }

    void prepare_plain(const Desc& left, const Desc& right, const Desc& result) {
      a = left, b = right, c = result;
      primitive = dnnl::matmul(describe_matmul(cpu_engine(), a, b, {}, c));
      ready = true;
    }

    /// Ends the lock as soon as the weights are packed.
    Tensor run(std::unique_lock<std::mutex>& lock, const Tensor& left, const Tensor& weight, const Tensor& add,
               torch::IntArrayRef size) {
      const auto rows = left.contiguous(), plain = packs ? weight : weight.contiguous();
      const auto held = packs ? packed.pack(weight) : nullptr;
      const auto weights = held ? *held : view(plain, b);
      lock.unlock();
      const auto out = torch::empty(size, left.options().requires_grad(false));
      std::unordered_map<int, dnnl::memory> arguments = {
          {DNNL_ARG_SRC, view(rows, a)}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DST, view(out, c)}};
      if (add.defined()) arguments.emplace(DNNL_ARG_BIAS, view(add, bias));
      duet::run(primitive, arguments);
      return out;
    }

    Tensor run_plain(const Tensor& left, const Tensor& right, const Tensor& out) const {
      duet::run(primitive,
                {{DNNL_ARG_SRC, view(left, a)}, {DNNL_ARG_WEIGHTS, view(right, b)}, {DNNL_ARG_DST, view(out, c)}});
      return out;
    }
  };

  std::mutex mutex_;
  std::map<Key, Plan> plans_;
};

}  // namespace

Linear::Linear() : plans_(c10::make_intrusive<LinearPlans>()) {}

}  // namespace duet
