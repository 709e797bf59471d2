#include "duet/score/classifier_cache.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>

#include "duet/core/error.h"
#include "duet/core/files.h"
#include "tests/data/fresh_folder.h"
#include "tests/score/shapes_dataset.h"

namespace duet {
namespace {

using testing::shapes_dataset;
using testing::TensorDataset;

class ClassifierCache : public ::testing::Test {
 protected:
  ClassifierCache() {
    options_.examples = 640;
    options_.batch = 64;
    options_.progress = [this](const ClassifierProgress&) { trained_ = true; };
    options_.note = [this](const std::string& note) { notes_.push_back(note); };
  }
  Classifier get() {
    trained_ = false;
    return cached_classifier(train_, test_, options_, folder_.path());
  }
  std::filesystem::path file() const { return std::filesystem::directory_iterator(folder_.path())->path(); }

  FreshFolder folder_;
  TensorDataset train_ = shapes_dataset(300, 1), test_ = shapes_dataset(100, 2);
  ClassifierOptions options_;
  bool trained_ = false;
  std::vector<std::string> notes_;
};

TEST_F(ClassifierCache, TrainsOnceAndThenReadsTheSameClassifier) {
  const auto first = get();
  EXPECT_TRUE(trained_);
  const auto second = get();
  EXPECT_FALSE(trained_);
  EXPECT_TRUE(notes_.empty());
  EXPECT_EQ(first.fingerprint(), second.fingerprint());
  EXPECT_EQ(first.held_out_accuracy(), second.held_out_accuracy());
  EXPECT_EQ(first.parts().classes, second.parts().classes);
  EXPECT_TRUE(first.features(test_.examples()).equal(second.features(test_.examples())));
}

TEST_F(ClassifierCache, TrainsAgainWithANoteWhenTheFileIsDamagedAnywhere) {
  const auto first = get();
  const auto whole = read_bytes(file(), Fault::checkpoint);
  for (const size_t place : {size_t{3}, size_t{40}, size_t{120}, whole.size() - 1}) {
    auto damaged = whole;
    damaged[place] ^= std::byte{1};
    write_atomic(file(), damaged);
    notes_.clear();
    EXPECT_EQ(get().fingerprint(), first.fingerprint());
    EXPECT_TRUE(trained_) << "byte " << place;
    ASSERT_EQ(notes_.size(), 1u);
    EXPECT_NE(notes_[0].find(file().string()), std::string::npos) << notes_[0];
    EXPECT_EQ(read_bytes(file(), Fault::checkpoint), whole) << "the damaged file must be replaced";
  }
}

TEST_F(ClassifierCache, TrainsAgainWhenTheFileIsCutShort) {
  get();
  const auto whole = read_bytes(file(), Fault::checkpoint);
  for (const size_t size : {size_t{0}, size_t{10}, size_t{83}, size_t{84}, whole.size() / 2}) {
    write_atomic(file(), std::span(whole).first(size));
    get();
    EXPECT_TRUE(trained_) << size << " bytes";
  }
}

TEST_F(ClassifierCache, IsUsedUnstoredWithANoteWhereTheFolderCannotBeWritten) {
  make_folder(folder_.path());
  const auto blocked = folder_.path() / "a file";
  write_atomic(blocked, std::string_view("not a folder"));
  const auto classifier = cached_classifier(train_, test_, options_, blocked / "cache");
  EXPECT_EQ(notes_.size(), 1u);
  EXPECT_GT(classifier.held_out_accuracy(), 0);
}

TEST_F(ClassifierCache, KeyChangesWithEverythingThatDecidesTheWeights) {
  const auto key = classifier_key(train_, test_, options_);
  EXPECT_EQ(key.size(), 64u);
  EXPECT_EQ(key, classifier_key(shapes_dataset(300, 1), test_, options_));

  auto pixels = train_.examples().clone();
  pixels[7][0][3][3] = (pixels[7][0][3][3].item<int64_t>() + 1) % 256;
  EXPECT_NE(key, classifier_key(TensorDataset(pixels, train_.labels(), train_.info().classes), test_, options_));

  auto labels = train_.labels();
  labels[9] = (labels[9] + 1) % 3;
  EXPECT_NE(key, classifier_key(TensorDataset(train_.examples(), labels, train_.info().classes), test_, options_));

  auto options = options_;
  options.seed = 1;
  EXPECT_NE(key, classifier_key(train_, test_, options));
  options = options_;
  options.learning_rate *= 1.0000001;
  EXPECT_NE(key, classifier_key(train_, test_, options));
  // Bytes are the same pictures whatever range a recipe trains in.
  options = options_;
  options.range = {0, 1};
  EXPECT_EQ(key, classifier_key(train_, test_, options));
}

/// Sets an environment variable for the life of the object.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    value ? setenv(name, value, 1) : unsetenv(name);
  }
  ~Environment() { old_ ? setenv(name_, old_->c_str(), 1) : unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> old_;
};

TEST(DefaultCacheFolder, FollowsTheEnvironmentInOrder) {
  const Environment own("DUET_CACHE", "/a"), xdg("XDG_CACHE_HOME", "/b"), home("HOME", "/c");
  EXPECT_EQ(default_cache_folder(), "/a");
  const Environment no_own("DUET_CACHE", nullptr);
  EXPECT_EQ(default_cache_folder(), "/b/duet");
  const Environment no_xdg("XDG_CACHE_HOME", nullptr);
  EXPECT_EQ(default_cache_folder(), "/c/.cache/duet");
}

}  // namespace
}  // namespace duet
