#include "duet/train/trainer.h"

#include <algorithm>

#include "duet/core/error.h"
#include "duet/core/random.h"
#include "duet/core/seconds.h"
#include "duet/ops/device.h"
#include "duet/train/model_file.h"
#include "duet/train/old_formats.h"

namespace duet {
namespace {

// Random streams of the seed.
constexpr uint64_t kInitStream = 0x696e6974;
constexpr uint64_t kNoiseStream = 0x6e6f697365;

}  // namespace

MakeStepGraph step_graph_of(const Recipe& recipe, torch::Device device) {
  if (!recipe.cuda_graph) return {};
  return [device] { return make_step_graph(device); };
}

Trainer::Trainer(const Recipe& recipe, const DataFacts& facts, const Feeds& feeds, const DataMean& data_mean,
                 torch::Device device, MakeStepGraph graphs)
    : recipe_(recipe),
      feeds_(feeds),
      feed_(feeds_.x()),
      game_(make_game(recipe.game)),
      spec_(game_spec(recipe, facts)),
      generator_(make_generator(mix(recipe.seed ^ kNoiseStream))),
      noise_(generator_, &inputs_),
      device_(device),
      steps_(std::move(graphs), inputs_) {
  const auto precision = settled_precision(recipe, device);
  bfloat16_ = precision == "bf16";
  if (!device.is_cpu()) allow_tf32(precision == "tf32");
  check_sections();
  auto init = make_generator(mix(recipe.seed ^ kInitStream));
  for (const auto& spec : spec_.networks) {
    const auto& network = networks_[spec.name] = build_network(recipe_, spec.name, facts, init, data_mean);
    network->to(type_of(precision));
    network->to(device_);
    weights_.emplace(spec.name,
                     Weights(network->parameters(), torch::TensorOptions().device(device_).dtype(type_of(precision))));
  }
  for (const auto& spec : spec_.players) add_player(spec);
  order_.emplace(recipe_, spec_.players);
  const auto kind = kind_of(recipe, facts);
  game_->check(kind);
  game_->begin(kind);
  for (auto& [name, value] : game_->state()) value.set_data(value.to(device));
  given_.emplace(feeds_, recipe, facts, spec_.latents, torch::TensorOptions().device(device).dtype(type_of(precision)),
                 noise_, inputs_);
  calls_.emplace(networks_, spec_, noise_, bfloat16_);
  turn_.nets = calls_->nets();
  turn_.noise = noise_;
  for (const auto& [name, feed] : feeds_.all())
    turn_.ranges[name] = recipe.data_of(name).value_range(facts.stream(name).shape);
  turn_.make_once = [this](const std::string& name, const std::function<Tensor()>& make) {
    return calls_->once(name, make, next_);
  };
  turn_.value_of = [this](const Schedule& schedule) {
    return inputs_.give(device_, [this, schedule, mover = mover_, ahead = ahead_] {
      return torch::tensor(schedule.at(clock(*mover, ahead)), torch::kFloat64);
    });
  };
}

/// Checks that every section is about an existing player or network, and every network has a player that may move it.
void Trainer::check_sections() const {
  const auto refuse = [&](const char* what, const std::string& name, const std::vector<std::string>& known) {
    if (std::find(known.begin(), known.end(), name) == known.end())
      fail(Fault::recipe, "[{}.{}]: game \"{}\" has no such {}; it has {}", what, name, recipe_.game.kind, what,
           known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", ")));
  };
  std::vector<std::string> players, sections, streams;
  for (const auto& spec : spec_.players) players.push_back(spec.name);
  for (const auto& spec : spec_.networks) {
    if (std::find(sections.begin(), sections.end(), spec.keys()) == sections.end()) sections.push_back(spec.keys());
    if (const auto movers = spec_.players_of(spec.name); movers.size() > 1 && !spec.shared)
      fail(Fault::internal, "game \"{}\": network {} is moved by {}; expected one player, or a shared network",
           recipe_.game.kind, spec.name, fmt::join(movers, " and "));
  }
  for (const auto& spec : spec_.streams) streams.push_back(spec.name);
  for (const auto& [name, config] : recipe_.stream) refuse("stream", name, streams);
  for (const auto& name : streams)
    if (!feeds_.all().contains(name))
      fail(Fault::internal, "game \"{}\": its stream {} has no feed", recipe_.game.kind, name);
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

Player& Trainer::player(const std::string& name) {
  for (auto& player : players_)
    if (player.name() == name) return player;
  fail(Fault::internal, "no player '{}'", name);
}

Clock Trainer::clock(const Player& player, int64_t ahead) const {
  return {kimg(), player.updates() + ahead, feed_.epoch()};
}

