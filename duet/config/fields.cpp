#include "duet/config/fields.h"

namespace duet {

void Fields::section(std::string_view name, Choice& value, const Catalogue& catalogue, std::string_view help) {
  open_section(name, help);
  const std::string before = value.kind;
  choice("kind", value.kind, catalogue.kinds, "what this section describes; its other keys depend on it");
  if (!value.config || value.kind != before) value.config = catalogue.make(value.kind);
  if (value.config) value.config->fields(*this);
  close_section();
}

void Fields::sections(std::string_view name, std::map<std::string, Choice>& values, const Catalogue& catalogue,
                      std::string_view help) {
  open_section(name, help);
  for (const auto& key : section_names()) values[key];
  for (auto& [key, value] : values) section(key, value, catalogue, "");
  close_section();
}

void schedule_fields(Fields& fields, Schedule& s, Limits limits) {
  std::vector<std::string> shapes;
  for (const auto& shape : schedule_shapes()) shapes.push_back(shape.name);
  fields.choice("shape", s.shape, shapes, "");
  fields.real("from", s.from, "", limits);
  if (s.shape == "linear" || s.shape == "cosine") fields.real("to", s.to, "", limits);
  if (s.shape != "inverse" && s.shape != "steps") fields.real("start", s.start, "", {.low = 0});
  if (s.shape == "linear" || s.shape == "cosine") fields.real("end", s.end, "", {.low = 0});
  if (s.shape == "exponential") fields.real("divide", s.divide, "", {.low = 1});
  if (s.shape == "exponential") fields.real("floor", s.floor, "", limits);
  if (s.shape == "inverse") fields.real("decay", s.decay, "", {.low = 0});
  if (s.shape != "constant") fields.choice("unit", s.unit, {"kimg", "update", "epoch"}, "");
}

}  // namespace duet
