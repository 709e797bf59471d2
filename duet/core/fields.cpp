#include "duet/core/fields.h"

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

}  // namespace duet
