#include "duet/config/toml.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/data/damage.h"

namespace duet {
namespace {

struct Inner {
  double rate = 0.5;
  std::vector<int64_t> sizes = {1, 2};
  void fields(Fields& f) {
    f.real("rate", rate, "how fast", {0, 1});
    f.integers("sizes", sizes, "how large", {1, 100});
  }
};

struct Sample {
  bool on = false;
  int64_t count = 3;
  std::string title = "none", colour = "red";
  std::vector<std::string> words;
  Schedule lr = 0.1;
  Inner inner;
  std::map<std::string, Inner> many;
  void fields(Fields& f) {
    f.flag("on", on, "whether");
    f.integer("count", count, "how many", {0, 10});
    f.text("title", title, "");
    f.choice("colour", colour, {"red", "green", "blue"}, "of it");
    f.texts("words", words, "");
    f.schedule("lr", lr, "learning rate", {.low = 0});
    f.section("inner", inner, "");
    f.sections("many", many, "");
  }
};

Sample read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  TomlDocument document(text, "some.toml");
  for (const auto& assignment : overrides) document.set(assignment);
  Sample sample;
  document.read([&](Fields& f) { sample.fields(f); });
  return sample;
}

std::string refused(const std::string& text, const std::vector<std::string>& overrides = {},
                    Fault fault = Fault::recipe) {
  return error_of([&] { read(text, overrides); }, fault);
}

std::string written(const Sample& sample, bool comments = false) {
  auto copy = sample;
  return to_toml([&](Fields& f) { copy.fields(f); }, comments);
}

TEST(Toml, RefusesASchedulesTableThatLacksWhatItsShapeNeeds) {
  EXPECT_EQ(refused("lr = {shape = \"linear\", from = 1, to = 0.1}"),
            "some.toml:1:6: lr has no 'end', which a schedule of shape linear needs, as in "
            "{shape = \"linear\", from = 1, to = 0.1, start = 0, end = 100}");
  EXPECT_EQ(refused("lr = {from = 1, to = 0.1, start = 10, end = 5}"),
            "some.toml:1:6: lr ends at 5, before its start at 10; expected an end after the start");
  for (const auto& shape : schedule_shapes()) {
    EXPECT_EQ(read("lr = " + shape.example).lr.shape, shape.name);
    for (const auto& key : shape.needs) {
      std::string keys;
      for (const auto& other : shape.needs)
        if (other != key) keys += ", " + other + (other == "values" || other == "at" ? " = [1]" : " = 1");
      const auto text = refused("lr = {shape = \"" + shape.name + "\"" + keys + "}");
      EXPECT_NE(text.find("lr has no '" + key + "'"), std::string::npos) << text;
    }
  }
}

TEST(Toml, FillsFieldsAndLeavesDefaults) {
  const auto sample = read(
      "on = true\ntitle = 'x'\nwords = ['a', 'b']\nlr = 2\n[inner]\nsizes = [7]\n[many.first]\nrate = "
      "1\n[many.second]\n");
  EXPECT_TRUE(sample.on);
  EXPECT_EQ(sample.count, 3);
  EXPECT_EQ(sample.title, "x");
  EXPECT_EQ(sample.words, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(sample.lr.from, 2);
  EXPECT_EQ(sample.inner.sizes, std::vector<int64_t>{7});
  EXPECT_EQ(sample.inner.rate, 0.5);
  ASSERT_EQ(sample.many.size(), 2u);
  EXPECT_EQ(sample.many.at("first").rate, 1);
}

TEST(Toml, NamesThePlaceOfASyntaxError) {
  EXPECT_EQ(refused("on = true\ncount = = 3\n").substr(0, 16), "some.toml:2:9: E");
  EXPECT_TRUE(refused("on = true\ncount = = 3\n").ends_with("; expected TOML such as: lr = 2e-4"));
  EXPECT_EQ(refused("[inner\n").substr(0, 12), "some.toml:1:");
}

TEST(Toml, RefusesAnUnknownKeyAndNamesTheNearest) {
  EXPECT_EQ(refused("on = true\n\ncuont = 3\n"),
            "some.toml:3:9: unknown key 'cuont' at the top level; did you mean 'count'?");
  EXPECT_EQ(refused("[inner]\nrat = 1\n"), "some.toml:2:7: unknown key 'rat' in [inner]; did you mean 'rate'?");
  EXPECT_EQ(refused("[many.first]\nwholly_else = 1\n"),
            "some.toml:2:15: unknown key 'wholly_else' in [many.first]; known here: rate, sizes");
}

TEST(Toml, RefusesAWrongType) {
  EXPECT_EQ(refused("on = 1\n"), "some.toml:1:6: on is a whole number (1); expected true or false");
  EXPECT_EQ(refused("count = 1.5\n"), "some.toml:1:9: count is a number (1.5); expected a whole number");
  EXPECT_EQ(refused("count = 'three'\n"), "some.toml:1:9: count is a text (\"three\"); expected a whole number");
  EXPECT_EQ(refused("title = 3\n"), "some.toml:1:9: title is a whole number (3); expected a text in quotes");
  EXPECT_EQ(refused("words = 'a'\n"), "some.toml:1:9: words is a text (\"a\"); expected a list of texts");
  EXPECT_EQ(refused("words = [1]\n"),
            "some.toml:1:10: words is a whole number (1); expected a list of texts in quotes");
  EXPECT_EQ(refused("lr = true\n"),
            "some.toml:1:6: lr is true or false (true); expected a number or a table {shape = ...}");
  EXPECT_EQ(refused("inner = 3\n"), "some.toml:1:9: inner is a whole number (3); expected a table [inner]");
  EXPECT_EQ(refused("[inner]\nsizes = [1, 'b']\n"),
            "some.toml:2:13: inner.sizes is a text (\"b\"); expected a whole number");
  EXPECT_EQ(refused("[inner]\nrate = {}\n"), "some.toml:2:8: inner.rate is a table ({...}); expected a number");
}

TEST(Toml, RefusesAValueOutOfRange) {
  EXPECT_EQ(refused("count = 11\n"), "some.toml:1:9: count = 11 is out of range; expected 0 to 10");
  EXPECT_EQ(refused("lr = -0.1\n"), "some.toml:1:6: lr = -0.1 is out of range; expected at least 0");
  EXPECT_EQ(refused("[inner]\nrate = nan\n"), "some.toml:2:8: inner.rate = nan is out of range; expected 0 to 1");
  EXPECT_EQ(refused("[inner]\nsizes = [5, 0]\n"), "some.toml:2:13: inner.sizes = 0 is out of range; expected 1 to 100");
  EXPECT_EQ(refused("lr = {from = 1, to = -1, end = 5}\n"),
            "some.toml:1:22: lr.to = -1 is out of range; expected at least 0");
}

TEST(Toml, RefusesWhatIsNotAmongTheChoices) {
  EXPECT_EQ(refused("colour = 'gren'\n"),
            "some.toml:1:10: colour = \"gren\"; expected one of red, green, blue; did you mean 'green'?");
  EXPECT_EQ(refused("colour = 'mauve'\n"), "some.toml:1:10: colour = \"mauve\"; expected one of red, green, blue");
}

TEST(Toml, RefusesAScheduleThatDoesNotFitTogether) {
  EXPECT_EQ(refused("lr = {shape = 'steps', from = 1, values = [1, 2], at = [3]}\n"),
            "some.toml:1:6: lr has 2 values but 1 times; expected equally many");
  EXPECT_EQ(refused("lr = {shape = 'linar'}\n"),
            "some.toml:1:15: lr.shape = \"linar\"; expected one of constant, linear, cosine, exponential, inverse, "
            "steps; did you mean 'linear'?");
  EXPECT_EQ(refused("lr = {shape = 'inverse', divide = 2}\n"),
            "some.toml:1:35: unknown key 'divide' in [lr]; known here: shape, from, decay, unit");
}

TEST(Toml, LaysOverridesOver) {
  const auto sample = read("count = 1\n[inner]\nrate = 0.1\n",
                           {"count=2", "inner.rate=1", "colour=blue", "title=two words", "inner.sizes=[4, 5]",
                            "many.new.rate=0.25", "lr={from = 1, to = 0, end = 10}"});
  EXPECT_EQ(sample.count, 2);
  EXPECT_EQ(sample.inner.rate, 1);
  EXPECT_EQ(sample.colour, "blue");
  EXPECT_EQ(sample.title, "two words");
  EXPECT_EQ(sample.inner.sizes, (std::vector<int64_t>{4, 5}));
  EXPECT_EQ(sample.many.at("new").rate, 0.25);
  EXPECT_EQ(sample.lr.shape, "linear");
}

TEST(Toml, LetsTheLastOverrideWin) {
  EXPECT_EQ(read("", {"count=2", "count=3"}).count, 3);
  EXPECT_EQ(refused("", {"count=2", "count=30"}), "--set count=30: count = 30 is out of range; expected 0 to 10");
}

TEST(Toml, NamesTheOverrideThatIsWrong) {
  EXPECT_EQ(refused("", {"count"}, Fault::usage),
            "--set count: no 'key=value'; expected for instance --set player.generator.lr=1e-4");
  EXPECT_EQ(refused("", {"=3"}, Fault::usage),
            "--set =3: no 'key=value'; expected for instance --set player.generator.lr=1e-4");
  EXPECT_EQ(refused("count = 1\n", {"count.more=3"}, Fault::usage),
            "--set count.more=3: 'count' is a whole number, not a section");
  EXPECT_EQ(refused("", {"inner.rat=1"}), "--set inner.rat=1: unknown key 'rat' in [inner]; did you mean 'rate'?");
  EXPECT_EQ(refused("", {"count=many"}), "--set count=many: count is a text (\"many\"); expected a whole number");
  EXPECT_EQ(refused("", {"count="}), "--set count=: count is a text (\"\"); expected a whole number");
  EXPECT_EQ(refused("", {"inner.rate=7"}), "--set inner.rate=7: inner.rate = 7 is out of range; expected 0 to 1");
}

struct Renamed {
  double half_life = 0;
  void fields(Fields& f) {
    f.renamed("average", "half_life");
    f.real("half_life", half_life, "", {0, 10});
  }
};

double half_life(const std::string& text, const std::vector<std::string>& overrides, TomlNotes* notes = nullptr) {
  TomlDocument document(text, "some.toml");
  for (const auto& assignment : overrides) document.set(assignment);
  Renamed section;
  document.read([&](Fields& f) { f.section("ema", section, ""); }, notes);
  return section.half_life;
}

TEST(Toml, ReadsARenamedKeyUnderItsFormerNameAndSaysSo) {
  TomlNotes notes;
  EXPECT_EQ(half_life("[ema]\naverage = 2\n", {}, &notes), 2);
  EXPECT_EQ(notes.renamed,
            std::vector<std::string>{"some.toml:2:11: ema.average is called 'half_life' now; it is read as such"});
  EXPECT_TRUE(notes.ignored.empty());
  EXPECT_EQ(half_life("[ema]\nhalf_life = 2\n", {}), 2);
  EXPECT_EQ(half_life("", {"ema.average=3"}), 3);
  // The override of a text that was written before the key had its new name.
  EXPECT_EQ(half_life("[ema]\naverage = 2\n", {"ema.half_life=4"}), 4);
  const auto error = [](const std::string& text, const std::vector<std::string>& overrides) {
    return error_of([&] { half_life(text, overrides); }, Fault::recipe);
  };
  EXPECT_EQ(error("[ema]\naverage = 2\nhalf_life = 3\n", {}),
            "some.toml:2:11: 'average' is called 'half_life' now, and ema.half_life is set, too; expected one of them; "
            "leave out 'average'");
  EXPECT_EQ(error("[ema]\nhalf_life = 3\n", {"ema.average=2"}),
            "--set ema.average=2: 'average' is called 'half_life' now, and ema.half_life is set, too; expected one of "
            "them; leave out 'average'");
  EXPECT_EQ(error("[ema]\naverage = 20\n", {}), "some.toml:2:11: ema.half_life = 20 is out of range; expected 0 to 10");
}

TEST(Toml, ReadsBackWhatItWrites) {
  Sample sample;
  sample.on = true;
  sample.title = "a \"quoted\" back\\slash\nand a line, caf\xc3\xa9 #not a comment";
  sample.words = {"x = 1", "[y]"};
  sample.inner.rate = 0.1 + 0.2;
  sample.many["one"].rate = 1e-300;
  sample.many["two"].sizes = {};
  sample.lr = Schedule(1e-4);
  for (bool comments : {false, true}) EXPECT_EQ(written(read(written(sample, comments))), written(sample));
  EXPECT_EQ(read(written(sample)).title, sample.title);
  EXPECT_EQ(read(written(sample)).inner.rate, sample.inner.rate);
}

TEST(Toml, ReadsBackEveryShapeOfSchedule) {
  for (const char* text :
       {"0.25", "{shape = 'linear', from = 1, to = 0.5, start = 2, end = 9, unit = 'epoch'}",
        "{shape = 'cosine', from = 1, to = 0.5, start = 2, end = 9, unit = 'update'}",
        "{shape = 'exponential', from = 0.1, divide = 1.000004, floor = 1e-6, start = 3, unit = 'update'}",
        "{shape = 'inverse', from = 0.1, decay = 1e-4}",
        "{shape = 'steps', from = 1, values = [0.5, 0.25], at = [10, 20]}"}) {
    const auto sample = read(std::string("lr = ") + text);
    const auto again = read(written(sample));
    EXPECT_EQ(written(again), written(sample)) << text;
    for (int t = 0; t < 30; ++t) {
      const Clock clock{.kimg = t + 0.5, .updates = t, .epoch = t / 2.0};
      EXPECT_EQ(again.lr.at(clock), sample.lr.at(clock)) << text << " at " << t;
    }
  }
}

TEST(Toml, WritesHelpAsComments) {
  EXPECT_TRUE(
      written({}, true).starts_with("on = false                               # whether\n"
                                    "count = 3                                # how many\n"
                                    "title = \"none\"\n"
                                    "colour = \"red\"                           # of it: red | green | blue\n"))
      << written({}, true);
}

TEST(Toml, FlattensEveryKeyInOrder) {
  Sample sample;
  sample.many["only"].rate = 1;
  std::string keys;
  for (const auto& [key, value] : flatten([&](Fields& f) { sample.fields(f); })) keys += key + "=" + value + " ";
  EXPECT_EQ(keys,
            "on=false count=3 title=\"none\" colour=\"red\" words=[] lr=0.1 inner.rate=0.5 inner.sizes=[1, 2] "
            "many.only.rate=1.0 many.only.sizes=[1, 2] ");
}

TEST(Toml, NeverFailsOtherwiseOnDamagedText) {
  const std::string text =
      "on = true\nlr = {shape = 'steps', from = 1, values = [1, 2], at = [3, 4]}\n[inner]\nsizes = "
      "[1]\n[many.a]\nrate=1\n";
  for (int i = 0; i < 2000; ++i) {
    Random random(11, 0, static_cast<uint64_t>(i));
    auto damaged = text;
    for (int64_t n = random.below(3); n >= 0; --n)
      damaged[static_cast<size_t>(random.below(static_cast<int64_t>(text.size())))] = static_cast<char>(random.bits());
    error_of([&] { read(damaged); }, Fault::recipe);
  }
}

}  // namespace
}  // namespace duet
