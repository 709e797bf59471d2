#include "duet/train/turns_config.h"

namespace duet {

void TurnsConfig::fields(Fields& f) {
  f.choice("order", order, {"alternating", "simultaneous", "list"}, "who moves when");
  if (order == "list") f.texts("list", list, "players in the order of their moves, repeated");
  f.flag("share_fake", share_fake, "the generator's turn uses the pictures just judged");
}

}  // namespace duet
