#include <fmt/format.h>

#include "duet/config/toml.h"

namespace duet {
namespace {

std::string number(double value) {
  auto text = fmt::format("{}", value);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

/// Visits every field as (key, value as TOML, help) within its section; subclasses implement put().
class Writer : public Fields {
 public:
  void flag(std::string_view name, bool& value, std::string_view help) override {
    put(name, value ? "true" : "false", help);
  }
  void integer(std::string_view name, int64_t& value, std::string_view help, Limits) override {
    put(name, std::to_string(value), help);
  }
  void real(std::string_view name, double& value, std::string_view help, Limits) override {
    put(name, number(value), help);
  }
  void text(std::string_view name, std::string& value, std::string_view help) override {
    put(name, quoted(value), help);
  }
  void choice(std::string_view name, std::string& value, const std::vector<std::string>& choices,
              std::string_view help) override {
    put(name, quoted(value), fmt::format("{}{}{}", help, help.empty() ? "" : ": ", fmt::join(choices, " | ")));
  }
  void integers(std::string_view name, std::vector<int64_t>& value, std::string_view help, Limits) override {
    put(name, fmt::format("[{}]", fmt::join(value, ", ")), help);
  }
  void texts(std::string_view name, std::vector<std::string>& value, std::string_view help) override {
    std::vector<std::string> items;
    for (const auto& item : value) items.push_back(quoted(item));
    put(name, fmt::format("[{}]", fmt::join(items, ", ")), help);
  }
  void schedule(std::string_view name, Schedule& value, std::string_view help, Limits limits) override;

 protected:
  virtual void put(std::string_view name, const std::string& value, std::string_view help) = 0;
  void open_section(std::string_view name, std::string_view) override {
    path_.push_back(path_.empty() ? std::string(name) : path_.back() + "." + std::string(name));
  }
  void close_section() override { path_.pop_back(); }
  std::vector<std::string> section_names() override { return {}; }
  std::string section() const { return path_.empty() ? "" : path_.back(); }

 private:
  std::vector<std::string> path_;
};

/// Collects the keys of one level as "key = value" pairs.
class InlineWriter final : public Writer {
 public:
  std::vector<std::string> pairs;
  void put(std::string_view name, const std::string& value, std::string_view) override {
    pairs.push_back(fmt::format("{} = {}", name, value));
  }
};

std::string numbers(const std::vector<double>& values) {
  std::vector<std::string> items;
  for (double value : values) items.push_back(number(value));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

void Writer::schedule(std::string_view name, Schedule& value, std::string_view help, Limits limits) {
  if (value.is_constant()) return put(name, number(value.from), help);
  InlineWriter keys;
  schedule_fields(keys, value, limits);
  if (value.shape == "steps") {
    keys.put("values", numbers(value.values), "");
    keys.put("at", numbers(value.at_times), "");
  }
  put(name, fmt::format("{{{}}}", fmt::join(keys.pairs, ", ")), help);
}

class TextWriter final : public Writer {
 public:
  explicit TextWriter(bool comments) : comments_(comments) {}
  std::string text;

 protected:
  void put(std::string_view name, const std::string& value, std::string_view help) override {
    if (section() != written_) {
      written_ = section();
      text += fmt::format("\n[{}]\n", written_);
    }
    auto line = fmt::format("{} = {}", name, value);
    if (comments_ && !help.empty()) line = fmt::format("{:<40} # {}", line, help);
    text += line + "\n";
  }

 private:
  bool comments_;
  std::string written_;
};

class FlatWriter final : public Writer {
 public:
  std::vector<std::pair<std::string, std::string>> pairs;

 protected:
  void put(std::string_view name, const std::string& value, std::string_view) override {
    const auto prefix = section();
    pairs.emplace_back(prefix.empty() ? std::string(name) : fmt::format("{}.{}", prefix, name), value);
  }
};

}  // namespace

std::string to_toml(const std::function<void(Fields&)>& visit, bool comments) {
  TextWriter writer(comments);
  visit(writer);
  return writer.text;
}

std::vector<std::pair<std::string, std::string>> flatten(const std::function<void(Fields&)>& visit) {
  FlatWriter writer;
  visit(writer);
  return writer.pairs;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<int>(letter));
    } else {
      out += letter;
    }
  }
  return out + "\"";
}

}  // namespace duet
