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

/// In format 1 a player's averages were, too, over its one network of the same name.
void part_average(TensorFile& file, const std::string& network, const std::vector<NamedTensor>& parameters) {
  const auto name = "average/" + network;
  if (!file.tensors.contains(name)) return;
  int64_t size = 0, offset = 0;
  for (const auto& [part, value] : parameters) size += value.numel();
  const auto flat = file.at(name, {size});
  for (const auto& [part, value] : parameters) {
    file.tensors[name + "/" + part] = flat.narrow(0, offset, value.numel()).view(value.sizes());
    offset += value.numel();
  }
  file.tensors.erase(name);
}

/// A tensor's name until format 2: layers that read names, and those that store them, did not count, and what a table
/// of labels holds was "label.embedding" or "label.projection". `name` is today's, "04.conv.weight".
std::string old_name(const std::string& name, const Network& network) {
  const auto dot = name.find('.');
  const auto place = static_cast<size_t>(std::stoll(name.substr(0, dot)));
  const auto is_new = [&](size_t i) {
    const auto& layer = *network.layers().at(i);
    return !layer.marks().empty() || !layer.reads().empty();
  };
  if (is_new(place)) return "label" + name.substr(dot, name.rfind('.') - dot);
  size_t number = 0;
  for (size_t i = 0; i < place; ++i) number += !is_new(i);
  return fmt::format("{:02}{}", number, name.substr(dot));
}

void rename(TensorFile& file, const std::string& network, const Network& shape) {
  std::map<std::string, Tensor> renamed;  // apart: a tensor's new name may be another one's old name
  for (const auto& prefix : {network + "/", "average/" + network + "/"})
    for (const auto* list : {&shape.parameters(), &shape.buffers()})
      for (const auto& [name, value] : *list)
        if (const auto found = file.tensors.find(prefix + old_name(name, shape)); found != file.tensors.end()) {
          renamed[prefix + name] = found->second;
          file.tensors.erase(found);
        }
  file.tensors.merge(renamed);
}

bool is_of_this_format(const TensorFile& file) {
  check_format(file);
  const auto format = file.texts.find("format");
  return format != file.texts.end() && format->second == std::to_string(kModelFormat);
}

/// And the images that its last update had seen belonged to it; none where it had not moved.
void hand_images_to_networks(TensorFile& file, const Player& player) {
  const auto found = file.texts.find("images." + player.name());
  const auto images = found == file.texts.end() ? "0" : found->second;
  for (const auto& moved : player.networks()) file.texts["images." + moved.name] = images;
}

/// Renamed first: a flat average is taken apart under today's names.
void convert_network(TensorFile& file, const std::string& name, const Network& network) {
  rename(file, name, network);
  part_average(file, name, network.parameters());
}

}  // namespace

TensorFile in_this_format(const TensorFile& file, const std::vector<Player>& players) {
  if (is_of_this_format(file)) return file;
  auto converted = file;
  for (const auto& player : players) {
    part_slots(converted, player);
    hand_images_to_networks(converted, player);
    for (const auto& moved : player.networks()) convert_network(converted, moved.name, *moved.network);
  }
  return converted;
}

TensorFile in_this_format(const TensorFile& file, const std::string& name, const Network& network) {
  if (is_of_this_format(file)) return file;
  auto converted = file;
  convert_network(converted, name, network);
  return converted;
}

}  // namespace duet
