#include "duet/core/torch.h"
// The order matters: the header above is precompiled.
#include "duet/train/runs.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"

namespace duet {
namespace {

void read(std::span<const std::byte> bytes) {
  static const ScratchFolder folder;
  folder.put("recipe.toml", {});
  folder.put("run.json", bytes);
  facts_of(RunFolder::open(folder.path()));
}

std::vector<std::string> seeds() {
  return {R"({"duet": "0.1", "data": {"shape": [1, 28, 28], "pictures": true, "classes": ["0", "1"],)"
          R"( "class_share": [0.25, 0.75]}})",
          R"({"data": {"shape": [2, 1, 1], "pictures": false, "classes": ["a"], "class_share": [1], "examples": 1000,)"
          R"( "content": "0123456789abcdef", "columns": ["height", "weight"],)"
          R"( "scale": {"mean": [1.5, -2e3], "deviation": [0, 0.25]}}})",
          R"({"data": {"shape": [2, 1, 1], "pictures": false, "classes": [], "class_share": [], "examples": 0,)"
          R"( "content": 7, "columns": ["a"], "scale": {"mean": [1e999, null], "deviation": [-1, "x"]}}})",
          R"({"data": {"shape": [2, 1, 1], "pictures": false, "classes": [], "class_share": []}})",
          R"({"data": {"shape": [2, 1.5], "pictures": 1, "classes": "cat", "class_share": {"a": 1}}})",
          R"({"data": {"shape": [-3, 0, 1e300], "pictures": true, "classes": ["a"], "class_share": []}})"};
}

}  // namespace

FuzzTarget fuzz_run_json() { return {"run_json", read, seeds, {}}; }

}  // namespace duet
