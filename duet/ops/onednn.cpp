#include "duet/ops/onednn.h"

namespace duet {

const dnnl::engine& cpu_engine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

bool suits_onednn(const Tensor& x) {
  return x.device().is_cpu() && (x.scalar_type() == torch::kFloat32 || x.scalar_type() == torch::kBFloat16);
}

dnnl::memory::data_type onednn_type(torch::ScalarType type) {
  return type == torch::kBFloat16 ? dnnl::memory::data_type::bf16 : dnnl::memory::data_type::f32;
}

dnnl::memory view(const Tensor& x, const dnnl::memory::desc& layout) {
  return dnnl::memory(layout, cpu_engine(), x.data_ptr());
}

void run(const dnnl::primitive& primitive, std::unordered_map<int, dnnl::memory> arguments) {
  const auto* wanted = dnnl_primitive_desc_query_md(primitive.get_primitive_desc(), dnnl_query_scratchpad_md, 0);
  const auto bytes = wanted ? static_cast<int64_t>(dnnl_memory_desc_get_size(wanted)) : 0;
  Tensor room;
  if (bytes > 0) {
    room = torch::empty({bytes}, torch::kUInt8);
    arguments.emplace(DNNL_ARG_SCRATCHPAD,
                      view(room, {{bytes}, dnnl::memory::data_type::u8, dnnl::memory::format_tag::a}));
  }
  dnnl::stream stream(cpu_engine());
  primitive.execute(stream, arguments);
  stream.wait();
}

bool Source::is(const Tensor& tensor) const {
  return owner_._unsafe_get_target() == tensor.unsafeGetTensorImpl() && data_ == tensor.data_ptr() &&
         version_ == tensor._version();
}

void Source::set(const Tensor& tensor) {
  owner_ = c10::weak_intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>(tensor.getIntrusivePtr());
  data_ = tensor.data_ptr();
  version_ = tensor._version();
}

PackedWeight::PackedWeight(const dnnl::memory::desc& plain, const dnnl::memory::desc& packed)
    : plain_(plain),
      packed_(packed),
      memory_(std::make_shared<dnnl::memory>(packed, cpu_engine())),
      to_packed_({cpu_engine(), plain, cpu_engine(), packed, attributes()}),
      to_plain_({cpu_engine(), packed, cpu_engine(), plain, attributes()}) {}

std::shared_ptr<const dnnl::memory> PackedWeight::pack(const Tensor& weight) {
  if (source_.is(weight)) return memory_;
  // Others may still read what is there.
  if (memory_.use_count() > 1) memory_ = std::make_shared<dnnl::memory>(packed_, cpu_engine());
  const auto plain = weight.contiguous();
  run(to_packed_, {{DNNL_ARG_FROM, view(plain, plain_)}, {DNNL_ARG_TO, *memory_}});
  source_.set(weight);
  return memory_;
}

void PackedWeight::unpack(const Tensor& weight) {
  run(to_plain_, {{DNNL_ARG_FROM, *memory_}, {DNNL_ARG_TO, view(weight, plain_)}});
}

}  // namespace duet
