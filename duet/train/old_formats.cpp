#include "duet/train/old_formats.h"

#include "duet/core/error.h"
#include "duet/train/model_file.h"

namespace duet {
namespace {

int64_t size_of(const Player& player) {
  int64_t size = 0;
  for (const auto& moved : player.networks()) size += moved.weights->values().numel();
  return size;
}

/// Until format 2 a player's slots were one flat tensor over all its networks.
void part_slots(TensorFile& file, const Player& player) {
  for (const char* slot : {"mean", "square", "velocity"}) {
    const auto name = fmt::format("optimizer/{}/{}", player.name(), slot);
    if (!file.tensors.contains(name)) continue;
    const auto flat = file.at(name, {size_of(player)});
    int64_t offset = 0;
    for (const auto& moved : player.networks()) {
      const auto size = moved.weights->values().numel();
      file.tensors[fmt::format("optimizer/{}/{}/{}", player.name(), moved.name, slot)] = flat.narrow(0, offset, size);
      offset += size;
    }
    file.tensors.erase(name);
  }
}

/// In format 1 its averages were, too.
void part_average(TensorFile& file, const Player& player) {
  const auto name = "average/" + player.name();
  if (!file.tensors.contains(name)) return;
  const auto flat = file.at(name, {size_of(player)});
  int64_t offset = 0;
  for (const auto& moved : player.networks())
    for (const auto& [part, value] : moved.weights->parameters()) {
      file.tensors[fmt::format("average/{}/{}", moved.name, part)] =
          flat.narrow(0, offset, value.numel()).view(value.sizes());
      offset += value.numel();
    }
  file.tensors.erase(name);
}

/// And the images that its last update had seen belonged to it; none where it had not moved.
void hand_images_to_networks(TensorFile& file, const Player& player) {
  const auto found = file.texts.find("images." + player.name());
  const auto images = found == file.texts.end() ? "0" : found->second;
  for (const auto& moved : player.networks()) file.texts["images." + moved.name] = images;
}

}  // namespace

TensorFile in_this_format(const TensorFile& file, const std::vector<Player>& players) {
  check_format(file);
  const auto format = file.texts.find("format");
  if (format != file.texts.end() && format->second == std::to_string(kModelFormat)) return file;
  auto converted = file;
  for (const auto& player : players) {
    part_slots(converted, player);
    part_average(converted, player);
    hand_images_to_networks(converted, player);
  }
  return converted;
}

}  // namespace duet
