// The C functions of octet_fbgemm.h: they check what a caller can get wrong, and catch the rest.
#include "octet_fbgemm.h"

#include <memory>

#include "guard.h"
#include "layers.h"
#include "self_test.h"

namespace {

using fbgemm::inst_set_t;
using octet::guarded;
using octet::require;

int32_t number_of(inst_set_t set) {
  switch (set) {
    case inst_set_t::avx2:
      return OCTET_FBGEMM_SET_AVX2;
    case inst_set_t::avx512:
    case inst_set_t::avx512_ymm:
      return OCTET_FBGEMM_SET_AVX512;
    case inst_set_t::avx512_vnni:
    case inst_set_t::avx512_vnni_ymm:
      return OCTET_FBGEMM_SET_AVX512_VNNI;
    default:
      return OCTET_FBGEMM_SET_NONE;
  }
}

inst_set_t set_of(int32_t number) {
  switch (number) {
    case OCTET_FBGEMM_SET_AVX2:
      return inst_set_t::avx2;
    case OCTET_FBGEMM_SET_AVX512:
      return inst_set_t::avx512;
    case OCTET_FBGEMM_SET_AVX512_VNNI:
      return inst_set_t::avx512_vnni;
    default:
      throw std::invalid_argument("there is no such instruction set");
  }
}

void check(const octet_fbgemm_conv_shape &s) {
  require(s.in_channels > 0 && s.out_channels > 0 && s.groups > 0, "channels must be positive");
  require(s.in_channels % s.groups == 0 && s.out_channels % s.groups == 0,
          "groups must divide the channels");
  require(s.kernel_h > 0 && s.kernel_w > 0 && s.stride_h > 0 && s.stride_w > 0 &&
              s.dilation_h > 0 && s.dilation_w > 0,
          "kernel, stride and dilation must be positive");
  require(s.pad_top >= 0 && s.pad_left >= 0 && s.pad_bottom >= 0 && s.pad_right >= 0,
          "pads must not be negative");
}

void check_sizes(const octet_fbgemm_call *call, bool image) {
  require(call != nullptr, "call is a null pointer");
  require(call->rows > 0, "rows must be positive");
  require(!image || (call->height > 0 && call->width > 0), "height and width must be positive");
  require(call->threads > 0, "threads must be positive");
}

void check_memory(const octet_fbgemm_call &call) {
  require(call.x != nullptr && call.y != nullptr && call.scratch != nullptr,
          "x, y or scratch is a null pointer");
  require(call.bias == nullptr || call.bias_scale != nullptr, "bias without bias_scale");
}

// One small object of each kind that a run makes.
void prove_layout() {
  alignas(64) uint8_t x[64] = {};
  alignas(64) int8_t weights[64] = {};
  octet::Buffer<int8_t> packed = octet::allocate(1 << 20);
  octet::Buffer<int8_t> rows = octet::allocate(1 << 16);
  uint8_t *a = reinterpret_cast<uint8_t *>(packed.get());
  int32_t *offsets = reinterpret_cast<int32_t *>(rows.get());
  constexpr auto kPlain = fbgemm::matrix_op_t::NoTranspose;
  octet::Placed<fbgemm::PackAMatrix<uint8_t>>(kPlain, 4, 4, x, 4, a, 1, nullptr)
      .require_at_most(104, "this FBGEMM's PackAMatrix is larger than 104 bytes");
  octet::Placed<fbgemm::PackAWithRowOffset<uint8_t>>(kPlain, 4, 4, x, 4, a, 1, offsets, nullptr)
      .require_at_most(120, "this FBGEMM's PackAWithRowOffset is larger than 120 bytes");
  fbgemm::conv_param_t<2> param(1, 1, 1, {4, 4}, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}, {1, 1});
  octet::Placed<fbgemm::PackAWithIm2Col<uint8_t>>(param, x, a, 0, offsets, true, nullptr)
      .require_at_most(208, "this FBGEMM's PackAWithIm2Col is larger than 208 bytes");
  octet_fbgemm_linear(4, 4, weights);
  octet_fbgemm_conv({1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0}, weights, false);
}

}  // namespace

