// A convolution: fbgemmConv chooses an algorithm where y is quantized; raw sums go by im2col.
#include <cstring>

#include "guard.h"
#include "layers.h"
#include "requantize.h"
#include "team.h"

namespace {

using fbgemm::matrix_op_t;
using octet::PackedB;
using Param = fbgemm::conv_param_t<2>;
using PackedImage = fbgemm::PackAWithIm2Col<uint8_t, int32_t, 2>;
using PackedWeights = fbgemm::PackWeightsForConv<2>;
using RawSums = fbgemm::memCopy<>;

constexpr size_t kRowOffsets = 4096;
constexpr unsigned char kCanary = 0xa5;

size_t packed_image_bytes() {
  constexpr size_t kOtherBlocking = 65536;  // of an instruction set that was forced
  return static_cast<size_t>(PackedImage::packedBufferSize(0, 0, nullptr)) + kOtherBlocking;
}

int32_t out_size(int32_t in, int32_t before, int32_t after, int32_t kernel, int32_t stride,
                 int32_t dilation) {
  int64_t room = int64_t{in} + before + after - int64_t{dilation} * (kernel - 1) - 1;
  octet::require(room >= 0, "the window is larger than the padded image");
  return static_cast<int32_t>(room / stride) + 1;
}

size_t inputs(const Param &p) {
  return static_cast<size_t>(p.MB) * p.IN_DIM[0] * p.IN_DIM[1] * p.IC;
}

size_t pixels(const Param &p) { return static_cast<size_t>(p.MB) * p.OUT_DIM[0] * p.OUT_DIM[1]; }

struct Memory {
  Memory(const octet_fbgemm_call &call, const Param &p) : scratch(call.scratch) {
    bool raw = call.multiplier == nullptr;
    size_t threads = static_cast<size_t>(call.threads);
    x = scratch.take<uint8_t>(call.x_signed != 0 ? inputs(p) : 0);
    sums = scratch.take<int32_t>(raw ? 0 : pixels(p) * p.OC);
    row_offsets = scratch.take<int32_t>(raw ? threads * kRowOffsets : 0);
    packed = scratch.take<uint8_t>(raw ? threads * packed_image_bytes() : 0);
  }

  octet::Scratch scratch;
  uint8_t *x;
  int32_t *sums;
  int32_t *row_offsets;
  uint8_t *packed;
};

struct Requantized {
  const octet_fbgemm_call &call;
  const Param &param;
  const uint8_t *x;
  PackedWeights &weights;
  int32_t *sums;
  octet::Stage stage;

  template <bool Relu, octet::Granularity Q>
  void run() const {
    octet::on_team(call.threads, [this](int thread, int threads) {
      fbgemm::DoNothing<> nothing;
      auto process = octet::requantize<Relu, Q>(nothing, call, stage);  // fbgemmConv changes it
      fbgemm::fbgemmConv<octet::Requantize<Relu, Q>, 2, int32_t>(
          param, x, weights, static_cast<uint8_t *>(call.y), sums, process, thread, threads,
          nullptr);
    });
  }
};

}  // namespace

octet_fbgemm_conv::octet_fbgemm_conv(const octet_fbgemm_conv_shape &shape, const int8_t *weights,
                                     bool raw)
    : shape_(shape),
      column_sums_(octet::column_sums(
          weights, shape.out_channels,
          static_cast<size_t>(shape.kernel_h) * shape.kernel_w * shape.in_channels / shape.groups)),
      zero_points_(shape.out_channels) {
  raw ? pack_im2col(weights) : pack(weights);
}

void octet_fbgemm_conv::pack_im2col(const int8_t *weights) {
  int32_t groups = shape_.groups;
  int32_t k = shape_.kernel_h * shape_.kernel_w * shape_.in_channels;
  int32_t n = shape_.out_channels / groups;
  size_t bytes = PackedB::packedBufferSize(k / groups, n, nullptr);
  im2col_packed_ = octet::allocate(bytes * groups);
  im2col_b_ = std::make_unique<octet::Placed<PackedB>>(
      matrix_op_t::Transpose, k, n, weights, k / groups, im2col_packed_.get(), groups, nullptr);
}

octet_fbgemm_conv::~octet_fbgemm_conv() = default;

