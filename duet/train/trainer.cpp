#include "duet/train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "duet/core/error.h"
#include "duet/core/random.h"
#include "duet/data/tensors.h"
#include "duet/ops/device.h"
#include "duet/ops/machine.h"
#include "duet/train/model_file.h"
#include "duet/train/old_formats.h"

namespace duet {
namespace {

// Streams of the seed.
constexpr uint64_t kInitStream = 0x696e6974;
constexpr uint64_t kNoiseStream = 0x6e6f697365;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

std::string settled_precision(const Recipe& recipe, torch::Device device) {
  if (recipe.precision == "tf32" && device.is_cpu())
    fail(Fault::recipe, "precision = \"tf32\": only GPUs have it; use fp32, or --device cuda");
  if (recipe.precision != "auto") return recipe.precision;
  return device.is_cpu() && recipe.bf16_good && has_bfloat16() ? "bf16" : "fp32";
}

std::unique_ptr<StepGraph> step_graph_of(const Recipe& recipe, torch::Device device) {
  return recipe.cuda_graph ? make_step_graph(device) : nullptr;
}

Trainer::Trainer(const Recipe& recipe, const DataFacts& facts, Feed& feed, std::function<Tensor()> data_mean,
                 torch::Device device, std::unique_ptr<StepGraph> graph)
    : recipe_(recipe),
      feed_(feed),
      columns_(facts.scale, device),
      resident_(Resident::make(feed, device, recipe.data.memory_bytes())),
      game_(make_game(recipe.game)),
      spec_(game_spec(recipe, facts)),
      generator_(make_generator(mix(recipe.seed ^ kNoiseStream))),
      noise_(generator_, &inputs_),
      device_(device),
      graph_(std::move(graph)) {
  const auto precision = settled_precision(recipe, device);
  bfloat16_ = precision == "bf16";
  if (!device.is_cpu()) allow_tf32(precision == "tf32");
  check_sections();
  auto init = make_generator(mix(recipe.seed ^ kInitStream));
  for (const auto& spec : spec_.networks) {
    const auto& network = networks_[spec.name] = build_network(recipe_, spec.name, facts, init, data_mean);
    network->to(device_);
    weights_.emplace(spec.name, Weights(network->parameters()));
  }
  for (const auto& spec : spec_.players) add_player(spec);
  order_ = make_order();
  game_->check(facts.shape);
  turn_.noise = noise_;
  turn_.range = recipe.data.value_range();
  if (const auto moving = game_->follows_clock(); graph_ && !moving.empty())
    give_up_capture(fmt::format("{} follows a schedule", moving));
}

/// Every section is about somebody who is there, and every network has somebody who may move it.
void Trainer::check_sections() const {
  const auto refuse = [&](const char* what, const std::string& name, const std::vector<std::string>& known) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      fail(Fault::recipe, "[{}.{}]: game \"{}\" has no such {}; it has {}", what, name, recipe_.game.kind, what,
           fmt::join(known, ", "));
  };
  std::vector<std::string> players, sections;
  for (const auto& spec : spec_.players) players.push_back(spec.name);
  for (const auto& spec : spec_.networks) {
    if (std::find(sections.begin(), sections.end(), spec.keys()) == sections.end()) sections.push_back(spec.keys());
    if (const auto movers = spec_.movers(spec.name); movers.size() > 1 && !spec.shared)
      fail(Fault::internal, "game \"{}\": network {} is moved by {}; expected one player, or a shared network",
           recipe_.game.kind, spec.name, fmt::join(movers, " and "));
  }
  for (const auto& [name, config] : recipe_.player) refuse("player", name, players);
  for (const auto& [name, choice] : recipe_.network) refuse("network", name, sections);
}

void Trainer::add_player(const PlayerSpec& spec) {
  std::vector<Moved> moved;
  for (const auto& name : spec.networks) {
    spec_.network(name);
    moved.push_back({name, networks_.at(name).get(), &weights_.at(name)});
  }
  const auto config = recipe_.player.find(spec.name);
  players_.emplace_back(spec.name, config == recipe_.player.end() ? PlayerConfig{} : config->second, moved);
}

std::vector<std::string> Trainer::make_order() const {
  std::vector<std::string> order;
  if (recipe_.turns.order == "list") {
    for (const auto& name : recipe_.turns.list) {
      const bool known =
          std::any_of(players_.begin(), players_.end(), [&](const Player& p) { return p.name() == name; });
      if (!known) fail(Fault::recipe, "turns.list: '{}' is no player of game \"{}\"", name, recipe_.game.kind);
      order.push_back(name);
    }
    if (order.empty()) fail(Fault::recipe, "turns.list is empty; expected players in the order of their moves");
    return order;
  }
  for (const auto& player : players_) {
    if (recipe_.turns.order == "simultaneous" && player.config().steps > 1)
      fail(Fault::recipe,
           "player.{}.steps = {}, but turns.order = \"simultaneous\" moves everyone once; use alternating",
           player.name(), player.config().steps);
    for (int64_t i = 0; i < player.config().steps; ++i) order.push_back(player.name());
  }
  return order;
}

Player& Trainer::player(const std::string& name) {
  for (auto& player : players_)
    if (player.name() == name) return player;
  fail(Fault::internal, "no player '{}'", name);
}

Clock Trainer::clock() const { return {kimg(), 0, feed_.epoch()}; }

void Trainer::round() {
  const auto begin = std::chrono::steady_clock::now();
  const auto cursor = feed_.cursor();
  if (graph_)
    capture_or_play();
  else
    play();
  ++rounds_;
  readings_.images += feed_.cursor() - cursor;
  readings_.seconds_total += seconds_since(begin);
}

void Trainer::play() {
  turn_.real = Tensor();
  used_by_.clear();
  fake_ready_ = false;
  if (recipe_.turns.order == "simultaneous") return play_simultaneous();
  for (size_t i = 0; i < order_.size(); ++i)
    play_turn(player(order_[i]), i + 1 < order_.size() ? &player(order_[i + 1]) : nullptr);
}

/// Whether every round from now on consists of the same operations.
bool Trainer::is_steady() const {
  return std::all_of(players_.begin(), players_.end(), [&](const Player& p) { return kimg() >= p.config().start; });
}

/// Some rounds are played as they will be captured, so that libraries choose their ways and find their memory; one of
/// them is recorded, the next is captured, and all others are replayed.
void Trainer::capture_or_play() {
  constexpr int64_t kWarmUp = 3;
  if (!is_steady() || steady_rounds_ <= kWarmUp) {
    inputs_.set_mode(steady_rounds_ == kWarmUp ? HostInputs::Mode::recording : HostInputs::Mode::direct);
    steady_rounds_ += is_steady();
    return graph_->beside([&] { play(); });
  }
  const auto begin = std::chrono::steady_clock::now();
  inputs_.refresh();
  readings_.seconds_data += seconds_since(begin);
  if (capture_.empty()) try {
      graph_->capture([&] { play_as_captured(); });
      capture_ = "steps are replayed from one CUDA graph";
    } catch (const c10::Error& error) {
      // This round's inputs are there already.
      play_as_captured();
      keep_replayed();
      return give_up_capture(error.what_without_backtrace());
    }
  graph_->replay();
  keep_replayed();
}

void Trainer::keep_replayed() {
  for (const auto& act : after_replay_) act();
}

void Trainer::play_as_captured() {
  after_replay_.clear();
  inputs_.set_mode(HostInputs::Mode::captured);
  play();
}

void Trainer::give_up_capture(const std::string& reason) {
  capture_ = fmt::format("steps are not captured as a CUDA graph: {}", reason.substr(0, reason.find('\n')));
  graph_.reset();
  after_replay_.clear();
  inputs_.set_mode(HostInputs::Mode::direct);
}

void Trainer::fetch() {
  const auto begin = std::chrono::steady_clock::now();
  const auto stored = inputs_.give(device_, [this] {
    const auto cursor = feed_.cursor();
    batch_ = feed_.next();
    // Channels-last from here on, as ops/ wants it; done on the bytes, which are a quarter as many.
    return resident_ ? resident_->batch(batch_.stored, feed_.picks(cursor))
                     : batch_.stored.contiguous(torch::MemoryFormat::ChannelsLast);
  });
  turn_.real = to_values(stored, recipe_.data.value_range(), columns_);
  if (turn_.real.size(2) == 1 && turn_.real.size(3) == 1) turn_.real = turn_.real.flatten(1);
  const bool labelled = !feed_.dataset().info().classes.empty();
  turn_.labels = labelled ? inputs_.give(device_, [this] { return batch_.labels; }) : Tensor();
  used_by_.clear();
  readings_.seconds_data += seconds_since(begin);
}

void Trainer::generate(bool with_graph) {
  const auto& maker = networks_.at(spec_.samples);
  maker->requires_grad(with_graph);
  torch::AutoGradMode mode(with_graph);
  Pass pass{.training = true, .update_statistics = with_graph, .noise = noise_, .bfloat16 = bfloat16_};
  const auto z = inputs_.give(device_, [latent = recipe_.latent, n = turn_.real.size(0), generator = generator_] {
    return draw_latent(latent, n, generator);
  });
  // One that makes single numbers gives [N], where the data are [N,1].
  turn_.fake = maker->forward(z, labelled(turn_.labels), pass).view_as(turn_.real);
  fake_ready_ = with_graph;
}

void Trainer::set_mover(const Player& mover) {
  for (const auto& [name, network] : networks_) network->requires_grad(mover.owns(name));
  turn_.networks.clear();
  turn_.pairs.clear();
  for (const auto& [name, network] : networks_) {
    const auto walk = [this, net = network.get(), owned = mover.owns(name)](int64_t groups) -> Callable {
      return [=, this](const Tensor& x, const Tensor& labels) {
        Pass pass{
            .training = true, .update_statistics = owned, .noise = noise_, .groups = groups, .bfloat16 = bfloat16_};
        return net->forward(x, labelled(labels), pass);
      };
    };
    turn_.networks[name] = walk(1);
    if (network->keeps_groups_apart()) turn_.pairs[name] = walk(2);
  }
}

Loss Trainer::loss_of(Player& mover) {
  set_mover(mover);
  turn_.clock = clock();
  turn_.clock.updates = mover.updates();
  return game_->loss(mover.name(), turn_);
}

void Trainer::play_turn(Player& mover, const Player* next) {
  // Who moves the network that makes samples asks for new ones each time, of the same labels.
  const bool makes = mover.owns(spec_.samples);
  const bool used = std::find(used_by_.begin(), used_by_.end(), mover.name()) != used_by_.end();
  if (!turn_.real.defined() || (used && !makes)) fetch();
  if (kimg() < mover.config().start) return;
  const auto begin = std::chrono::steady_clock::now();
  const bool share = recipe_.turns.share_fake && next && next->owns(spec_.samples) && kimg() >= next->config().start;
  if (!makes || !fake_ready_) generate(makes || share);
  const auto loss = loss_of(mover);
  mover.zero_grad();
  loss.total().backward();
  move(mover, loss);
  used_by_.push_back(mover.name());
  if (makes) fake_ready_ = false, turn_.fake = Tensor();
  readings_.seconds[mover.name()] += seconds_since(begin);
}

void Trainer::play_simultaneous() {
  fetch();
  generate(/*with_graph=*/true);
  const auto fake = turn_.fake;
  std::vector<Loss> losses;
  for (auto& mover : players_) {
    const auto begin = std::chrono::steady_clock::now();
    losses.push_back(loss_of(mover));
    mover.zero_grad();
    losses.back().total().backward();
    readings_.seconds[mover.name()] += seconds_since(begin);
  }
  for (size_t i = 0; i < players_.size(); ++i) {
    auto& mover = players_[i];
    if (kimg() < mover.config().start) continue;
    move(mover, losses[i]);
  }
  turn_.fake = Tensor();
}

void Trainer::move(Player& mover, const Loss& loss) {
  const auto rates = inputs_.give(device_, [this, &mover] { return mover.prepare(clock(), feed_.cursor()); });
  mover.step(rates);
  keep(mover, loss);
  inputs_.act([this, &mover] {
    if (moved_) moved_(mover.name());
  });
}

TensorFile Trainer::save() const {
  TensorFile file;
  for (const auto& [name, network] : networks_) {
    for (const auto* list : {&network->parameters(), &network->buffers()})
      for (const auto& [part, value] : *list) file.tensors[name + "/" + part] = value;
    weights_.at(name).save(name, file);
  }
  for (const auto& player : players_) player.save(file);
  for (const auto& [name, value] : game_->state()) file.tensors["game/" + name] = value;
  file.tensors["random/noise"] = generator_.get_state();
  file.texts["cursor"] = std::to_string(feed_.cursor());
  file.texts["rounds"] = std::to_string(rounds_);
  file.texts["format"] = std::to_string(kModelFormat);
  for (const auto& [name, network] : networks_) {
    std::vector<std::string> layers;
    for (size_t i = 0; i < network->layers().size(); ++i) layers.push_back(network->rows()[i].layer);
    file.texts["layers." + name] = fmt::format("{}", fmt::join(layers, "\n"));
  }
  return file;
}

int64_t Trainer::saved_cursor(const TensorFile& file) { return file.whole("cursor"); }

void Trainer::load(const TensorFile& saved) {
  torch::NoGradGuard no_grad;
  const auto file = in_this_format(saved, players_);
  for (auto& [name, network] : networks_) {
    for (const auto* list : {&network->parameters(), &network->buffers()})
      for (const auto& [part, value] : *list) {
        auto here = value;
        here.copy_(file.at(name + "/" + part, value.sizes()));
      }
    weights_.at(name).load(name, file);
  }
  for (auto& player : players_) player.load(file);
  for (auto& [name, value] : game_->state()) value.copy_(file.at("game/" + name, value.sizes()));
  generator_.set_state(file.at("random/noise", generator_.get_state().sizes()));
  rounds_ = file.whole("rounds");
  move_before_.reset();
}

bool Trainer::copy_network(const std::string& name, Network& target) const {
  torch::NoGradGuard no_grad;
  const auto& source = *networks_.at(name);
  const auto average = weights_.at(name).named_average();
  for (size_t i = 0; i < source.parameters().size(); ++i)
    target.parameters()[i].value.copy_(average.empty() ? source.parameters()[i].value : average[i].value);
  for (size_t i = 0; i < source.buffers().size(); ++i) target.buffers()[i].value.copy_(source.buffers()[i].value);
  return !average.empty();
}

}  // namespace duet
