#include "self_test.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "layers.h"

namespace {

// The layers: a name, sizes, and the algorithm that FBGEMM should choose for them.
struct Layer {
  const char *name;
  octet_fbgemm_conv_shape shape;
  int32_t height, width;
};

constexpr Layer kConvolutions[] = {
    {"im2col", {5, 7, 1, 3, 3, 2, 1, 1, 1, 1, 0, 1, 2}, 6, 5},
    {"im2col, dilated", {8, 16, 1, 3, 3, 1, 1, 2, 2, 2, 2, 2, 2}, 7, 6},
    {"im2col in groups", {6, 10, 2, 2, 3, 1, 1, 1, 1, 0, 1, 0, 1}, 5, 6},
    {"pointwise", {24, 40, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0}, 4, 5},
    {"groupwise", {32, 32, 8, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1}, 6, 6},
    {"depthwise", {16, 16, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1}, 6, 6},
};

// Bytes that repeat only after long: no library, no seed.
class Bytes {
 public:
  int next(int low, int high) {
    state_ = state_ * 1664525u + 1013904223u;
    return low + static_cast<int>((state_ >> 16) % static_cast<uint32_t>(high - low + 1));
  }

 private:
  uint32_t state_ = 1;
};

constexpr int32_t kXZero = 131;
constexpr int32_t kYZero = 9;
// Powers of two: nothing is rounded but the result.
constexpr float kMultiplier = 1.f / 512;
constexpr float kBiasScale = 1.f / 64;

struct Data {
  Data(size_t inputs, size_t weight_count, size_t channels) : x(inputs), w(weight_count) {
    Bytes bytes;
    for (uint8_t &value : x) {
      value = static_cast<uint8_t>(bytes.next(0, 255));
    }
    for (int8_t &value : w) {
      value = static_cast<int8_t>(bytes.next(-64, 64));  // exact on every instruction set
    }
    for (size_t c = 0; c < channels; ++c) {
      multiplier.push_back(c % 2 == 0 ? kMultiplier : 2 * kMultiplier);
      bias_scale.push_back(c % 2 == 0 ? kBiasScale : 2 * kBiasScale);
      bias.push_back(static_cast<float>(bytes.next(-99, 99)));
    }
  }