int32_t octet_fbgemm_abi_version(void) { return OCTET_FBGEMM_ABI_VERSION; }

int32_t octet_fbgemm_last_error(const char **text) {
  if (text == nullptr) {
    return OCTET_FBGEMM_INVALID_ARGUMENT;
  }
  *text = octet::last_error.c_str();
  return OCTET_FBGEMM_OK;
}

int32_t octet_fbgemm_declarations(const char **text) {
  return guarded([=] {
    require(text != nullptr, "text is a null pointer");
#if defined(OCTET_INSTALLED_FBGEMM)
    *text = "installed";
#else
    *text = "octet";
#endif
  });
}

int32_t octet_fbgemm_prove_layout(void) { return guarded(prove_layout); }

int32_t octet_fbgemm_self_test(void) { return guarded(octet::self_test); }

int32_t octet_fbgemm_instruction_set(int32_t *set) {
  return guarded([=] {
    require(set != nullptr, "set is a null pointer");
    *set = fbgemm::fbgemmSupportedCPU() ? number_of(fbgemm::fbgemmInstructionSet())
                                        : OCTET_FBGEMM_SET_NONE;
  });
}

int32_t octet_fbgemm_force_instruction_set(int32_t set) {
  return guarded([=] { fbgemm::fbgemmForceIsa(set_of(set)); });
}

int32_t octet_fbgemm_linear_create(int32_t n, int32_t k, const int8_t *weights,
                                   octet_fbgemm_linear **linear) {
  return guarded([=] {
    require(n > 0 && k > 0, "n and k must be positive");
    require(weights != nullptr && linear != nullptr, "weights or linear is a null pointer");
    *linear = std::make_unique<octet_fbgemm_linear>(n, k, weights).release();
  });
}

int32_t octet_fbgemm_linear_destroy(octet_fbgemm_linear *linear) {
  return guarded([=] { delete linear; });
}

int32_t octet_fbgemm_linear_scratch(const octet_fbgemm_linear *linear,
                                    const octet_fbgemm_call *call, int64_t *bytes) {
  return guarded([=] {
    require(linear != nullptr && bytes != nullptr, "linear or bytes is a null pointer");
    check_sizes(call, false);
    linear->scratch(*call, bytes);
  });
}

int32_t octet_fbgemm_linear_run(const octet_fbgemm_linear *linear, const octet_fbgemm_call *call) {
  return guarded([=] {
    require(linear != nullptr, "linear is a null pointer");
    check_sizes(call, false);
    check_memory(*call);
    linear->run(*call);
  });
}

int32_t octet_fbgemm_conv_create(const octet_fbgemm_conv_shape *shape, const int8_t *weights,
                                 int32_t raw, octet_fbgemm_conv **conv) {
  return guarded([=] {
    require(shape != nullptr && weights != nullptr && conv != nullptr,
            "shape, weights or conv is a null pointer");
    check(*shape);
    *conv = std::make_unique<octet_fbgemm_conv>(*shape, weights, raw != 0).release();
  });
}

int32_t octet_fbgemm_conv_destroy(octet_fbgemm_conv *conv) {
  return guarded([=] { delete conv; });
}

int32_t octet_fbgemm_conv_path(const octet_fbgemm_conv *conv, int32_t *path) {
  return guarded([=] {
    require(conv != nullptr && path != nullptr, "conv or path is a null pointer");
    *path = conv->path();
  });
}

int32_t octet_fbgemm_conv_scratch(const octet_fbgemm_conv *conv, const octet_fbgemm_call *call,
                                  int64_t *bytes) {
  return guarded([=] {
    require(conv != nullptr && bytes != nullptr, "conv or bytes is a null pointer");
    check_sizes(call, true);
    conv->scratch(*call, bytes);
  });
}

int32_t octet_fbgemm_conv_run(const octet_fbgemm_conv *conv, const octet_fbgemm_call *call) {
  return guarded([=] {
    require(conv != nullptr, "conv is a null pointer");
    check_sizes(call, true);
    check_memory(*call);
    conv->run(*call);
  });
}
