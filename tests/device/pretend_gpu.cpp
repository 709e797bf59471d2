#include "tests/device/pretend_gpu.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <sys/mman.h>
#include <torch/library.h>

#include <algorithm>
#include <bit>
#include <map>
#include <mutex>
#include <stdexcept>
#include <unordered_map>

#include "duet/core/torch.h"

namespace duet {
namespace {

/// LibTorch's optional, which is std's in later versions.
template <class Known, class T>
struct SameKind;
template <template <class> class Kind, class Known, class T>
struct SameKind<Kind<Known>, T> {
  using type = Kind<T>;
};
template <class T>
using Optional = typename SameKind<decltype(at::TensorOptions().layout_opt()), T>::type;

const c10::Device kGpu(c10::DeviceType::CUDA, 0);

/// The device's memory: locked except while an operation runs.
class DeviceMemory final : public AllocatorBase {
 public:
  static DeviceMemory& get() {
    static auto& memory = *new DeviceMemory;
    return memory;
  }
  c10::DataPtr take(size_t bytes) const override {
    const size_t size = std::bit_ceil(std::max<size_t>(bytes, 64));
    std::lock_guard lock(mutex_);
    auto& free = free_[size];
    void* data = nullptr;
    if (free.empty()) {
      data = base_ + used_;
      if ((used_ += size) > kBytes) throw std::runtime_error("the pretended GPU is out of memory");
    } else {
      data = free.back();
      free.pop_back();
    }
    size_of_[data] = size;
    return {data, data, [](void* block) { get().give_back(block); }, kGpu};
  }
  void open() {
    std::lock_guard lock(mutex_);
    if (++open_ == 1) ::mprotect(base_, kBytes, PROT_READ | PROT_WRITE);
  }
  void close() {
    std::lock_guard lock(mutex_);
    if (--open_ == 0) ::mprotect(base_, kBytes, PROT_NONE);
  }
  /// All that it holds.
  std::vector<char> content() {
    open();
    std::vector<char> bytes(base_, base_ + used_);
    close();
    return bytes;
  }
  void put_back(const std::vector<char>& bytes) {
    open();
    std::copy(bytes.begin(), bytes.end(), base_);
    close();
  }
  long held() const {
    std::lock_guard lock(mutex_);
    return static_cast<long>(size_of_.size());
  }