/// The players that move in the coming round, and in which phase of the game.
std::vector<Trainer::Movers> Trainer::plan() {
  all_movers_.clear();
  for (size_t i = 0; i < players_.size(); ++i)
    all_movers_.push_back({&players_[i], spec_.players[i], game_->phase(players_[i].name(), clock(players_[i]))});
  const auto updates = [this](const std::string& name) { return player(name).updates(); };
  std::map<std::string, int64_t> moves;
  std::vector<Movers> all;
  for (const auto& group : order_->at({kimg(), 0, feed_.epoch()}, rounds_, updates)) {
    Movers movers;
    for (const auto& name : group)
      for (auto mover : all_movers_) {
        if (mover.spec.name != name) continue;
        mover.phase = game_->phase(name, clock(*mover.player, moves[name]++));
        movers.push_back(mover);
      }
    all.push_back(movers);
  }
  return all;
}

void Trainer::round() {
  const auto begin = Steady::now();
  const auto cursor = feed_.cursor();
  const auto planned = plan();
  std::string kind;
  bool looks_ahead = false;
  for (const auto& movers : planned) {
    for (const auto& mover : movers) {
      kind += fmt::format("{}:{}+", mover.spec.name, mover.phase);
      looks_ahead = looks_ahead || mover.player->config().unroll > 0;
    }
    kind += ',';
  }
  if (looks_ahead)
    for (const auto& mover : all_movers_) kind += fmt::format(":{}", mover.phase);
  readings_.seconds_data += steps_.round(kind, [&] { play(planned); });
  readings_.seconds_data += given_->take_seconds();
  ++rounds_;
  readings_.images += feed_.cursor() - cursor;
  readings_.seconds_total += seconds_since(begin);
}

void Trainer::play(const std::vector<Movers>& planned) {
  given_->begin_round();
  calls_->new_batch();
  if (planned.empty()) given_->prepare({}, recipe_.turns.share_fake);  // time goes on where nobody moves
  for (size_t i = 0; i < planned.size(); ++i) {
    std::set<std::string> next;
    if (i + 1 < planned.size() && recipe_.turns.share_fake) next = networks_of(planned[i + 1]);
    play_group(planned[i], next);
  }
}

void Trainer::play_group(const Movers& movers, const std::set<std::string>& next) {
  std::vector<PlayerSpec> specs;
  for (const auto& mover : movers) specs.push_back(mover.spec);
  if (given_->prepare(specs, recipe_.turns.share_fake)) calls_->new_batch();
  turn_.given = given_->named();
  std::vector<Loss> losses(movers.size());
  std::vector<std::vector<std::vector<Tensor>>> gradients;
  for (size_t i = 0; i < movers.size(); ++i) {
    const auto begin = Steady::now();
    next_ = next;
    // Players that move from the same point share values made with `once`.
    for (size_t k = i + 1; k < movers.size(); ++k)
      next_.insert(movers[k].spec.networks.begin(), movers[k].spec.networks.end());
    differentiate(movers[i], losses[i]);
    // The next player's gradients would be added for networks that both move.
    if (movers.size() > 1) gradients.push_back(movers[i].player->take_gradients());
    readings_.seconds[movers[i].spec.name] += seconds_since(begin);
  }
  for (size_t i = 0; i < movers.size(); ++i) {
    const auto begin = Steady::now();
    if (movers.size() > 1) movers[i].player->give_gradients(gradients[i]);
    move(movers[i], losses[i]);
    readings_.seconds[movers[i].spec.name] += seconds_since(begin);
  }
  given_->used(specs);
}

std::set<std::string> Trainer::networks_of(const Movers& movers) {
  std::set<std::string> names;
  for (const auto& mover : movers) names.insert(mover.spec.networks.begin(), mover.spec.networks.end());
  return names;
}

Loss Trainer::loss_of(const Mover& mover, int64_t ahead) {
  mover_ = mover.player;
  calls_->begin_turn(mover.spec.name);
  ahead_ = ahead;
  turn_.clock = clock(*mover.player, ahead);
  turn_.phase = mover.phase;
  return game_->loss(mover.spec.name, turn_);
}

void Trainer::differentiate(const Mover& mover, Loss& loss) {
  std::optional<LookAhead> opponents;
  if (mover.player->config().unroll > 0) look_ahead(mover, opponents);
  calls_->let_learn(networks_of({mover}));
  loss = loss_of(mover, 0);
  mover.player->zero_grad();
  if (opponents) {
    // Only of its own networks: the opponents' look-ahead steps carry a graph to their weights, too.
    std::vector<Tensor> own;
    for (const auto& moved : mover.player->networks())
      for (const auto& [name, value] : moved.weights->parameters()) own.push_back(value);
    torch::autograd::backward({loss.total()}, {}, /*retain_graph=*/false, /*create_graph=*/false, own);
    calls_->moved(opponents->networks());
  } else {
    loss.total().backward();
  }
  calls_->end_turn();
}

