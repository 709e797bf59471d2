#include "duet/score/report.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace duet {
namespace {

Report example() {
  Report report;
  report.metrics = {{"kernel_distance", 0.01234, 0.0005, "lower", "about 0 for perfect samples"},
                    {"frechet", 7.5, std::nullopt, "lower", ""},
                    {"frechet_floor", 0.25, std::nullopt, "", "one half against the other"}};
  report.primary = report.metrics[0];
  report.classes = {"cat", "dog", "emu"};
  report.class_share = {0.75, 0.25, 0};
  report.protocol = "features: none; 10 samples";
  report.samples = 10;
  return report;
}

TEST(Report, ReadsAsAlignedLines) {
  EXPECT_EQ(to_text(example()),
            "* kernel_distance  0.01234 +- 0.0005   lower is better   about 0 for perfect samples\n"
            "  frechet              7.5             lower is better\n"
            "  frechet_floor       0.25                               one half against the other\n"
            "\n"
            "share of the samples\n"
            "  cat   75.0 %  ##############################\n"
            "  dog   25.0 %  ##########\n"
            "  emu    0.0 %\n"
            "\n"
            "* decides. features: none; 10 samples\n");
}

TEST(Report, ShowsSamplesOutsideAllModesAndNoLongBarForASmallShare) {
  auto report = example();
  report.class_share = {0.001, 0, 0.001};
  report.outside_share = 0.998;
  EXPECT_NE(to_text(report).find("share of the samples\n"
                                 "  cat        0.1 %\n"
                                 "  dog        0.0 %\n"
                                 "  emu        0.1 %\n"
                                 "  outside   99.8 %  ##############################\n"),
            std::string::npos)
      << to_text(report);
  EXPECT_EQ(nlohmann::json::parse(to_json(report))["outside_share"], 0.998);
  report.outside_share.reset();
  EXPECT_NE(to_text(report).find("  cat    0.1 %\n"), std::string::npos) << to_text(report);
  EXPECT_FALSE(nlohmann::json::parse(to_json(report)).contains("outside_share"));
}

TEST(Report, EndsWithItsNotesIfItHasAny) {
  EXPECT_FALSE(nlohmann::json::parse(to_json(example())).contains("notes"));
  auto report = example();
  report.notes = {"10 samples are few", "and old"};
  EXPECT_TRUE(to_text(report).ends_with("10 samples\nnote: 10 samples are few\nnote: and old\n")) << to_text(report);
  EXPECT_EQ(nlohmann::json::parse(to_json(report))["notes"], report.notes);
}

TEST(Report, IsParseableJson) {
  const auto json = nlohmann::json::parse(to_json(example()));
  EXPECT_EQ(json["samples"], 10);
  EXPECT_EQ(json["primary"], "kernel_distance");
  EXPECT_EQ(json["metrics"]["kernel_distance"]["standard_error"], 0.0005);
  EXPECT_FALSE(json["metrics"]["frechet"].contains("standard_error"));
  EXPECT_EQ(json["class_share"]["dog"], 0.25);
}

TEST(Report, SaysWhereTheSamplesAreFromIfThatIsKnown) {
  EXPECT_FALSE(nlohmann::json::parse(to_json(example())).contains("origin"));
  auto report = example();
  report.origin = "best.safetensors, at 4 kimg";
  EXPECT_EQ(nlohmann::json::parse(to_json(report))["origin"], report.origin);
  EXPECT_NE(to_text(report).find("\nsamples: best.safetensors, at 4 kimg\n"), std::string::npos) << to_text(report);
}

TEST(Report, WritesWhatIsNotFiniteAsNull) {
  auto report = example();
  report.metrics[1].value = std::numeric_limits<double>::quiet_NaN();
  EXPECT_TRUE(nlohmann::json::parse(to_json(report))["metrics"]["frechet"]["value"].is_null());
}

TEST(Report, FindsAMetricByName) {
  const auto report = example();
  ASSERT_NE(report.find("frechet"), nullptr);
  EXPECT_EQ(report.find("frechet")->value, 7.5);
  EXPECT_EQ(report.find("recall"), nullptr);
}

}  // namespace
}  // namespace duet
