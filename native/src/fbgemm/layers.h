// Packed layers and how a call's scratch memory is divided.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "declarations.h"
#include "octet_fbgemm.h"
#include "placed.h"

namespace octet {

constexpr size_t kAlignment = 64;

struct Free {
  void operator()(void *memory) const;
};

// Memory aligned to 64 bytes; throws std::bad_alloc.
template <typename T>
using Buffer = std::unique_ptr<T[], Free>;
Buffer<int8_t> allocate(size_t bytes);

using PackedB = fbgemm::PackBMatrix<int8_t>;

// The sum of each output channel's weights.
std::vector<int32_t> column_sums(const int8_t *weights, size_t channels, size_t inner);

// Hands out aligned pieces of the call's scratch memory; with a null start it only counts.
class Scratch {
 public:
  explicit Scratch(void *start) : start_(static_cast<unsigned char *>(start)) {}

  template <typename T>
  T *take(size_t count) {
    size_t offset = used_;
    used_ += (count * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    return start_ == nullptr ? nullptr : reinterpret_cast<T *>(start_ + offset);
  }

  size_t used() const { return used_; }

 private:
  unsigned char *start_;
  size_t used_ = 0;
};

// The activations as u8: those of the call, or a copy of signed ones with the top bit flipped.
const uint8_t *unsigned_input(const octet_fbgemm_call &call, size_t count, uint8_t *copy);

// Turns u8 results into s8 ones where the call wants those.
void sign_output(const octet_fbgemm_call &call, size_t count);

// Takes x_zero_point * column sum from each raw sum.
void correct_sums(const octet_fbgemm_call &call, size_t rows, const std::vector<int32_t> &columns);

inline int32_t x_zero_point(const octet_fbgemm_call &call) {
  return call.x_zero_point + (call.x_signed != 0 ? 128 : 0);
}

inline int32_t y_zero_point(const octet_fbgemm_call &call) {
  return call.y_zero_point + (call.y_signed != 0 ? 128 : 0);
}

}  // namespace octet

struct octet_fbgemm_linear {
  octet_fbgemm_linear(int32_t n, int32_t k, const int8_t *weights);
  void scratch(const octet_fbgemm_call &call, int64_t *bytes) const;
  void run(const octet_fbgemm_call &call) const;

 private:
  const int32_t n_;
  const int32_t k_;
  const std::vector<int32_t> column_sums_;
  const std::vector<int32_t> zero_points_;
  const octet::Buffer<int8_t> packed_;
  const octet::Placed<octet::PackedB> b_;
};

struct octet_fbgemm_conv {
  octet_fbgemm_conv(const octet_fbgemm_conv_shape &shape, const int8_t *weights, bool raw);
  ~octet_fbgemm_conv();
  int32_t path() const;
  void scratch(const octet_fbgemm_call &call, int64_t *bytes) const;
  void run(const octet_fbgemm_call &call) const;

 private:
  // PackWeightsForConv<2>: its parameters and five shared pointers, whose control blocks know how
  // to free what they point to. Its own destructor is not exported.
  struct Packed {
    alignas(16) unsigned char param[96];
    std::shared_ptr<void> weights[5];
    unsigned char canary[256];
  };

  fbgemm::conv_param_t<2> smallest() const;
  fbgemm::conv_param_t<2> param(const octet_fbgemm_call &call) const;
  void pack(const int8_t *weights);
  void pack_im2col(const int8_t *weights);

  const octet_fbgemm_conv_shape shape_;
  const std::vector<int32_t> column_sums_;
  const std::vector<int32_t> zero_points_;
  // For raw sums, which fbgemmConv does not give: the weights as one matrix for each group.
  octet::Buffer<int8_t> im2col_packed_;
  std::unique_ptr<octet::Placed<octet::PackedB>> im2col_b_;
  Packed packed_;
};
