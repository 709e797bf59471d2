#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "duet/cli/verbs.h"
#include "duet/core/error.h"
#include "duet/core/random.h"
#include "duet/data/feed.h"
#include "duet/ops/device.h"
#include "duet/train/loop.h"
#include "duet/train/precisions.h"
#include "duet/train/sampler.h"
#include "duet/train/trainer.h"

namespace duet {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string recipe, data, precision, device = "auto";
  std::vector<std::string> set;
  int64_t batch = 0, steps = 0;
  double seconds = 5;
  bool json = false;
};

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// Noise pictures in the recipe's shape, for recipes whose data the user provides: the time of a step does not depend
/// on their content.
class NoiseDataset final : public Dataset {
 public:
  explicit NoiseDataset(const Recipe& recipe) {
    info_.name = info_.format = "noise";
    info_.size = 4096;
    const auto side = recipe.data.resolution > 0 ? recipe.data.resolution : 28;
    info_.shape = {recipe.data.channels > 0 ? recipe.data.channels : 1, side, side};
    for (int i = 0; i < 10; ++i) info_.classes.push_back(std::to_string(i));
  }
  const DatasetInfo& info() const override { return info_; }
  void read(int64_t index, void* out) const override {
    Random random(0, 0, static_cast<uint64_t>(index));
    auto* bytes = static_cast<uint8_t*>(out);
    for (int64_t i = 0; i < info_.shape.numel(); ++i) bytes[i] = static_cast<uint8_t>(random.below(256));
  }
  int64_t label(int64_t index) const override { return index % 10; }
  std::string where(int64_t index) const override { return fmt::format("noise[{}]", index); }

 private:
  DatasetInfo info_;
};

TrainingData data_of(const Recipe& recipe) {
  if (!recipe.data.spec.empty()) return open_training_data(recipe);
  TrainingData data;
  data.split.train = std::make_shared<NoiseDataset>(recipe);
  const auto& info = data.split.train->info();
  data.facts = {.shape = info.shape, .pictures = true, .classes = info.classes, .class_share = {}};
  data.facts.class_share.assign(info.classes.size(), 1.0 / static_cast<double>(info.classes.size()));
  return data;
}

Recipe recipe_of(const Options& options) {
  auto overrides = options.set;
  if (!options.data.empty()) overrides.push_back("data.spec=" + options.data);
  if (!options.precision.empty()) overrides.push_back("precision=" + options.precision);
  if (options.batch > 0) overrides.push_back(fmt::format("batch={}", options.batch));
  return load_recipe(options.recipe, recipe_folders(), overrides, catalogues());
}

struct Totals {
  int64_t flops = 0, products = 0, fallen_back = 0;
};

Totals totals(const Trainer& trainer) {
  Totals all;
  for (const auto& [name, network] : trainer.networks())
    for (const auto& layer : network->layers())
      if (const auto* work = layer->work())
        all.flops += work->flops, all.products += work->products, all.fallen_back += work->fallen_back;
  return all;
}

double peak_mebibytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + std::ssize(values) / 2, values.end());
  return values[values.size() / 2];
}

