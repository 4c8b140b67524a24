/* The bridge to FBGEMM, whose int8 kernels live in PyTorch's libtorch_cpu: that library must be in
 * the process before this one is loaded. Linux on x86-64 alone.
 *
 * Every function returns a status; results come back through the last parameters, which are
 * written only on OCTET_FBGEMM_OK. No C++ exception leaves. Packed weights are immutable: any
 * number of threads may run them at once, each with memory of its own. */
#ifndef OCTET_FBGEMM_H
#define OCTET_FBGEMM_H

#include <stdint.h>

/* The header is read by every compiler, the library made by those of Linux alone. */
#if defined(_MSC_VER)
#define OCTET_FBGEMM_API
#else
#define OCTET_FBGEMM_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Changes with any change of this file that a caller could notice. */
#define OCTET_FBGEMM_ABI_VERSION 1

#define OCTET_FBGEMM_OK 0
#define OCTET_FBGEMM_INVALID_ARGUMENT 1 /* the caller's mistake */
#define OCTET_FBGEMM_OUT_OF_MEMORY 2
#define OCTET_FBGEMM_FAILED 3 /* FBGEMM threw */

/* Packed weights of a linear layer, and of a convolution. */
typedef struct octet_fbgemm_linear octet_fbgemm_linear;
typedef struct octet_fbgemm_conv octet_fbgemm_conv;

/* A convolution but for the image's size. */
typedef struct octet_fbgemm_conv_shape {
  int32_t in_channels, out_channels, groups;
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t dilation_h, dilation_w;
  int32_t pad_top, pad_left, pad_bottom, pad_right;
} octet_fbgemm_conv_shape;

/* One run. acc = sum of (x - x_zero_point) * w in int32. Where multiplier is null, y is acc. Else
 * y = saturate(rint((acc + bias / bias_scale) * multiplier) + y_zero_point), half to even, at
 * least y_zero_point with relu. Signed activations are computed as unsigned ones, 128 higher.
 * Outside the image lies x_zero_point. */
typedef struct octet_fbgemm_call {
  const void *x;           /* u8 or s8: rows x K, or N x H x W x C */
  void *y;                 /* u8, s8 or s32, the same way */
  void *scratch;           /* as many bytes as asked for, aligned to 64 */
  const float *multiplier; /* x scale * w scale / y scale; scales of them */
  const float *bias_scale; /* x scale * w scale; scales of them; null without bias */
  const float *bias;       /* real units, one for each output channel; null for none */
  int32_t scales;          /* 1, or the number of output channels */
  int32_t x_zero_point;
  int32_t y_zero_point;
  int32_t x_signed;
  int32_t y_signed;
  int32_t relu;
  int32_t rows;          /* of a linear layer, or images of a convolution */
  int32_t height, width; /* of each image; 0 for a linear layer */
  int32_t threads;       /* how many share the work, at least 1 */
} octet_fbgemm_call;

/* OCTET_FBGEMM_ABI_VERSION of the library as it was built: to be compared before anything else. */
OCTET_FBGEMM_API int32_t octet_fbgemm_abi_version(void);

/* Why this thread's last call failed, "" where it did not. */
OCTET_FBGEMM_API int32_t octet_fbgemm_last_error(const char **text);

/* Whose declarations of FBGEMM this was compiled with: "octet" or "installed". */
OCTET_FBGEMM_API int32_t octet_fbgemm_declarations(const char **text);

/* Proves that FBGEMM's objects are as large as this library believes. To be called once, before
 * anything is packed; whatever it says later is the same. */
OCTET_FBGEMM_API int32_t octet_fbgemm_prove_layout(void);

/* Runs each of FBGEMM's algorithms on small layers and compares it with plain loops: fails, with
 * the name of what is wrong, where this FBGEMM computes something else than it should. */
OCTET_FBGEMM_API int32_t octet_fbgemm_self_test(void);

#define OCTET_FBGEMM_SET_NONE 0 /* FBGEMM does not work on this processor */
#define OCTET_FBGEMM_SET_AVX2 1
#define OCTET_FBGEMM_SET_AVX512 2
#define OCTET_FBGEMM_SET_AVX512_VNNI 3

/* The instruction set that FBGEMM uses in this process. */
OCTET_FBGEMM_API int32_t octet_fbgemm_instruction_set(int32_t *set);

/* Makes FBGEMM use that one, which the processor must have. Before anything is packed. */
OCTET_FBGEMM_API int32_t octet_fbgemm_force_instruction_set(int32_t set);

/* Packs weights [n, k]. */
OCTET_FBGEMM_API int32_t octet_fbgemm_linear_create(int32_t n, int32_t k, const int8_t *weights,
                                                    octet_fbgemm_linear **linear);
OCTET_FBGEMM_API int32_t octet_fbgemm_linear_destroy(octet_fbgemm_linear *linear);

/* Bytes of scratch memory that such a run needs; the call's pointers but for multiplier are not
 * looked at. */
OCTET_FBGEMM_API int32_t octet_fbgemm_linear_scratch(const octet_fbgemm_linear *linear,
                                                     const octet_fbgemm_call *call, int64_t *bytes);
OCTET_FBGEMM_API int32_t octet_fbgemm_linear_run(const octet_fbgemm_linear *linear,
                                                 const octet_fbgemm_call *call);

/* Packs weights [out_channels, kernel_h, kernel_w, in_channels / groups]: with raw for calls
 * without a multiplier, else for calls with one. */
OCTET_FBGEMM_API int32_t octet_fbgemm_conv_create(const octet_fbgemm_conv_shape *shape,
                                                  const int8_t *weights, int32_t raw,
                                                  octet_fbgemm_conv **conv);
OCTET_FBGEMM_API int32_t octet_fbgemm_conv_destroy(octet_fbgemm_conv *conv);

#define OCTET_FBGEMM_PATH_DEPTHWISE 0
#define OCTET_FBGEMM_PATH_GROUPWISE 1
#define OCTET_FBGEMM_PATH_POINTWISE 2
#define OCTET_FBGEMM_PATH_1D 3
#define OCTET_FBGEMM_PATH_IM2COL 4
#define OCTET_FBGEMM_PATH_DIRECT 5

/* Which of its algorithms FBGEMM uses. */
OCTET_FBGEMM_API int32_t octet_fbgemm_conv_path(const octet_fbgemm_conv *conv, int32_t *path);
OCTET_FBGEMM_API int32_t octet_fbgemm_conv_scratch(const octet_fbgemm_conv *conv,
                                                   const octet_fbgemm_call *call, int64_t *bytes);
OCTET_FBGEMM_API int32_t octet_fbgemm_conv_run(const octet_fbgemm_conv *conv,
                                               const octet_fbgemm_call *call);

#ifdef __cplusplus
}
#endif

#endif
