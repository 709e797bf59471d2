#pragma once

namespace duet {

/// While it lives, what its thread computes is computed by that thread alone: results do not depend on how many threads
/// there are, and threads that each do work of their own do not get into each other's way. Holds for the thread that
/// made it, which must end it.
class OneThread {
 public:
  OneThread();
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

}  // namespace duet
