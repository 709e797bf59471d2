#include "duet/games/domains.h"

namespace duet {

Turn as_domain(const Turn& turn, const std::string& name) {
  auto own = turn;
  own.given["x"] = turn.given.at(name);
  own.given.erase("label");
  if (const auto label = turn.given.find(name + "_label"); label != turn.given.end())
    own.given["label"] = label->second;
  own.ranges["x"] = turn.range(name);
  return own;
}

void add_terms(Loss& loss, const Loss& part, const std::string& domain) {
  for (auto term : part.terms) {
    term.name += "_" + domain;
    loss.terms.push_back(std::move(term));
  }
  for (auto term : part.watched) {
    term.name += "_" + domain;
    loss.watched.push_back(std::move(term));
  }
}

}  // namespace duet
