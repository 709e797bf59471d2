#include "duet/ops/machine.h"

#include <algorithm>
#include <chrono>

#include "duet/ops/onednn.h"

namespace duet {

namespace {

/// An instruction set is a set of bits that holds those of all it contains.
bool has(dnnl::cpu_isa wanted) {
  const auto bits = static_cast<unsigned>(wanted);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & bits) == bits;
}

}  // namespace

bool has_bfloat16() { return has(dnnl::cpu_isa::avx512_core_bf16); }

bool has_avx512() { return has(dnnl::cpu_isa::avx512_core); }

bool has_amx() { return has(dnnl::cpu_isa::avx512_core_amx); }

bool knows_bfloat16() { return has_avx512(); }

double matrix_product_limit(bool bfloat16) {
  constexpr int64_t kSide = 1024;
  constexpr int kTries = 15;
  const auto type = bfloat16 && knows_bfloat16() ? dnnl::memory::data_type::bf16 : dnnl::memory::data_type::f32;
  const auto any = dnnl::memory::format_tag::any;
  const dnnl::memory::desc wanted({kSide, kSide}, type, any);
  const auto description = describe_matmul(cpu_engine(), wanted, wanted, {}, wanted);
  const dnnl::matmul product(description);
  dnnl::memory a(description.src_desc(), cpu_engine()), b(description.weights_desc(), cpu_engine()),
      c(description.dst_desc(), cpu_engine());
  for (auto* m : {&a, &b}) std::fill_n(static_cast<char*>(m->get_data_handle()), m->get_desc().get_size(), char{0});
  double best = 1e9;
  for (int i = 0; i < kTries; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    run(product, {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, c}});
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return 2.0 * kSide * kSide * kSide / best;
}

}  // namespace duet
