// What stands around every C function: no exception leaves, and its text stays with the thread.
#pragma once

#include <cstdint>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>

#include "octet_fbgemm.h"

namespace octet {

inline thread_local std::string last_error;

template <typename Body>
int32_t guarded(Body body) noexcept {
  int32_t status = OCTET_FBGEMM_FAILED;
  try {
    last_error.clear();
    try {
      body();
      return OCTET_FBGEMM_OK;
    } catch (const std::invalid_argument &e) {
      status = OCTET_FBGEMM_INVALID_ARGUMENT;
      last_error = e.what();
    } catch (const std::bad_alloc &) {
      status = OCTET_FBGEMM_OUT_OF_MEMORY;
      last_error = "out of memory";
    } catch (const std::exception &e) {
      last_error = e.what();
    } catch (...) {
      last_error = "a C++ exception of unknown type";
    }
  } catch (...) {
    // No memory for the text.
  }
  return status;
}

inline void require(bool condition, const char *what) {
  if (!condition) {
    throw std::invalid_argument(what);
  }
}

}  // namespace octet
