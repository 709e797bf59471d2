#include "duet/core/torch.h"
// The order matters: the header above is precompiled.
#include "duet/train/run_folder.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"

namespace duet {
namespace {

void read(std::span<const std::byte> bytes) {
  static const ScratchFolder folder;
  folder.put("recipe.toml", {});
  folder.put("run.json", bytes);
  RunFolder::open(folder.path()).facts();
}

std::vector<std::string> seeds() {
  return {
      R"({"duet": "0.1", "data": {"shape": [1, 28, 28], "pictures": true, "classes": ["0", "1"], "class_share": [0.25, 0.75]}})",
      R"({"data": {"shape": [2, 1, 1], "pictures": false, "classes": [], "class_share": []}})",
      R"({"data": {"shape": [2, 1.5], "pictures": 1, "classes": "cat", "class_share": {"a": 1}}})",
      R"({"data": {"shape": [-3, 0, 1e300], "pictures": true, "classes": ["a"], "class_share": []}})"};
}

}  // namespace

FuzzTarget fuzz_run_json() { return {"run_json", read, seeds, {}}; }

}  // namespace duet
