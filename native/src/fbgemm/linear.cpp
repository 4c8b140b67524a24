// A linear layer: fbgemmPacked over rows of activations and packed weights.
#include "layers.h"
#include "requantize.h"
#include "team.h"

namespace {

using fbgemm::matrix_op_t;
using octet::PackedB;
using PackedRows = fbgemm::PackAWithRowOffset<uint8_t>;
using PackedA = fbgemm::PackAMatrix<uint8_t>;
using RawSums = fbgemm::memCopy<>;

// FBGEMM's own size function does not see a forced instruction set.
constexpr size_t kRowOffsets = 4096;

size_t packed_a_bytes() {
  constexpr size_t kOtherBlocking = 65536;  // for the same reason
  return static_cast<size_t>(PackedRows::packedBufferSize(0, 0, nullptr)) + kOtherBlocking;
}

struct Memory {
  Memory(const octet_fbgemm_call &call, size_t n, size_t k) : scratch(call.scratch) {
    size_t rows = static_cast<size_t>(call.rows);
    size_t threads = static_cast<size_t>(call.threads);
    x = scratch.take<uint8_t>(call.x_signed != 0 ? rows * k : 0);
    sums = scratch.take<int32_t>(call.multiplier != nullptr ? rows * n : 0);
    row_offsets = scratch.take<int32_t>(threads * kRowOffsets);
    packed = scratch.take<uint8_t>(threads * packed_a_bytes());
  }

  octet::Scratch scratch;
  uint8_t *x;
  int32_t *sums;
  int32_t *row_offsets;
  uint8_t *packed;
};

struct Requantized {
  const octet_fbgemm_call &call;
  const uint8_t *x;
  PackedB &b;
  const Memory &memory;
  octet::Stage stage;
  int32_t n;
  int32_t k;

  template <bool Relu, octet::Granularity Q>
  void run() const {
    octet::on_team(call.threads, [this](int thread, int threads) {
      int32_t *row_offsets = memory.row_offsets + static_cast<size_t>(thread) * kRowOffsets;
      octet::Placed<PackedRows> a(matrix_op_t::NoTranspose, call.rows, k, x, k,
                                  memory.packed + static_cast<size_t>(thread) * packed_a_bytes(), 1,
                                  row_offsets, nullptr);
      octet::Stage mine = stage;
      mine.row_offsets = row_offsets;
      fbgemm::DoNothing<> nothing;
      auto process = octet::requantize<Relu, Q>(nothing, call, mine);
      fbgemm::fbgemmPacked<PackedRows, PackedB, uint8_t, octet::Requantize<Relu, Q>>(
          *a, b, static_cast<uint8_t *>(call.y), memory.sums, n, process, thread, threads, nullptr);
    });
  }
};

}  // namespace

octet_fbgemm_linear::octet_fbgemm_linear(int32_t n, int32_t k, const int8_t *weights)
    : n_(n),
      k_(k),
      column_sums_(octet::column_sums(weights, n, k)),
      zero_points_(n),
      packed_(octet::allocate(PackedB::packedBufferSize(k, n, nullptr))),
      b_(matrix_op_t::Transpose, k, n, weights, k, packed_.get(), 1, nullptr) {
  b_.require_at_most(104, "this FBGEMM's PackBMatrix is larger than 104 bytes");
}

void octet_fbgemm_linear::scratch(const octet_fbgemm_call &call, int64_t *bytes) const {
  octet_fbgemm_call counted = call;
  counted.scratch = nullptr;
  *bytes = static_cast<int64_t>(Memory(counted, n_, k_).scratch.used());
}

void octet_fbgemm_linear::run(const octet_fbgemm_call &call) const {
  Memory memory(call, n_, k_);
  size_t rows = static_cast<size_t>(call.rows);
  const uint8_t *x = octet::unsigned_input(call, rows * k_, memory.x);
  if (call.multiplier != nullptr) {
    octet::Stage stage{zero_points_.data(), nullptr, column_sums_.data(), static_cast<uint32_t>(n_),
                       1};
    octet::choose(call, Requantized{call, x, *b_, memory, stage, n_, k_});
    octet::sign_output(call, rows * n_);
    return;
  }
  octet::on_team(call.threads, [&](int thread, int threads) {
    octet::Placed<PackedA> a(matrix_op_t::NoTranspose, call.rows, k_, x, k_,
                             memory.packed + static_cast<size_t>(thread) * packed_a_bytes(), 1,
                             nullptr);
    fbgemm::DoNothing<int32_t, int32_t> nothing;
    RawSums sums(nothing);
    int32_t *y = static_cast<int32_t *>(call.y);
    fbgemm::fbgemmPacked<PackedA, PackedB, int32_t, RawSums>(*a, *b_, y, y, n_, sums, thread,
                                                             threads, nullptr);
  });
  octet::correct_sums(call, rows, column_sums_);
}
