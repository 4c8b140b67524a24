#include "layers.h"

#include <cstdlib>

void octet::Free::operator()(void *memory) const { std::free(memory); }

octet::Buffer<int8_t> octet::allocate(size_t bytes) {
  size_t whole = (bytes + kAlignment - 1) / kAlignment * kAlignment + kAlignment;
  void *memory = std::aligned_alloc(kAlignment, whole);
  if (memory == nullptr) {
    throw std::bad_alloc();
  }
  return Buffer<int8_t>(static_cast<int8_t *>(memory));
}

std::vector<int32_t> octet::column_sums(const int8_t *weights, size_t channels, size_t inner) {
  std::vector<int32_t> sums(channels);
  for (size_t c = 0; c < channels; ++c) {
    for (size_t i = 0; i < inner; ++i) {
      sums[c] += weights[c * inner + i];
    }
  }
  return sums;
}

const uint8_t *octet::unsigned_input(const octet_fbgemm_call &call, size_t count, uint8_t *copy) {
  const uint8_t *from = static_cast<const uint8_t *>(call.x);
  if (call.x_signed == 0) {
    return from;
  }
  for (size_t i = 0; i < count; ++i) {
    copy[i] = from[i] ^ 0x80;
  }
  return copy;
}

void octet::sign_output(const octet_fbgemm_call &call, size_t count) {
  if (call.y_signed == 0) {
    return;
  }
  uint8_t *y = static_cast<uint8_t *>(call.y);
  for (size_t i = 0; i < count; ++i) {
    y[i] ^= 0x80;
  }
}

void octet::correct_sums(const octet_fbgemm_call &call, size_t rows,
                         const std::vector<int32_t> &columns) {
  // Unsigned, for FBGEMM's sums wrap.
  uint32_t zero_point = static_cast<uint32_t>(x_zero_point(call));
  uint32_t *y = static_cast<uint32_t *>(call.y);
  for (size_t row = 0; row < rows && zero_point != 0; ++row) {
    for (int32_t column : columns) {
      *y++ -= zero_point * static_cast<uint32_t>(column);
    }
  }
}
