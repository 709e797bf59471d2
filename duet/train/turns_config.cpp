#include "duet/train/turns_config.h"

namespace duet {
namespace {

void order_fields(Fields& f, std::string& order, std::vector<std::string>& list) {
  f.choice("order", order, {"alternating", "simultaneous", "list"}, "who moves when");
  if (order == "list") f.texts("list", list, "players in the order of their moves; \"a + b\": from the same point");
}

}  // namespace

void PhaseConfig::fields(Fields& f) {
  f.real("until", until, "its end, in turns.unit", {.low = 0});
  order_fields(f, order, list);
  f.real("rate", rate, "learning rates are multiplied by it", {.low = 0});
}

void TurnsConfig::fields(Fields& f) {
  order_fields(f, order, list);
  f.flag("share_fake", share_fake, "the generator learns from the samples just judged");
  f.choice("unit", unit, {"kimg", "epoch", "round"}, "of the phases' ends");
  f.flag("repeat", repeat, "after the last phase the first begins again, instead of the order above");
  f.sections("phase", phase, "orders that hold until a time, such as pre-training");
}

}  // namespace duet
