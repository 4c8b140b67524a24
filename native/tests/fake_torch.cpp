// A stand-in for libtorch_cpu: defines the symbols of FBGEMM that the bridge calls, in plain loops.
// The bridge is linked against it, and its tests run on it. It throws where FBGEMM does not, so
// that the tests see an exception: at a convolution of more than a thousand images.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

// Always our own: FBGEMM's would be whole classes.
#undef OCTET_INSTALLED_FBGEMM
#include "declarations.h"
#include "fake_torch.h"

int32_t fake_torch_fault = FAKE_TORCH_SOUND;

namespace fbgemm {

namespace {

// Writes behind the object, as the constructor of a class that grew would.
template <typename T>
void outgrow(T *object, int32_t fault, size_t size) {
  if (fake_torch_fault == fault) {
    volatile unsigned char *bytes = reinterpret_cast<volatile unsigned char *>(object);
    bytes[size] = 1;
  }
}

inst_set_t forced = inst_set_t::avx512_vnni;

struct Matrix {
  const uint8_t *u8;
  const int8_t *s8;
  int64_t rows, columns, stride;
  int groups;
};

template <typename P>
Matrix &matrix(P &p) {
  return *reinterpret_cast<Matrix *>(&p);
}

bool mine(int64_t row, int thread, int threads) { return row % threads == thread; }

struct Weights {
  conv_param_t<2> param;
  alignas(16) std::shared_ptr<int8_t> parts[5];
};

int x_at(const conv_param_t<2> &p, const uint8_t *x, int64_t pixel, int row, int column, int c,
         int outside) {
  int64_t image = pixel / (p.OUT_DIM[0] * p.OUT_DIM[1]);
  int64_t oh = pixel / p.OUT_DIM[1] % p.OUT_DIM[0];
  int64_t ow = pixel % p.OUT_DIM[1];
  int64_t h = oh * p.stride[0] - p.pad[0] + row * p.dilation[0];
  int64_t w = ow * p.stride[1] - p.pad[1] + column * p.dilation[1];
  bool inside = h >= 0 && w >= 0 && h < p.IN_DIM[0] && w < p.IN_DIM[1];
  return inside ? x[((image * p.IN_DIM[0] + h) * p.IN_DIM[1] + w) * p.IC + c] : outside;
}

int32_t conv_sum(const conv_param_t<2> &p, const uint8_t *x, const int8_t *w, int64_t pixel,
                 int channel, int outside) {
  int per_group = p.IC / p.G;
  int first = channel / (p.OC / p.G) * per_group;
  int32_t sum = fake_torch_fault == FAKE_TORCH_WRONG_SUMS ? 1 : 0;
  const int8_t *taps = w + static_cast<int64_t>(channel) * p.K[0] * p.K[1] * per_group;
  for (int r = 0; r < p.K[0]; ++r) {
    for (int s = 0; s < p.K[1]; ++s) {
      for (int c = 0; c < per_group; ++c) {
        sum += *taps++ * x_at(p, x, pixel, r, s, first + c, outside);
      }
    }
  }
  return sum;
}

}  // namespace

struct Inspector {
  template <bool R, QuantizationGranularity Q>
  static uint8_t apply(const ReQuantizeOutput<R, Q, float> &o, int32_t sum, int channel) {
    int scale = Q == QuantizationGranularity::TENSOR ? 0 : channel;
    float real = static_cast<float>(sum - o.x_zero_point_ * o.column_offsets_[channel]);
    if (o.bias_ != nullptr) {
      real += o.bias_[channel] / o.bias_scale_[scale];
    }
    long y = std::lrint(real * o.multiplier_[scale]) + o.y_zero_point_;
    return static_cast<uint8_t>(std::min(255L, std::max<long>(R ? o.y_zero_point_ : 0, y)));
  }