 private:
  static constexpr size_t kBytes = size_t{1} << 30;
  DeviceMemory() {
    base_ = static_cast<char*>(::mmap(nullptr, kBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (base_ == MAP_FAILED) throw std::runtime_error("no room for the pretended GPU");
  }
  void give_back(void* block) {
    std::lock_guard lock(mutex_);
    const auto held = size_of_.find(block);
    free_[held->second].push_back(block);
    size_of_.erase(held);
  }

  mutable std::mutex mutex_;
  char* base_;
  mutable size_t used_ = 0;
  mutable std::map<size_t, std::vector<void*>> free_;        // by size
  mutable std::unordered_map<const void*, size_t> size_of_;  // blocks in use
  int open_ = 0;
};

struct Opened {
  Opened() { DeviceMemory::get().open(); }
  ~Opened() { DeviceMemory::get().close(); }
};

Tensor device_tensor(c10::Storage storage, const Tensor& like) {
  auto out = at::detail::make_tensor<c10::TensorImpl>(std::move(storage), c10::DispatchKeySet(c10::DispatchKey::CUDA),
                                                      like.dtype());
  out.unsafeGetTensorImpl()->set_storage_offset(like.storage_offset());
  out.unsafeGetTensorImpl()->set_sizes_and_strides(like.sizes(), like.strides());
  return out;
}

c10::Storage device_storage(size_t bytes) {
  return {c10::Storage::use_byte_size_t(), bytes, DeviceMemory::get().take(bytes), &DeviceMemory::get(), true};
}

/// One operation's view of the device: its tensors as CPU tensors, in the same memory.
class OnCpu {
 public:
  explicit OnCpu(std::string operation) : operation_(std::move(operation)) {}

  Tensor in(const Tensor& tensor) {
    if (!tensor.defined()) return tensor;
    if (tensor.device().is_cpu()) {
      if (tensor.dim() > 0)
        throw std::runtime_error(operation_ + ": expected all tensors to be on the same device, found cuda:0 and cpu");
      return tensor;
    }
    auto* storage = tensor.storage().unsafeGetStorageImpl();
    if (storage->nbytes() == 0) {  // perhaps a result that wants its room
      given_.emplace_back(at::empty(tensor.sizes(), tensor.dtype()), tensor);
      return given_.back().first;
    }
    auto found = by_device_.find(storage);
    if (found == by_device_.end()) {
      c10::Storage same(c10::Storage::use_byte_size_t(), storage->nbytes(),
                        c10::DataPtr(storage->data_ptr().get(), c10::kCPU), nullptr, false);
      by_cpu_.emplace(same.unsafeGetStorageImpl(), tensor.storage());
      found = by_device_.emplace(storage, same).first;
    }
    auto out = at::detail::make_tensor<c10::TensorImpl>(c10::Storage(found->second),
                                                        c10::DispatchKeySet(c10::DispatchKey::CPU), tensor.dtype());
    out.unsafeGetTensorImpl()->set_storage_offset(tensor.storage_offset());
    out.unsafeGetTensorImpl()->set_sizes_and_strides(tensor.sizes(), tensor.strides());
    given_.emplace_back(out, tensor);
    return out;
  }

  Tensor out(const Tensor& tensor) {
    if (!tensor.defined()) return tensor;
    for (const auto& [cpu, device] : given_)
      if (cpu.is_same(tensor)) {
        if (!device.sizes().equals(cpu.sizes())) {
          auto* resized = device.unsafeGetTensorImpl();
          resized->set_storage_keep_dtype(copied(cpu));
          resized->set_sizes_and_strides(cpu.sizes(), cpu.strides());
        }
        return device;
      }
    const auto view = by_cpu_.find(tensor.storage().unsafeGetStorageImpl());
    if (view != by_cpu_.end()) return device_tensor(view->second, tensor);
    return device_tensor(copied(tensor), tensor);
  }

 private:
  static c10::Storage copied(const Tensor& tensor) {
    const auto& from = tensor.storage();
    auto storage = device_storage(from.nbytes());
    std::memcpy(storage.data_ptr().get(), from.data_ptr().get(), from.nbytes());
    return storage;
  }

  std::string operation_;
  std::unordered_map<c10::StorageImpl*, c10::Storage> by_device_, by_cpu_;
  std::vector<std::pair<Tensor, Tensor>> given_;
};

template <class F>
void change_tensors(c10::IValue& value, const F& f) {
  if (value.isTensor()) {
    value = f(value.toTensor());
  } else if (value.isTensorList()) {
    std::vector<Tensor> all;
    for (const Tensor& tensor : value.toTensorVector()) all.push_back(f(tensor));
    value = all;
  } else if (value.isOptionalTensorList()) {
    c10::List<Optional<Tensor>> all;
    for (const Optional<Tensor>& tensor : value.toOptionalTensorList())
      all.push_back(tensor ? Optional<Tensor>(f(*tensor)) : tensor);
    value = all;
  } else if (value.isDevice()) {
    value = c10::Device(c10::kCPU);
  }
}

/// What a captured step consists of, while one is captured.
std::vector<std::function<void()>>* g_captured = nullptr;

/// Operations that give new memory each time give it in the old one's place.
void renew(const c10::IValue& old_value, const c10::IValue& new_value) {
  if (!old_value.isTensor() || !old_value.toTensor().defined()) return;
  const auto from = new_value.toTensor().storage(), to = old_value.toTensor().storage();
  if (from.unsafeGetStorageImpl() == to.unsafeGetStorageImpl()) return;
  const Opened opened;
  std::memcpy(to.data_ptr().get(), from.data_ptr().get(), to.nbytes());
}

void run(const c10::OperatorHandle& operation, torch::jit::Stack* stack) {
  const Opened opened;
  const auto& schema = operation.schema();
  OnCpu cpu(schema.name());
  const auto arguments = schema.arguments().size(), results = schema.returns().size();
  TORCH_CHECK(!g_captured || schema.name() != "aten::_local_scalar_dense", "the host asks for a number in a capture");
  const torch::jit::Stack given(stack->end() - static_cast<std::ptrdiff_t>(arguments), stack->end());
  for (size_t i = stack->size() - arguments; i < stack->size(); ++i)
    change_tensors((*stack)[i], [&](const Tensor& tensor) { return cpu.in(tensor); });
  operation.callBoxed(stack);
  for (size_t i = stack->size() - results; i < stack->size(); ++i)
    change_tensors((*stack)[i], [&](const Tensor& tensor) { return cpu.out(tensor); });
  if (!g_captured) return;
  const torch::jit::Stack made(stack->end() - static_cast<std::ptrdiff_t>(results), stack->end());
  g_captured->emplace_back([operation, given, made] {
    auto again = given;
    run(operation, &again);
    for (size_t i = 0; i < made.size(); ++i) renew(made[i], again[again.size() - made.size() + i]);
  });
}

Tensor empty_strided(c10::IntArrayRef sizes, c10::IntArrayRef strides, Optional<c10::ScalarType> type,
                     Optional<c10::Layout>, Optional<c10::Device>, Optional<bool>) {
  const auto like = at::empty_strided(sizes, strides, at::TensorOptions().dtype(type));
  return device_tensor(device_storage(like.storage().nbytes()), like);
}

Tensor empty(c10::IntArrayRef sizes, Optional<c10::ScalarType> type, Optional<c10::Layout>, Optional<c10::Device>,
             Optional<bool>, Optional<c10::MemoryFormat> format) {
  const auto like = at::empty(sizes, at::TensorOptions().dtype(type), format);
  return device_tensor(device_storage(like.storage().nbytes()), like);
}

/// The only operation between devices.
Tensor& copy(Tensor& self, const Tensor& source, bool) {
  const Opened opened;
  OnCpu cpu("copy_");
  const auto to = self.is_cuda() ? cpu.in(self) : self, from = source.is_cuda() ? cpu.in(source) : source;
  to.copy_(from);
  TORCH_CHECK(!g_captured || (self.is_cuda() && source.is_cuda()), "a copy between host and device in a capture");
  if (g_captured) g_captured->emplace_back([self, source]() mutable { copy(self, source, false); });
  return self;
}

class PretendStepGraph final : public StepGraph {
 public:
  void beside(const std::function<void()>& work) override { work(); }
  void capture(const std::function<void()>& work) override {
    const auto before = DeviceMemory::get().content();
    operations_.clear();
    g_captured = &operations_;
    try {
      work();
    } catch (...) {
      g_captured = nullptr;
      DeviceMemory::get().put_back(before);
      throw;
    }
    g_captured = nullptr;
    DeviceMemory::get().put_back(before);
  }
  void replay() override {
    const torch::NoGradGuard no_grad;
    for (const auto& operation : operations_) operation();
  }

 private:
  std::vector<std::function<void()>> operations_;
};

TORCH_LIBRARY_IMPL(_, CUDA, m) { m.fallback(torch::CppFunction::makeFromBoxedFunction<&run>()); }
TORCH_LIBRARY_IMPL(aten, CUDA, m) {
  m.impl("empty.memory_format", empty);
  m.impl("empty_strided", empty_strided);
  m.impl("copy_", copy);
}

struct PretendGuard final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override { return c10::DeviceType::CUDA; }
  c10::Device exchangeDevice(c10::Device) const override { return kGpu; }
  c10::Device getDevice() const override { return kGpu; }
  void setDevice(c10::Device) const override {}
  void uncheckedSetDevice(c10::Device) const noexcept override {}
  c10::Stream getStream(c10::Device) const noexcept override { return c10::Stream(c10::Stream::DEFAULT, kGpu); }
  c10::Stream exchangeStream(c10::Stream stream) const noexcept override { return stream; }
  c10::DeviceIndex deviceCount() const noexcept override { return 1; }
  void record(void**, const c10::Stream&, c10::DeviceIndex, c10::EventFlag) const override {}
  void block(void*, const c10::Stream&) const override {}
};
C10_REGISTER_GUARD_IMPL(CUDA, PretendGuard);

/// LibTorch finds it by this name. Its versions name and type some functions differently; those that are not this
/// one's override nothing.
struct CUDAHooks final : at::CUDAHooksInterface {
  explicit CUDAHooks(at::CUDAHooksArgs) {}
  virtual void initCUDA() const {}
  virtual void init() const {}
  bool hasCUDA() const override { return true; }
  virtual bool isBuilt() const { return true; }
  virtual bool isAvailable() const { return true; }
  virtual bool hasPrimaryContext(int64_t) const { return true; }
  virtual bool hasPrimaryContext(c10::DeviceIndex) const { return true; }
  decltype(std::declval<at::CUDAHooksInterface>().current_device()) current_device() const override { return 0; }
  decltype(std::declval<at::CUDAHooksInterface>().getNumGPUs()) getNumGPUs() const override { return 1; }
  virtual c10::DeviceIndex deviceCount() const { return 1; }
  virtual c10::DeviceIndex getCurrentDevice() const { return 0; }
  virtual void deviceSynchronize(int64_t) const {}
  virtual void deviceSynchronize(c10::DeviceIndex) const {}
};

}  // namespace

long pretend_gpu_blocks() { return DeviceMemory::get().held(); }

std::unique_ptr<StepGraph> pretend_step_graph() { return std::make_unique<PretendStepGraph>(); }

}  // namespace duet

namespace at {
using duet::CUDAHooks;
REGISTER_CUDA_HOOKS(CUDAHooks);
}  // namespace at
