// Values made once for a batch: who gets them with a graph, when they are made again, and whose statistics change.
#include "duet/train/network_calls.h"

#include "duet/config/toml.h"
#include "tests/train/tiny.h"

namespace duet {
namespace {

/// Two networks of batch norm and a product each, "a" and "b", with optional layers before them.
class Called : public testing::Test {
 protected:
  explicit Called(const std::string& first = "linear") {
    spec_.networks = {{.name = "a", .input = {3, 1, 1}, .output = {3, 1, 1}},
                      {.name = "b", .input = {3, 1, 1}, .output = {3, 1, 1}}};
    const auto config = network_catalogue().make("layers");
    TomlDocument("layers = ['" + first + "', 'batch_norm', 'dense(3)']", "test").read([&](Fields& f) {
      config->fields(f);
    });
    auto init = make_generator(1);
    for (const auto& spec : spec_.networks)
      networks_[spec.name] = std::make_unique<Network>(
          dynamic_cast<const NetworkConfig&>(*config),
          NetworkContext{.name = spec.name, .input = spec.input, .output = spec.output}, init);
    calls_.emplace(networks_, spec_, make_generator(2), /*bfloat16=*/false);
  }
  Tensor once(const std::string& network, const std::set<std::string>& next = {}) {
    return calls_->once("made", [&] { return ++made_, calls_->nets().at(network)(x_); }, next);
  }
  bool learns(const Tensor& value, const std::string& network) {
    if (!value.requires_grad()) return false;
    const auto& weight = networks_.at(network)->parameters().back().value;
    return torch::autograd::grad({value.sum()}, {weight}, {}, true, false, true)[0].defined();
  }
  Tensor mean_of(const std::string& network) { return networks_.at(network)->buffers()[0].value.clone(); }

  GameSpec spec_;
  Networks networks_;
  std::optional<NetworkCalls> calls_;
  Tensor x_ = torch::randn({8, 3}, make_generator(3));
  int made_ = 0;
};

TEST_F(Called, OnceCarriesAGraphInTheTurnOfItsMaker) {
  calls_->let_learn({"a"});
  EXPECT_TRUE(learns(once("a"), "a"));
  EXPECT_TRUE(learns(once("a"), "a")) << "as often as it is asked for in a turn";
  EXPECT_EQ(made_, 1);
}

TEST_F(Called, OnceIsAConstantInTheTurnsOfOthersAndMadeOnceForAllOfThem) {
  calls_->let_learn({"b"});
  const auto first = once("a");
  calls_->end_turn();
  calls_->moved({"b"});
  EXPECT_FALSE(first.requires_grad());
  EXPECT_TRUE(torch::equal(once("a"), first));
  EXPECT_EQ(made_, 1);
}

TEST_F(Called, OnceIsHandedOnWithItsGraphToTheTurnThatComesNext) {
  const auto before = mean_of("a");
  calls_->let_learn({"b"});
  const auto seen = once("a", /*next=*/{"a"});
  EXPECT_FALSE(seen.requires_grad());
  EXPECT_FALSE(torch::equal(mean_of("a"), before)) << "this is that turn's forward, so the statistics move";
  calls_->end_turn();
  calls_->moved({"b"});
  calls_->let_learn({"a"});
  const auto own = once("a");
  EXPECT_EQ(made_, 1);
  EXPECT_TRUE(torch::equal(own, seen));
  EXPECT_TRUE(learns(own, "a"));
}

TEST_F(Called, OnceIsMadeAgainWhereItsGraphIsMissingOrUsed) {
  calls_->let_learn({"b"});
  once("a");
  calls_->end_turn();
  calls_->let_learn({"a"});
  EXPECT_TRUE(learns(once("a"), "a")) << "nobody had asked for a graph";
  EXPECT_EQ(made_, 2);
  calls_->end_turn();
  EXPECT_TRUE(learns(once("a"), "a")) << "the turn before has used it up";
  EXPECT_EQ(made_, 3);
}

TEST_F(Called, OnceIsMadeAgainAfterItsMakerHasMovedAndOnANewBatch) {
  calls_->let_learn({"b"});
  once("a");
  calls_->moved({"b"});
  once("a");
  EXPECT_EQ(made_, 1);
  calls_->moved({"a"});
  once("a");
  EXPECT_EQ(made_, 2);
  calls_->new_batch();
  once("a");
  EXPECT_EQ(made_, 3);
}

TEST_F(Called, OnceWithinOnceIsOfTheNetworksOfBoth) {
  const auto outer = [&] { return calls_->once("outer", [&] { return calls_->nets().at("b")(once("a")); }, {}); };
  calls_->let_learn({"b"});
  outer();
  calls_->end_turn();
  calls_->moved({"a"});
  made_ = 0;
  outer();
  EXPECT_EQ(made_, 1) << "it was made of what a had made";
}

TEST_F(Called, OnceMadeOfWhatWasMadeBeforeIsOfItsNetworksToo) {
  const auto outer = [&] { return calls_->once("outer", [&] { return calls_->nets().at("b")(once("a")); }, {}); };
  calls_->let_learn({});
  once("a");
  outer();
  EXPECT_EQ(made_, 1);
  calls_->moved({"a"});
  outer();
  EXPECT_EQ(made_, 2);
}

TEST_F(Called, OnceIsMadeAgainWhereMoreOfItsNetworksLearn) {
  const auto outer = [&](const std::set<std::string>& next) {
    const auto make = [&] { return ++made_, calls_->nets().at("b")(calls_->nets().at("a")(x_)); };
    return calls_->once("outer", make, next);
  };
  calls_->let_learn({});
  outer(/*next=*/{"a"});
  calls_->let_learn({"a", "b"});
  const auto own = outer({});
  EXPECT_EQ(made_, 2);
  EXPECT_TRUE(learns(own, "a") && learns(own, "b"));
}

TEST_F(Called, NetworksThatDoNotLearnKeepTheirStatistics) {
  const auto before = mean_of("a");
  calls_->let_learn({"b"});
  calls_->nets().at("a")(x_);
  EXPECT_TRUE(torch::equal(mean_of("a"), before));
  calls_->let_learn({"a"}, /*statistics=*/false);
  calls_->nets().at("a")(x_);
  EXPECT_TRUE(torch::equal(mean_of("a"), before));
  calls_->let_learn({"a"});
  calls_->nets().at("a")(x_);
  EXPECT_FALSE(torch::equal(mean_of("a"), before));
}

/// Their layers do something else in the turns of one player.
class CalledByTurns : public Called {
 protected:
  CalledByTurns() : Called("noise(1, turns=first)") {}
};

TEST_F(CalledByTurns, OnceIsMadeAgainInTheTurnOfAnotherPlayer) {
  calls_->begin_turn("second");
  calls_->let_learn({"b"});
  const auto calm = once("a", /*next=*/{"a"});
  EXPECT_TRUE(torch::equal(once("a"), calm));
  EXPECT_EQ(made_, 1);
  calls_->end_turn();
  calls_->begin_turn("first");
  calls_->let_learn({"a"});
  const auto own = once("a");
  EXPECT_EQ(made_, 2);
  EXPECT_FALSE(torch::equal(own, calm)) << "noise is added in this turn";
  EXPECT_TRUE(learns(own, "a"));
}

TEST_F(Called, OnceIsSharedByTheTurnsOfAllWhereItIsTheSameForAll) {
  calls_->begin_turn("second");
  calls_->let_learn({"b"});
  once("a");
  calls_->begin_turn("third");
  once("a");
  EXPECT_EQ(made_, 1);
}

}  // namespace
}  // namespace duet