void bench_step(const Options& options) {
  const auto recipe = recipe_of(options);
  const auto data = data_of(recipe);
  const auto feeds = open_feeds(recipe, data);
  const auto device = find_device(options.device);
  Trainer trainer(
      recipe, data.facts, Feeds(feeds),
      [&](const std::string& stream) { return torch::zeros({data.facts.stream(stream).shape.numel()}); }, device,
      step_graph_of(recipe, device));
  // The first rounds create primitives and allocate memory; on a GPU the step is captured.
  for (int i = 0; i < (device.is_cpu() ? 3 : 6); ++i) trainer.round();
  trainer.read();
  const auto probe = Clock::now();
  trainer.round();
  synchronize(device);
  const int64_t in_time = std::clamp<int64_t>(static_cast<int64_t>(options.seconds / seconds_since(probe)), 3, 100'000);
  const int64_t rounds = options.steps > 0 ? options.steps : in_time;
  // A GPU works asynchronously: it is synchronised only now and then, and the rounds in between are timed together.
  const int64_t together = device.is_cpu() ? 1 : 10;
  trainer.read();
  const auto before = totals(trainer);
  std::vector<double> seconds;
  for (int64_t i = 0; i < rounds; i += together) {
    const auto count = std::min(together, rounds - i);
    const auto begin = Clock::now();
    for (int64_t k = 0; k < count; ++k) trainer.round();
    synchronize(device);
    seconds.push_back(seconds_since(begin) / static_cast<double>(count));
  }
  const auto readings = trainer.read();
  const auto after = totals(trainer);
  const double step = median(seconds), images = static_cast<double>(readings.images) / static_cast<double>(rounds);
  const double flops = static_cast<double>(after.flops - before.flops) / static_cast<double>(rounds);
  const double limit = matrix_product_limit(device, trainer.bfloat16());
  nlohmann::ordered_json out = {{"recipe", recipe.name},
                                {"device", device.str()},
                                {"precision", settled_precision(recipe, device)},
                                {"threads", at::get_num_threads()},
                                {"batch", recipe.batch},
                                {"steps", rounds},
                                {"ms_per_step", 1e3 * step},
                                {"ms_fastest", 1e3 * *std::min_element(seconds.begin(), seconds.end())},
                                {"images_per_second", images / step},
                                {"data_ms", 1e3 * readings.seconds_data / static_cast<double>(rounds)}};
  for (const auto& [name, spent] : readings.seconds) out[name + "_ms"] = 1e3 * spent / static_cast<double>(rounds);
  if (!trainer.capture().empty()) out["capture"] = trainer.capture();
  out["gflop_per_step"] = flops / 1e9;
  out["limit_gflops"] = limit / 1e9;
  out["share_of_limit"] = flops / step / limit;
  out["products_per_step"] = static_cast<double>(after.products - before.products) / static_cast<double>(rounds);
  out["fallback_products_per_step"] =
      static_cast<double>(after.fallen_back - before.fallen_back) / static_cast<double>(rounds);
  out["peak_mib"] = peak_mebibytes();
  if (options.json) return fmt::print("{}\n", out.dump());
  for (const auto& [key, value] : out.items())
    fmt::print("{:<28}{}\n", key,
               value.is_number_float() ? fmt::format("{:.4g}", value.get<double>())
               : value.is_string()     ? value.get<std::string>()
                                       : value.dump());
}

/// Median seconds of f over about a fifth of a second.
double timed(const std::function<void()>& f) {
  f();
  std::vector<double> seconds;
  for (const auto begin = Clock::now(); seconds.size() < 5 || seconds_since(begin) < 0.2;) {
    const auto each = Clock::now();
    f();
    seconds.push_back(seconds_since(each));
  }
  return median(seconds);
}

/// One product and both of its gradients.
struct Product {
  std::string network, layer, input;
  double flops = 0;
  std::array<double, 3> seconds{};  ///< in the order of kDirections
};
constexpr std::array kDirections = {"forward", "to_input", "to_weight"};

/// Times a layer alone; in its network it may be fused with its neighbour.
Product measure(Layer& layer, const Shape& input, int64_t batch, bool bfloat16) {
  const auto type = bfloat16 ? torch::kBFloat16 : torch::kFloat32;
  auto x = torch::randn({batch, input.channels, input.height, input.width})
               .to(type, false, false, torch::MemoryFormat::ChannelsLast);
  auto weight = layer.parameters()[0].value;
  Pass pass{.training = true, .update_statistics = false, .noise = {}, .bfloat16 = bfloat16};
  const auto forward = [&](bool wants_x, bool wants_weight) {
    x.requires_grad_(wants_x);
    for (auto parameter : layer.parameters()) parameter.value.requires_grad_(wants_weight);
    return layer.forward(x, pass);
  };
  Product product;
  const auto before = layer.work()->flops.load();
  const auto y = forward(false, false), gradient = torch::ones_like(y);
  product.flops = static_cast<double>(layer.work()->flops - before);
  product.seconds[0] = timed([&] { forward(false, false); });
  for (const bool to_x : {true, false}) {
    const auto result = forward(to_x, !to_x);
    product.seconds[to_x ? 1 : 2] =
        timed([&] { torch::autograd::grad({result}, {to_x ? x : weight}, {gradient}, /*retain_graph=*/true); });
  }
  return product;
}

std::vector<Product> measure_products(const Recipe& recipe) {
  const auto data = data_of(recipe);
  auto init = make_generator(0);
  std::vector<Product> products;
  for (const auto& spec : game_spec(recipe, data.facts).networks) {
    const auto network = build_network(recipe, spec.name, data.facts, init);
    for (size_t i = 0; i < network->layers().size(); ++i) {
      if (!network->layers()[i]->work()) continue;
      const auto input = i == 0 ? spec.input : network->layers()[i - 1]->output();
      const auto& text = network->rows()[i].layer;
      products.push_back(measure(*make_layer(text, input), input, recipe.batch, settled_precision(recipe) == "bf16"));
      products.back().network = spec.name;
      products.back().layer = text;
      products.back().input = to_string(input);
    }
  }
  return products;
}

void bench_ops(const Options& options) {
  const auto recipe = recipe_of(options);
  const auto products = measure_products(recipe);
  const bool bfloat16 = settled_precision(recipe) == "bf16";
  const double limit = matrix_product_limit(torch::kCPU, bfloat16);
  if (options.json) {
    nlohmann::ordered_json out = {{"limit_gflops", limit / 1e9}, {"ops", nlohmann::ordered_json::array()}};
    for (const auto& p : products) {
      nlohmann::ordered_json line = {{"network", p.network}, {"layer", p.layer}, {"input", p.input}};
      for (size_t i = 0; i < kDirections.size(); ++i) {
        line[fmt::format("{}_ms", kDirections[i])] = 1e3 * p.seconds[i];
        line[fmt::format("{}_share", kDirections[i])] = p.flops / p.seconds[i] / limit;
      }
      out["ops"].push_back(line);
    }
    return fmt::print("{}\n", out.dump());
  }
  fmt::print("{} threads, {}, batch {}; limit {:.0f} GFLOP/s; ms (share of the limit)\n{:<72} {:>12}",
             at::get_num_threads(), bfloat16 ? "bf16" : "fp32", recipe.batch, limit / 1e9, "layer", "input");
  for (const auto* direction : kDirections) fmt::print(" {:>14}", direction);
  for (const auto& p : products) {
    fmt::print("\n{:<72} {:>12}", p.layer, p.input);
    for (const double seconds : p.seconds)
      fmt::print(" {:>14}", fmt::format("{:.2f} ({:.0f}%)", 1e3 * seconds, 100 * p.flops / seconds / limit));
  }
  fmt::print("\n");
}

}  // namespace

