// FBGEMM makes no threads: each of a team makes the same call with its number. The team is
// OpenMP's, so that it is the one that oneDNN uses, too.
#pragma once

#include <omp.h>

#include <exception>

namespace octet {

// body(thread, threads) on each thread of a team; throws what one of them threw.
template <typename Body>
void on_team(int threads, Body body) {
  if (threads == 1) {
    body(0, 1);
    return;
  }
  std::exception_ptr thrown;
#pragma omp parallel num_threads(threads)
  {
    try {
      body(omp_get_thread_num(), omp_get_num_threads());
    } catch (...) {
#pragma omp critical
      thrown = std::current_exception();
    }
  }
  if (thrown) {
    std::rethrow_exception(thrown);
  }
}

}  // namespace octet