  std::vector<uint8_t> x;
  std::vector<int8_t> w;
  std::vector<float> multiplier, bias_scale, bias;
};

octet_fbgemm_call call_of(const Data &data, bool per_channel, bool relu) {
  octet_fbgemm_call call{};
  call.x = data.x.data();
  call.multiplier = data.multiplier.data();
  call.bias_scale = data.bias_scale.data();
  call.bias = data.bias.data();
  call.scales = per_channel ? static_cast<int32_t>(data.bias.size()) : 1;
  call.x_zero_point = kXZero;
  call.y_zero_point = kYZero;
  call.relu = relu ? 1 : 0;
  call.rows = 2;
  call.threads = 1;
  return call;
}

uint8_t quantized(const Data &data, const octet_fbgemm_call &call, int32_t sum, size_t channel) {
  size_t scale = call.scales == 1 ? 0 : channel;
  float real = static_cast<float>(sum) + data.bias[channel] / data.bias_scale[scale];
  float y = std::nearbyint(real * data.multiplier[scale]) + kYZero;
  float least = call.relu != 0 ? kYZero : 0;
  return static_cast<uint8_t>(std::min(255.f, std::max(least, y)));
}

[[noreturn]] void wrong(const char *name, const char *what) {
  throw std::runtime_error(std::string("self-test: FBGEMM's ") + name + " gives wrong " + what);
}

// Both ways of leaving the sums, in both granularities, against `sums` [pixels, channels].
template <typename L>
void compare(const char *name, const L &layer, const L &raw_layer, const Data &data,
             octet_fbgemm_call size, const std::vector<int32_t> &sums) {
  size_t channels = data.bias.size();
  for (int variant = 0; variant < 4; ++variant) {
    octet_fbgemm_call call = call_of(data, variant % 2 == 1, variant / 2 == 1);
    call.height = size.height;
    call.width = size.width;
    std::vector<uint8_t> y(sums.size());
    call.y = y.data();
    int64_t bytes = 0;
    layer.scratch(call, &bytes);
    octet::Buffer<int8_t> scratch = octet::allocate(static_cast<size_t>(bytes));
    call.scratch = scratch.get();
    layer.run(call);
    for (size_t i = 0; i < y.size(); ++i) {
      if (y[i] != quantized(data, call, sums[i], i % channels)) {
        wrong(name, "quantized values");
      }
    }
  }
  octet_fbgemm_call call = call_of(data, false, false);
  call.height = size.height;
  call.width = size.width;
  call.multiplier = nullptr;
  std::vector<int32_t> y(sums.size());
  call.y = y.data();
  int64_t bytes = 0;
  raw_layer.scratch(call, &bytes);
  octet::Buffer<int8_t> scratch = octet::allocate(static_cast<size_t>(bytes));
  call.scratch = scratch.get();
  raw_layer.run(call);
  if (y != sums) {
    wrong(name, "sums");
  }
}

void linear() {
  constexpr int kRows = 2, kN = 37, kK = 67;
  Data data(kRows * kK, kN * kK, kN);
  std::vector<int32_t> sums;
  for (int m = 0; m < kRows; ++m) {
    for (int n = 0; n < kN; ++n) {
      int32_t sum = 0;
      for (int k = 0; k < kK; ++k) {
        sum += (data.x[m * kK + k] - kXZero) * data.w[n * kK + k];
      }
      sums.push_back(sum);
    }
  }
  octet_fbgemm_linear packed(kN, kK, data.w.data());
  compare("linear layer", packed, packed, data, {}, sums);
}

int32_t sum_at(const Layer &layer, const Data &data, int image, int oh, int ow, int channel) {
  const octet_fbgemm_conv_shape &s = layer.shape;
  int per_group = s.in_channels / s.groups;
  int first = channel / (s.out_channels / s.groups) * per_group;
  const int8_t *w = data.w.data() + channel * s.kernel_h * s.kernel_w * per_group;
  int32_t sum = 0;
  for (int r = 0; r < s.kernel_h; ++r) {
    for (int t = 0; t < s.kernel_w; ++t) {
      int h = oh * s.stride_h - s.pad_top + r * s.dilation_h;
      int v = ow * s.stride_w - s.pad_left + t * s.dilation_w;
      bool inside = h >= 0 && v >= 0 && h < layer.height && v < layer.width;
      for (int c = 0; c < per_group; ++c, ++w) {
        int at = ((image * layer.height + h) * layer.width + v) * s.in_channels + first + c;
        sum += inside ? (data.x[static_cast<size_t>(at)] - kXZero) * *w : 0;
      }
    }
  }
  return sum;
}

void convolution(const Layer &layer) {
  const octet_fbgemm_conv_shape &s = layer.shape;
  constexpr int kImages = 2;
  int inner = s.kernel_h * s.kernel_w * s.in_channels / s.groups;
  Data data(static_cast<size_t>(kImages) * layer.height * layer.width * s.in_channels,
            static_cast<size_t>(s.out_channels) * inner, s.out_channels);
  int rows =
      (layer.height + s.pad_top + s.pad_bottom - s.dilation_h * (s.kernel_h - 1) - 1) / s.stride_h +
      1;
  int columns =
      (layer.width + s.pad_left + s.pad_right - s.dilation_w * (s.kernel_w - 1) - 1) / s.stride_w +
      1;
  std::vector<int32_t> sums;
  for (int pixel = 0; pixel < kImages * rows * columns; ++pixel) {
    for (int channel = 0; channel < s.out_channels; ++channel) {
      sums.push_back(sum_at(layer, data, pixel / (rows * columns), pixel / columns % rows,
                            pixel % columns, channel));
    }
  }
  octet_fbgemm_call size{};
  size.height = layer.height;
  size.width = layer.width;
  compare(layer.name, octet_fbgemm_conv(s, data.w.data(), false),
          octet_fbgemm_conv(s, data.w.data(), true), data, size, sums);
}

}  // namespace

void octet::self_test() {
  linear();
  for (const Layer &layer : kConvolutions) {
    convolution(layer);
  }
}
