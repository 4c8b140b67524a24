// FBGEMM's declarations: an installed FBGEMM's own where CMake found them, else those few that the
// bridge calls, written down from the symbols and layouts of PyTorch 2.13's libtorch_cpu.
#pragma once

#if defined(OCTET_INSTALLED_FBGEMM)
#include <fbgemm/Fbgemm.h>
#else

#include <array>
#include <cstddef>
#include <cstdint>

namespace fbgemm {

enum class matrix_op_t { NoTranspose, Transpose };
enum class inst_set_t { anyarch, avx2, avx512, avx512_ymm, avx512_vnni, avx512_vnni_ymm, sve };
enum class optimized_conv_t { depthwise, groupwise, pointwise, fastpath1d, im2col, directconv };
enum class QuantizationGranularity { TENSOR, GROUP, OUT_CHANNEL };
struct BlockingFactors;

bool fbgemmSupportedCPU();
inst_set_t fbgemmInstructionSet();
void fbgemmForceIsa(inst_set_t);

template <int D = 2>
struct conv_param_t {
  int MB;
  int IC;
  int OC;
  std::array<int, D> IN_DIM;
  int G;
  std::array<int, D> K;
  std::array<int, D> stride;
  std::array<int, 2 * D> pad;
  std::array<int, D> dilation;
  std::array<int, D> OUT_DIM;
  std::array<int, D> IN_DIMP;
  std::array<int, D> output_pad;
  bool transposed;

  conv_param_t() = default;
  conv_param_t(int mb, int ic, int oc, std::array<int, D> in, int g, std::array<int, D> k,
               std::array<int, D> step, std::array<int, 2 * D> pads, std::array<int, D> dilate)
      : MB(mb),
        IC(ic),
        OC(oc),
        IN_DIM(in),
        G(g),
        K(k),
        stride(step),
        pad(pads),
        dilation(dilate),
        output_pad{},
        transposed(false) {
    for (int d = 0; d < D; ++d) {
      IN_DIMP[d] = in[d] + pads[d] + pads[D + d];
      OUT_DIM[d] = (IN_DIMP[d] - dilate[d] * (k[d] - 1) - 1) / step[d] + 1;
    }
  }
};
static_assert(sizeof(conv_param_t<2>) == 92, "as FBGEMM lays it out");

// The objects' real sizes are proved at run time; what they hold is FBGEMM's affair.
template <typename Derived, typename T, typename Acc = int32_t>
class PackMatrix {
 public:
  static int packedBufferSize(int rows, int columns, const BlockingFactors *factors);

 protected:
  PackMatrix() = default;
  alignas(16) unsigned char opaque_[96];
};

template <typename T, typename Acc = int32_t>
class PackBMatrix : public PackMatrix<PackBMatrix<T, Acc>, T, Acc> {
 public:
  using inpType = T;
  using accType = Acc;
  PackBMatrix(matrix_op_t op, int32_t rows, int32_t columns, const T *from, int32_t stride,
              T *packed, int groups, const BlockingFactors *factors);
};

template <typename T, typename Acc = int32_t>
class PackAMatrix : public PackMatrix<PackAMatrix<T, Acc>, T, Acc> {
 public:
  using inpType = T;
  using accType = Acc;
  PackAMatrix(matrix_op_t op, int32_t rows, int32_t columns, const T *from, int32_t stride,
              T *packed, int groups, const BlockingFactors *factors);
};

template <typename T, typename Acc = int32_t>
class PackAWithRowOffset : public PackMatrix<PackAWithRowOffset<T, Acc>, T, Acc> {
 public:
  using inpType = T;
  using accType = Acc;
  PackAWithRowOffset(matrix_op_t op, uint32_t rows, uint32_t columns, const T *from,
                     uint32_t stride, T *packed, int groups, int32_t *row_offsets,
                     const BlockingFactors *factors);
};

template <typename T, typename Acc = int32_t, int D = 2>
class PackAWithIm2Col : public PackMatrix<PackAWithIm2Col<T, Acc, D>, T, Acc> {
 public:
  using inpType = T;
  using accType = Acc;
  PackAWithIm2Col(const conv_param_t<D> &param, const T *from, T *packed, int32_t zero_point,
                  int32_t *row_offsets, bool weights_are_symmetric, const BlockingFactors *factors);
};

template <typename Out = uint8_t, typename In = uint8_t>
class DoNothing {};

template <typename Out = int32_t, typename In = int32_t, typename Next = DoNothing<Out, Out> >
class memCopy {
 public:
  explicit memCopy(Next &next) : next_(next) {}

 private:
  Next &next_;
};

template <bool Relu, QuantizationGranularity Q, typename Bias = int32_t, typename Out = uint8_t,
          typename In = int32_t, typename Next = DoNothing<Out, Out> >
class ReQuantizeOutput {
 public:
  using outType = Out;
  using inpType = In;
  ReQuantizeOutput(Next &next, const float *multiplier, int32_t y_zero_point, int32_t x_zero_point,
                   const int32_t *w_zero_points, const int32_t *row_offsets,
                   const int32_t *column_offsets, const Bias *bias, uint32_t columns,
                   int groups = 1, const float *bias_scale = nullptr)
      : next_(next),
        multiplier_(multiplier),
        y_zero_point_(y_zero_point),
        x_zero_point_(x_zero_point),
        w_zero_points_(w_zero_points),
        row_offsets_(row_offsets),
        column_offsets_(column_offsets),
        bias_(bias),
        columns_(columns),
        groups_(groups),
        bias_scale_(bias_scale) {}

 private:
  friend struct Inspector;  // of the tests' stand-in
  Next &next_;
  const float *multiplier_;
  int32_t y_zero_point_;
  int32_t x_zero_point_;
  const int32_t *w_zero_points_;
  const int32_t *row_offsets_;
  const int32_t *column_offsets_;
  const Bias *bias_;
  uint32_t columns_;
  int groups_;
  const float *bias_scale_;
};
static_assert(sizeof(ReQuantizeOutput<true, QuantizationGranularity::TENSOR, float>) == 72,
              "as FBGEMM lays it out");

template <typename A, typename B, typename C, typename Process>
void fbgemmPacked(PackMatrix<A, typename A::inpType, typename A::accType> &a,
                  PackMatrix<B, typename B::inpType, typename B::accType> &b, C *y, int32_t *sums,
                  uint32_t stride, const Process &process, int thread, int threads,
                  const BlockingFactors *factors);

template <int D = 2, typename T = int8_t, typename Acc = int32_t>
class PackWeightsForConv {
 public:
  PackWeightsForConv(const conv_param_t<D> &param, const T *from, const BlockingFactors *factors);
};

template <typename Process, int D = 2, typename Acc = int32_t>
int fbgemmConv(const conv_param_t<D> &param, const uint8_t *x,
               PackWeightsForConv<D, int8_t, Acc> &weights, typename Process::outType *y,
               int32_t *sums, Process &process, int thread, int threads,
               const BlockingFactors *factors);

template <int D = 2, typename Acc = int32_t>
optimized_conv_t ConvFastPath(const conv_param_t<D> &param);

}  // namespace fbgemm

#endif