  template <bool R, QuantizationGranularity Q>
  static int32_t x_zero_point(const ReQuantizeOutput<R, Q, float> &o) {
    return o.x_zero_point_;
  }
};

bool fbgemmSupportedCPU() { return true; }
inst_set_t fbgemmInstructionSet() { return forced; }
void fbgemmForceIsa(inst_set_t set) { forced = set; }

template <typename D, typename T, typename A>
int PackMatrix<D, T, A>::packedBufferSize(int rows, int columns, const BlockingFactors *) {
  return std::max(1, rows) * std::max(1, columns);
}

template <typename T, typename A>
PackBMatrix<T, A>::PackBMatrix(matrix_op_t, int32_t rows, int32_t columns, const T *from,
                               int32_t stride, T *packed, int groups, const BlockingFactors *) {
  std::memcpy(packed, from, static_cast<size_t>(rows) * columns);
  matrix(*this) = {nullptr, packed, rows, columns, stride, groups};
  outgrow(this, FAKE_TORCH_LARGE_B, 104);
}

template <typename T, typename A>
PackAMatrix<T, A>::PackAMatrix(matrix_op_t, int32_t rows, int32_t columns, const T *from,
                               int32_t stride, T *packed, int groups, const BlockingFactors *) {
  packed[0] = 1;
  matrix(*this) = {from, nullptr, rows, columns, stride, groups};
  outgrow(this, FAKE_TORCH_LARGE_A, 104);
}

template <typename T, typename A>
PackAWithRowOffset<T, A>::PackAWithRowOffset(matrix_op_t, uint32_t rows, uint32_t columns,
                                             const T *from, uint32_t stride, T *packed, int groups,
                                             int32_t *row_offsets, const BlockingFactors *) {
  packed[0] = 1;
  row_offsets[4095] = 1;
  matrix(*this) = {from, nullptr, rows, columns, stride, groups};
  outgrow(this, FAKE_TORCH_LARGE_A_WITH_OFFSETS, 120);
}

struct Image {
  conv_param_t<2> param;
  const uint8_t *x;
  int32_t outside;
};

template <typename T, typename A, int D>
PackAWithIm2Col<T, A, D>::PackAWithIm2Col(const conv_param_t<D> &param, const T *from, T *packed,
                                          int32_t zero_point, int32_t *, bool,
                                          const BlockingFactors *) {
  packed[0] = 1;
  // 208 bytes, as the real one has; the declared object is smaller.
  Image image{param, from, zero_point};
  std::memcpy(static_cast<void *>(this), &image, sizeof image);
  outgrow(this, FAKE_TORCH_LARGE_IMAGE, 208);
}

// A linear layer.
template <typename A, typename B, typename C, typename Process>
void fbgemmPacked(PackMatrix<A, typename A::inpType, typename A::accType> &a,
                  PackMatrix<B, typename B::inpType, typename B::accType> &b, C *y, int32_t *sums,
                  uint32_t stride, const Process &process, int thread, int threads,
                  const BlockingFactors *) {
  const Matrix &w = matrix(b);
  if constexpr (std::is_same_v<A, PackAWithIm2Col<uint8_t>>) {
    Image image;
    std::memcpy(static_cast<void *>(&image), &a, sizeof image);
    int64_t pixels = int64_t{image.param.MB} * image.param.OUT_DIM[0] * image.param.OUT_DIM[1];
    for (int64_t p = 0; p < pixels; ++p) {
      for (int c = 0; c < image.param.OC && mine(p, thread, threads); ++c) {
        y[p * stride + c] = conv_sum(image.param, image.x, w.s8, p, c, image.outside);
      }
    }
  } else {
    const Matrix &x = matrix(a);
    for (int64_t m = 0; m < x.rows; ++m) {
      for (int64_t n = 0; n < w.columns && mine(m, thread, threads); ++n) {
        int32_t sum = 0;
        for (int64_t k = 0; k < x.columns; ++k) {
          sum += x.u8[m * x.stride + k] * w.s8[n * w.stride + k];
        }
        if constexpr (std::is_same_v<C, uint8_t>) {
          sums[m * stride + n] = sum;
          y[m * stride + n] = Inspector::apply(process, sum, static_cast<int>(n));
        } else {
          y[m * stride + n] = sum;
        }
      }
    }
  }
}

template <int D, typename T, typename A>
PackWeightsForConv<D, T, A>::PackWeightsForConv(const conv_param_t<D> &param, const T *from,
                                                const BlockingFactors *) {
  size_t count = static_cast<size_t>(param.OC) * param.K[0] * param.K[1] * param.IC / param.G;
  // In two shared pointers of the five, as the real one has only those that it needs.
  Weights *w = new (static_cast<void *>(this)) Weights();
  w->param = param;
  w->parts[0] = std::shared_ptr<int8_t>(new int8_t[count], std::default_delete<int8_t[]>());
  std::memcpy(w->parts[0].get(), from, count);
  outgrow(this, FAKE_TORCH_LARGE_WEIGHTS, 176);
  w->param.MB += fake_torch_fault == FAKE_TORCH_OTHER_PARAMETERS ? 1 : 0;
}

template <typename Process, int D, typename A>
int fbgemmConv(const conv_param_t<D> &p, const uint8_t *x, PackWeightsForConv<D, int8_t, A> &packed,
               typename Process::outType *y, int32_t *sums, Process &process, int thread,
               int threads, const BlockingFactors *) {
  if (p.MB > 1000) {
    throw std::runtime_error("too many images for the stand-in");
  }
  const Weights &w = *reinterpret_cast<Weights *>(&packed);
  int64_t pixels = int64_t{p.MB} * p.OUT_DIM[0] * p.OUT_DIM[1];
  for (int64_t pixel = 0; pixel < pixels; ++pixel) {
    for (int c = 0; c < p.OC && mine(pixel, thread, threads); ++c) {
      int32_t sum = conv_sum(p, x, w.parts[0].get(), pixel, c, Inspector::x_zero_point(process));
      sums[pixel * p.OC + c] = sum;
      y[pixel * p.OC + c] = Inspector::apply(process, sum, c);
    }
  }
  return 0;
}

template <int D, typename A>
optimized_conv_t ConvFastPath(const conv_param_t<D> &param) {
  return param.G > 1 ? optimized_conv_t::groupwise : optimized_conv_t::im2col;
}

#define BOTH(relu)                                                                                 \
  template void fbgemmPacked<PackAWithRowOffset<uint8_t>, PackBMatrix<int8_t>, uint8_t,            \
                             ReQuantizeOutput<relu, QuantizationGranularity::TENSOR, float>>(      \
      PackMatrix<PackAWithRowOffset<uint8_t>, uint8_t> &,                                          \
      PackMatrix<PackBMatrix<int8_t>, int8_t> &, uint8_t *, int32_t *, uint32_t,                   \
      const ReQuantizeOutput<relu, QuantizationGranularity::TENSOR, float> &, int, int,            \
      const BlockingFactors *);                                                                    \
  template void fbgemmPacked<PackAWithRowOffset<uint8_t>, PackBMatrix<int8_t>, uint8_t,            \
                             ReQuantizeOutput<relu, QuantizationGranularity::OUT_CHANNEL, float>>( \
      PackMatrix<PackAWithRowOffset<uint8_t>, uint8_t> &,                                          \
      PackMatrix<PackBMatrix<int8_t>, int8_t> &, uint8_t *, int32_t *, uint32_t,                   \
      const ReQuantizeOutput<relu, QuantizationGranularity::OUT_CHANNEL, float> &, int, int,       \
      const BlockingFactors *);                                                                    \
  template int                                                                                     \
  fbgemmConv<ReQuantizeOutput<relu, QuantizationGranularity::TENSOR, float>, 2, int32_t>(          \
      const conv_param_t<2> &, const uint8_t *, PackWeightsForConv<2> &, uint8_t *, int32_t *,     \
      ReQuantizeOutput<relu, QuantizationGranularity::TENSOR, float> &, int, int,                  \
      const BlockingFactors *);                                                                    \
  template int                                                                                     \
  fbgemmConv<ReQuantizeOutput<relu, QuantizationGranularity::OUT_CHANNEL, float>, 2, int32_t>(     \
      const conv_param_t<2> &, const uint8_t *, PackWeightsForConv<2> &, uint8_t *, int32_t *,     \
      ReQuantizeOutput<relu, QuantizationGranularity::OUT_CHANNEL, float> &, int, int,             \
      const BlockingFactors *);

BOTH(false)
BOTH(true)
template void fbgemmPacked<PackAMatrix<uint8_t>, PackBMatrix<int8_t>, int32_t, memCopy<>>(
    PackMatrix<PackAMatrix<uint8_t>, uint8_t> &, PackMatrix<PackBMatrix<int8_t>, int8_t> &,
    int32_t *, int32_t *, uint32_t, const memCopy<> &, int, int, const BlockingFactors *);
template void fbgemmPacked<PackAWithIm2Col<uint8_t>, PackBMatrix<int8_t>, int32_t, memCopy<>>(
    PackMatrix<PackAWithIm2Col<uint8_t>, uint8_t> &, PackMatrix<PackBMatrix<int8_t>, int8_t> &,
    int32_t *, int32_t *, uint32_t, const memCopy<> &, int, int, const BlockingFactors *);
template class PackMatrix<PackAMatrix<uint8_t>, uint8_t>;
template class PackMatrix<PackBMatrix<int8_t>, int8_t>;
template class PackMatrix<PackAWithRowOffset<uint8_t>, uint8_t>;
template class PackMatrix<PackAWithIm2Col<uint8_t>, uint8_t>;
template class PackAMatrix<uint8_t>;
template class PackBMatrix<int8_t>;
template class PackAWithRowOffset<uint8_t>;
template class PackAWithIm2Col<uint8_t>;
template class PackWeightsForConv<2>;
template optimized_conv_t ConvFastPath<2, int32_t>(const conv_param_t<2> &);

}  // namespace fbgemm