/// The opponents after some steps. Values that they make once for the batch depend on their look-ahead weights.
void Trainer::look_ahead(const Mover& mover, std::optional<LookAhead>& opponents) {
  const auto& config = mover.player->config();
  const bool full = config.unroll_gradient == "full";
  Movers others;
  std::vector<Player*> players;
  for (const auto& other : all_movers_) {
    if (other.player == mover.player) continue;
    others.push_back(other);
    players.push_back(other.player);
  }
  const auto own = networks_of({mover}), theirs = networks_of(others);
  auto learning = theirs;
  if (full) learning.insert(own.begin(), own.end());
  next_ = own;  // what they make now is used for the mover's own loss
  const auto mover_of = [&](const Player& player) {
    return *std::find_if(others.begin(), others.end(), [&](const Mover& other) { return other.player == &player; });
  };
  opponents.emplace(players, full);
  for (int64_t step = 0; step < config.unroll; ++step) {
    calls_->let_learn(learning, /*statistics=*/false);
    opponents->step([&](Player& player) { return loss_of(mover_of(player), step).total(); },
                    [&](Player& player) {
                      return inputs_.give(device_, [this, &player, step] {
                        const auto now = clock(player, step);
                        return player.rates(now, order_->rate(now, rounds_));
                      });
                    });
    calls_->moved(theirs);
  }
  next_.clear();  // values made from them are useless for the next player
}

void Trainer::move(const Mover& mover, const Loss& loss) {
  auto& player = *mover.player;
  // Players that move from the same point have all had their losses by now, so the turn is set to this one's again.
  turn_.clock = clock(player);
  turn_.phase = mover.phase;
  const auto rates = inputs_.give(device_, [this, &player] {
    const auto now = clock(player);
    return player.prepare(now, feed_.cursor(), order_->rate(now, rounds_));
  });
  player.step(rates);
  calls_->moved(networks_of({mover}));
  {
    torch::NoGradGuard no_grad;
    mover_ = &player;
    ahead_ = -1;  // the clock of the turn's beginning: this update is counted already
    calls_->begin_turn(mover.spec.name);
    calls_->let_learn({});
    game_->moved(mover.spec.name, turn_, loss);
  }
  log_.add(mover.spec.name, loss, rounds_, steps_);
  inputs_.act([this, &player] {
    if (moved_) moved_(player.name());
  });
}

/// A step may have been the last before a reading: no term shows its effect yet.
void Trainer::check_players() {
  for (const auto& player : players_) {
    const auto numbers = player.not_finite();
    if (numbers.empty()) continue;
    const auto& name = player.name();
    const auto& moves = log_.moves();
    const auto last = std::find_if(moves.rbegin(), moves.rend(), [&](const auto& m) { return m.player == name; });
    const auto round = last == moves.rend() ? rounds_ : last->round;
    divergence_ = {.round = round, .player = name, .numbers = numbers, .suspect = name, .suspect_round = round};
    return;
  }
}

std::string Trainer::remedy(const std::string& player, bool gradients) const {
  const auto config = recipe_.player.find(player);
  const bool clips = config != recipe_.player.end() && config->second.clip_norm > 0;
  const auto calming = game_->stability_advice(player);
  if (gradients && !clips)
    return fmt::format("limit its gradient (player.{}.clip_norm = 1), or lower the weight of its term", player);
  return fmt::format("lower player.{}.lr{}{}", player, calming.empty() ? "" : ", or ", calming);
}

Readings Trainer::read() {
  const auto begin = Steady::now();
  divergence_.reset();
  readings_.means = log_.take_means(divergence_);
  if (!divergence_ && !log_.moves().empty()) check_players();
  log_.forget_moves(divergence_.has_value());
  if (divergence_) {
    const auto& suspect = divergence_->suspect.empty() ? divergence_->player : divergence_->suspect;
    fail(Fault::diverged, "{}; {}", divergence_->what(), remedy(suspect, divergence_->gradients()));
  }
  // A GPU may still be computing when a round returns; waiting for it here counts as time of the rounds.
  readings_.seconds_total += seconds_since(begin);
  return std::exchange(readings_, Readings{});
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
  for (const auto& [name, feed] : feeds_.all())
    file.texts[name == "x" ? "cursor" : "cursor." + name] = std::to_string(feed->cursor());
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

std::map<std::string, int64_t> Trainer::saved_cursors(const TensorFile& file) {
  const std::string prefix = "cursor.";
  std::map<std::string, int64_t> cursors{{"x", saved_cursor(file)}};
  for (const auto& [name, text] : file.texts)
    if (name.starts_with(prefix)) cursors[name.substr(prefix.size())] = file.whole(name);
  return cursors;
}

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
  log_.begin();
}

bool Trainer::copy_network(const std::string& name, Network& target) const {
  torch::NoGradGuard no_grad;
  const auto& source = *networks_.at(name);
  const auto ema = weights_.at(name).named_ema();
  for (size_t i = 0; i < source.parameters().size(); ++i)
    target.parameters()[i].value.copy_(ema.empty() ? source.parameters()[i].value : ema[i].value);
  for (size_t i = 0; i < source.buffers().size(); ++i) target.buffers()[i].value.copy_(source.buffers()[i].value);
  return !ema.empty();
}

}  // namespace duet