void octet_fbgemm_conv::pack(const int8_t *weights) {
  Param p = smallest();
  std::memset(packed_.canary, kCanary, sizeof packed_.canary);
  new (static_cast<void *>(&packed_)) PackedWeights(p, weights, nullptr);
  for (unsigned char byte : packed_.canary) {
    if (byte != kCanary) {
      throw std::runtime_error("this FBGEMM's PackWeightsForConv is larger than 176 bytes");
    }
  }
  constexpr size_t kBeforePadding = offsetof(Param, transposed) + sizeof p.transposed;
  if (std::memcmp(packed_.param, &p, kBeforePadding) != 0) {
    throw std::runtime_error("this FBGEMM's PackWeightsForConv begins with other parameters");
  }
}

// Neither packing nor the choice of an algorithm looks at the image.
Param octet_fbgemm_conv::smallest() const {
  octet_fbgemm_call call{};
  call.rows = 1;
  call.height = shape_.dilation_h * (shape_.kernel_h - 1) + 1;
  call.width = shape_.dilation_w * (shape_.kernel_w - 1) + 1;
  return param(call);
}

Param octet_fbgemm_conv::param(const octet_fbgemm_call &call) const {
  const octet_fbgemm_conv_shape &s = shape_;
  // Checked first: FBGEMM's own declarations compute the size of y themselves.
  std::array<int, 2> out = {
      out_size(call.height, s.pad_top, s.pad_bottom, s.kernel_h, s.stride_h, s.dilation_h),
      out_size(call.width, s.pad_left, s.pad_right, s.kernel_w, s.stride_w, s.dilation_w)};
  Param p(call.rows, s.in_channels, s.out_channels, {call.height, call.width}, s.groups,
          {s.kernel_h, s.kernel_w}, {s.stride_h, s.stride_w},
          {s.pad_top, s.pad_left, s.pad_bottom, s.pad_right}, {s.dilation_h, s.dilation_w});
  octet::require(p.OUT_DIM == out, "this FBGEMM computes another output size");
  return p;
}

int32_t octet_fbgemm_conv::path() const {
  if (im2col_b_ != nullptr) {
    return OCTET_FBGEMM_PATH_IM2COL;
  }
  return static_cast<int32_t>(fbgemm::ConvFastPath<2, int32_t>(smallest()));
}

void octet_fbgemm_conv::scratch(const octet_fbgemm_call &call, int64_t *bytes) const {
  octet_fbgemm_call counted = call;
  counted.scratch = nullptr;
  *bytes = static_cast<int64_t>(Memory(counted, param(call)).scratch.used());
}

void octet_fbgemm_conv::run(const octet_fbgemm_call &call) const {
  octet::require((call.multiplier == nullptr) == (im2col_b_ != nullptr),
                 "the weights are packed for calls of the other kind");
  Param p = param(call);
  Memory memory(call, p);
  const uint8_t *x = octet::unsigned_input(call, inputs(p), memory.x);
  if (call.multiplier != nullptr) {
    octet::Stage stage{zero_points_.data(), nullptr, column_sums_.data(),
                       static_cast<uint32_t>(p.OC), p.G};
    // Only read: FBGEMM's signature is older than const.
    PackedWeights &weights = *reinterpret_cast<PackedWeights *>(const_cast<Packed *>(&packed_));
    octet::choose(call, Requantized{call, p, x, weights, memory.sums, stage});
    octet::sign_output(call, pixels(p) * p.OC);
    return;
  }
  octet::on_team(call.threads, [&](int thread, int threads) {
    octet::Placed<PackedImage> a(
        p, x, memory.packed + static_cast<size_t>(thread) * packed_image_bytes(),
        octet::x_zero_point(call), memory.row_offsets + static_cast<size_t>(thread) * kRowOffsets,
        true, nullptr);
    fbgemm::DoNothing<int32_t, int32_t> nothing;
    RawSums sums(nothing);
    int32_t *y = static_cast<int32_t *>(call.y);
    fbgemm::fbgemmPacked<PackedImage, PackedB, int32_t, RawSums>(*a, **im2col_b_, y, y, p.OC, sums,
                                                                 thread, threads, nullptr);
  });
  octet::correct_sums(call, pixels(p), column_sums_);
}