void add_bench(CLI::App& program) {
  auto* verb = program.add_subcommand("bench", "measure how fast this machine trains");
  verb->require_subcommand(1);
  verb->footer("Example:\n  duet bench step dcgan64 --threads 2\n  duet bench ops dcgan64 --precision bf16");
  auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* line, const char* example, void (*run)(const Options&)) {
    auto* part = verb->add_subcommand(name, line);
    part->footer(std::string("Example:\n  ") + example);
    part->add_option("recipe", options->recipe, "name or file of a recipe")->required();
    part->add_option("--data", options->data, "what to learn from (default: the recipe's, else noise)");
    part->add_option("--precision", options->precision, "of products (default: the recipe's)")
        ->check(one_of(precisions()));
    part->add_option("--set", options->set, "set a recipe key")->allow_extra_args(false);
    part->add_option("--batch", options->batch, "real images per update")
        ->check(between(1, 65536, "leave it out for the recipe's"));
    part->add_flag("--json", options->json, "print JSON");
    add_threads(*part);
    part->callback([options, run] { run(*options); });
    return part;
  };
  auto* step =
      add("step", "a full training step: time by phase, work done, share of the machine's limit",
          "duet bench step dcgan64 --threads 2 --json\n\n"
          "ms_per_step is the median over steps; the phases (data, each player) are means. gflop_per_step counts\n"
          "the products' multiplications and additions, limit_gflops is what large matrix products reach here,\n"
          "share_of_limit their ratio over the step. fallback_products_per_step went to LibTorch.",
          bench_step);
  add_device(*step, options->device);
  auto* seconds = step->add_option("--seconds", options->seconds,
                                   "how long to measure, after a few steps that do not count (default: 5)")
                      ->check(between(0.01, 3600, "leave it out for 5"));
  step->add_option("--steps", options->steps, "how many steps to measure (default: what fits in --seconds)")
      ->check(between(1, 1e6, "leave it out for as many as fit in --seconds"))
      ->excludes(seconds);
  add("ops", "each product of a recipe's layers, and its share of the machine's limit",
      "duet bench ops dcgan64 --precision bf16", bench_ops);
}

}  // namespace duet
