// FBGEMM's objects in memory that is larger than they are, so that an object which grew is noticed
// and does no harm. Their destructors are not exported; they own nothing, because every buffer is
// handed in, and so none is called.
#pragma once

#include <cstddef>
#include <cstring>
#include <new>
#include <stdexcept>
#include <utility>

namespace octet {

template <typename T>
class Placed {
 public:
  template <typename... Arguments>
  explicit Placed(Arguments &&...arguments) {
    std::memset(memory_, kCanary, kRoom);
    object_ = new (memory_) T(std::forward<Arguments>(arguments)...);
  }

  Placed(const Placed &) = delete;
  Placed &operator=(const Placed &) = delete;

  T &operator*() const { return *object_; }

  // Throws where something was written behind that many bytes.
  void require_at_most(size_t bytes, const char *otherwise) const {
    for (size_t i = bytes; i < kRoom; ++i) {
      if (memory_[i] != kCanary) {
        throw std::runtime_error(otherwise);
      }
    }
  }

 private:
  static constexpr size_t kRoom = 512;
  static constexpr unsigned char kCanary = 0xa5;

  alignas(64) unsigned char memory_[kRoom];
  T *object_;
};

}  // namespace octet
