#include "duet/ops/one_thread.h"

#include <omp.h>

#include "duet/core/torch.h"

namespace duet {

OneThread::OneThread() {
  // LibTorch sets a thread's number of threads when that is first asked for or used: once for itself, and once more for
  // what its headers put into our code, which from version 2 on keeps its own mark of having done so.
  at::get_num_threads();
  at::internal::lazy_init_num_threads();
  before_ = omp_get_max_threads();
  omp_set_num_threads(1);
}

OneThread::~OneThread() { omp_set_num_threads(before_); }

}  // namespace duet
