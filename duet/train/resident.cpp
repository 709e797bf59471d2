#include "duet/train/resident.h"

#include "duet/data/tensors.h"

namespace duet {

std::unique_ptr<Resident> Resident::make(Feed& feed, torch::Device device, int64_t limit_bytes) {
  const auto& info = feed.dataset().info();
  const auto example = empty_examples(feed.dataset(), 1);
  const auto bytes = static_cast<int64_t>(example.element_size()) * example.numel();
  if (device.is_cpu() || info.endless || !feed.picker()->covers_each_epoch() || bytes > limit_bytes / info.size)
    return nullptr;
  try {
    const auto& shape = info.shape;
    auto examples = torch::empty({info.size, shape.channels, shape.height, shape.width},
                                 example.options().device(device), torch::MemoryFormat::ChannelsLast);
    feed.give_once();
    return std::unique_ptr<Resident>(new Resident(std::move(examples)));
  } catch (const c10::Error&) {
    return nullptr;  // no memory: batches are transferred one by one
  }
}

Tensor Resident::batch(const Tensor& stored, const Feed::Picks& picks) {
  const auto device = examples_.device();
  const auto indices = picks.indices.to(device);
  const auto mirrored = [&](const Tensor& x) {
    if (!picks.mirrored.defined()) return x;
    return torch::where(picks.mirrored.to(device).view({-1, 1, 1, 1}), x.flip(3), x)
        .contiguous(torch::MemoryFormat::ChannelsLast);
  };
  if (!stored.defined())
    return mirrored(examples_.index_select(0, indices).contiguous(torch::MemoryFormat::ChannelsLast));
  const auto here = stored.contiguous(torch::MemoryFormat::ChannelsLast).to(device);
  examples_.index_copy_(0, indices, mirrored(here));
  return here;
}

}  // namespace duet
