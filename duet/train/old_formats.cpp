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
void split_slots(TensorFile& file, const Player& player) {
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

/// In format 1 a player's EMA weights were one flat tensor, too, over its only network, which had the player's name.
void split_ema(TensorFile& file, const std::string& network, const std::vector<NamedTensor>& parameters) {
  const auto name = "average/" + network;
  if (!file.tensors.contains(name)) return;
  int64_t size = 0, offset = 0;
  for (const auto& [part, value] : parameters) size += value.numel();
  const auto flat = file.at(name, {size});
  for (const auto& [part, value] : parameters) {
    file.tensors["ema/" + network + "/" + part] = flat.narrow(0, offset, value.numel()).view(value.sizes());
    offset += value.numel();
  }
  file.tensors.erase(name);
}

/// A tensor's name until format 2: layers that read or store named tensors were not numbered, and tables of labels were
/// called "label.embedding" or "label.projection". `name` is the current one, "04.conv.weight".
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
  std::map<std::string, Tensor> renamed;  // separate: a tensor's new name may be another one's old name
  const std::vector<std::pair<std::string, std::string>> prefixes = {
      {network + "/", network + "/"}, {"average/" + network + "/", "ema/" + network + "/"}};
  for (const auto& [old_prefix, prefix] : prefixes)
    for (const auto* list : {&shape.parameters(), &shape.buffers()})
      for (const auto& [name, value] : *list)
        if (const auto found = file.tensors.find(old_prefix + old_name(name, shape)); found != file.tensors.end()) {
          renamed[prefix + name] = found->second;
          file.tensors.erase(found);
        }
  file.tensors.merge(renamed);
}

/// Development versions of format 3 called the EMA's tensors "average/...".
TensorFile with_ema_names(const TensorFile& file) {
  const std::string former = "average/";
  auto renamed = file;
  for (const auto& [name, value] : file.tensors)
    if (name.starts_with(former)) {
      renamed.tensors.erase(name);
      renamed.tensors["ema/" + name.substr(former.size())] = value;
    }
  return renamed;
}

bool is_of_this_format(const TensorFile& file) {
  check_format(file);
  const auto format = file.texts.find("format");
  return format != file.texts.end() && format->second == std::to_string(kModelFormat);
}

/// Until format 2 the number of images at the last update belonged to the player; 0 if it had not moved.
void hand_images_to_networks(TensorFile& file, const Player& player) {
  const auto found = file.texts.find("images." + player.name());
  const auto images = found == file.texts.end() ? "0" : found->second;
  for (const auto& moved : player.networks()) file.texts["images." + moved.name] = images;
}

/// Renames first: the flat EMA is split under the current names.
void convert_network(TensorFile& file, const std::string& name, const Network& network) {
  rename(file, name, network);
  split_ema(file, name, network.parameters());
}

}  // namespace

TensorFile in_this_format(const TensorFile& file, const std::vector<Player>& players) {
  if (is_of_this_format(file)) return with_ema_names(file);
  auto converted = file;
  for (const auto& player : players) {
    split_slots(converted, player);
    hand_images_to_networks(converted, player);
    for (const auto& moved : player.networks()) convert_network(converted, moved.name, *moved.network);
  }
  return converted;
}

TensorFile in_this_format(const TensorFile& file, const std::string& name, const Network& network) {
  if (is_of_this_format(file)) return with_ema_names(file);
  auto converted = file;
  convert_network(converted, name, network);
  return converted;
}

}  // namespace duet
