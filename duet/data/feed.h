#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <limits>
#include <memory>
#include <mutex>
#include <thread>

#include "duet/core/torch.h"
#include "duet/data/dataset.h"
#include "duet/data/picker.h"

namespace duet {

/// Examples as stored (uint8 or float32 [N,C,H,W]; undefined if each is given only once and has been) and their labels
/// (int64 [N], undefined without labels).
struct Batch {
  Tensor stored;
  Tensor labels;
};

struct FeedOptions {
  int64_t batch = 64;
  bool mirror = false;  ///< half of the examples are mirrored left to right
  uint64_t seed = 0;
  /// Threads that prepare batches ahead. 0: one if files are decoded; drawn examples and those in memory are prepared
  /// on request, with all of the caller's threads, because other threads would take cores from the products of a step.
  int64_t threads = 0;
  int64_t ahead = 4;               ///< number of batches prepared in advance
  std::string order = "shuffled";  ///< see PickerOptions
};

/// Returns batches of the examples that its picker picks. Batch number k is a function of (dataset, seed, order, batch
/// size, k) alone: it depends neither on the number of threads nor on timing, and the cursor is all there is to save.
///
/// Threads: batches are requested from one at a time; those that prepare them are its own.
class Feed {
 public:
  /// Continues after `cursor` examples. The dataset must have at least one example.
  Feed(std::shared_ptr<const Dataset> dataset, FeedOptions options, int64_t cursor = 0);
  /// The same with the picks of another feed, whose set has the same size: pairs. Seed, order and mirror are that
  /// feed's.
  Feed(std::shared_ptr<const Dataset> dataset, FeedOptions options, int64_t cursor, std::shared_ptr<Picker> picker);
  /// Stops the threads.
  ~Feed();
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  /// The next batch; blocks until it is ready. Throws what reading an example threw (Error(data)).
  Batch next();
  /// The examples of a batch (int64 [N]), and which of them are mirrored (bool [N], undefined if none is).
  struct Picks {
    Tensor indices, mirrored;
  };
  /// The picks of the batch that next() returns when the cursor is at `first`.
  Picks picks(int64_t first);
  const std::shared_ptr<Picker>& picker() const { return picker_; }
  /// For callers that cache examples: from the end of the first whole epoch from here on batches come without their
  /// examples.
  void give_once();

  /// Examples returned since the beginning of the run.
  int64_t cursor() const { return cursor_; }
  /// Passes over the data; fractional.
  double epoch() const;
  const Dataset& dataset() const { return *dataset_; }

 private:
  struct Slot {
    Batch batch;
    std::exception_ptr error;
  };
  void work();
  Batch empty_batch(int64_t first) const;
  Batch prepare(int64_t first);
  /// Example `i` of the batch that begins at position `first`.
  void put(Batch& batch, int64_t first, int64_t i);

  std::shared_ptr<const Dataset> dataset_;
  FeedOptions options_;
  std::shared_ptr<Picker> picker_;
  int64_t cursor_;
  std::atomic<int64_t> given_until_ = std::numeric_limits<int64_t>::max();  // no examples from this position on
  std::mutex mutex_;
  std::condition_variable wanted_, ready_;
  std::map<int64_t, Slot> slots_;  // prepared batches by their first position
  int64_t next_position_;          // of the next batch that no thread has begun
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace duet
