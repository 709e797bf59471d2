#include "duet/core/torch.h"
// The order matters: the header above is precompiled.
#include "duet/run/run_folder.h"
#include "duet/train/pictures.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/target.h"

namespace duet {
namespace {

/// As a resumed training does: removes the records after its checkpoint and draws curves.
void read(std::span<const std::byte> bytes) {
  static const ScratchFolder folder;
  folder.put("recipe.toml", {});
  folder.put("run.json", {});
  folder.put("events.jsonl", bytes);
  const auto run = RunFolder::open(folder.path());
  curves(run.events());
  run.remove_events_after(400);
  curves(run.events());
}

std::vector<std::string> seeds() {
  return {R"({"event":"tick","images":100,"images_per_second":5.5,"terms":)"
          R"({"discriminator/adversarial":1.25,"generator/adversarial":0.5},"time":{"data":0.1}}
{"event":"score","images":400,"best":true,"samples":200,"primary":"kernel_distance","metrics":)"
          R"({"frechet":{"value":1.5},"kernel_distance":{"value":0.25,"standard_error":0.1}}}
{"event":"tick","images":800,"terms":{"discriminator/logit_real":1e3,"generator/adversarial":null}}
{"eve)",
          R"({"event":"score","images":"many","metrics":[1,2]}
{"event":7,"images":-1}
{"event":"tick","images":1e300,"terms":{"a":-1e308,"b":[1]}}
)",
          "[1,2]\n{}\nnull\n"};
}

}  // namespace

FuzzTarget fuzz_events() { return {"events", read, seeds, {}}; }

}  // namespace duet
