#include "duet/ops/one_thread.h"

#include <omp.h>

#include "duet/core/torch.h"

namespace duet {

OneThread::OneThread() {
  // LibTorch sets a thread's number of threads when it is first asked for it.
  at::get_num_threads();
  before_ = omp_get_max_threads();
  omp_set_num_threads(1);
}

OneThread::~OneThread() { omp_set_num_threads(before_); }

}  // namespace duet
