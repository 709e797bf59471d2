#include "duet/data/formats/cifar.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"

namespace duet {
namespace {

/// Class names and records: as all batches of CIFAR-10 or, if the first byte is odd, as the one of CIFAR-100.
void read(std::span<const std::byte> bytes) {
  static const ScratchFolder ten, hundred;
  const bool large = !bytes.empty() && (bytes[0] & std::byte{1}) == std::byte{1};
  const auto [names, records] = split_input(bytes.subspan(std::min<size_t>(1, bytes.size())));
  const auto& folder = large ? hundred : ten;
  if (large) {
    folder.put("fine_label_names.txt", names);
    folder.put("train.bin", records);
  } else {
    folder.put("batches.meta.txt", names);
    for (const char* name : {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
                             "data_batch_5.bin", "test_batch.bin"})
      folder.put(name, records);
  }
  read_some(open_cifar(folder.path(), {.resolution = 8}));
}

std::string names(int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += "class" + std::to_string(i) + "\n";
  return all;
}

std::vector<std::string> seeds() {
  const std::string record = "\x07" + std::string(3072, '\x33'), fine = "\x05\x63" + std::string(3072, '\x44');
  return {'\0' + joined_input(names(10), record + record), '\x01' + joined_input(names(100), fine),
          '\0' + joined_input("only\none\n", record), '\x01' + joined_input("", fine + "rest")};
}

}  // namespace

FuzzTarget fuzz_cifar() { return {"cifar", read, seeds, {}}; }

}  // namespace duet
