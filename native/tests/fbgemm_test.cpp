// The bridge on the stand-in for FBGEMM: memory, errors, signs, threads. FBGEMM's own arithmetic
// is tested from Java, where the real library is.
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "check.h"
#include "fake_torch.h"
#include "octet_fbgemm.h"

namespace {

std::string last_error() {
  const char *text = nullptr;
  CHECK(octet_fbgemm_last_error(&text) == OCTET_FBGEMM_OK);
  return text;
}

// Memory that ends where it should, so that AddressSanitizer sees a step beyond.
struct Aligned {
  explicit Aligned(size_t count)
      : bytes(static_cast<char *>(std::aligned_alloc(64, (count + 63) / 64 * 64))) {}
  ~Aligned() { std::free(bytes); }
  Aligned(const Aligned &) = delete;
  Aligned &operator=(const Aligned &) = delete;
  char *bytes;
};

template <typename T>
std::vector<T> random(std::mt19937 &seed, size_t count, int low, int high) {
  std::uniform_int_distribution<int> any(low, high);
  std::vector<T> values(count);
  for (T &value : values) {
    value = static_cast<T>(any(seed));
  }
  return values;
}

int32_t sum(const std::vector<uint8_t> &x, const std::vector<int8_t> &w, int m, int n, int k,
            const octet_fbgemm_call &call) {
  int32_t total = 0;
  for (int i = 0; i < k; ++i) {
    int raw = x[m * k + i];
    int value = call.x_signed != 0 ? static_cast<int8_t>(raw) : raw;
    total += (value - call.x_zero_point) * w[n * k + i];
  }
  return total;
}

void linear_layers_are_right(int x_signed, int y_signed, int threads) {
  constexpr int kRows = 5, kN = 7, kK = 13;
  std::mt19937 seed(1);
  std::vector<uint8_t> x = random<uint8_t>(seed, kRows * kK, 0, 255);
  std::vector<int8_t> w = random<int8_t>(seed, kN * kK, -128, 127);
  std::vector<float> multiplier(kN, 0.001f), bias_scale(kN, 0.01f), bias(kN, 3.5f);
  octet_fbgemm_linear *linear = nullptr;
  CHECK(octet_fbgemm_linear_create(kN, kK, w.data(), &linear) == OCTET_FBGEMM_OK);

  std::vector<uint8_t> y(kRows * kN);
  octet_fbgemm_call call{};
  call.x = x.data();
  call.y = y.data();
  call.multiplier = multiplier.data();
  call.bias_scale = bias_scale.data();
  call.bias = bias.data();
  call.scales = kN;
  call.x_zero_point = x_signed != 0 ? -3 : 11;
  call.y_zero_point = y_signed != 0 ? -7 : 100;
  call.x_signed = x_signed;
  call.y_signed = y_signed;
  call.rows = kRows;
  call.threads = threads;
  int64_t bytes = 0;
  CHECK(octet_fbgemm_linear_scratch(linear, &call, &bytes) == OCTET_FBGEMM_OK);
  Aligned scratch(static_cast<size_t>(bytes));
  call.scratch = scratch.bytes;
  CHECK(octet_fbgemm_linear_run(linear, &call) == OCTET_FBGEMM_OK);
  for (int m = 0; m < kRows; ++m) {
    for (int n = 0; n < kN; ++n) {
      float real = (static_cast<float>(sum(x, w, m, n, kK, call)) + 350.f) * 0.001f;
      long expected = std::lrint(real) + call.y_zero_point;
      uint8_t raw = y[m * kN + n];
      CHECK(expected == (y_signed != 0 ? static_cast<int8_t>(raw) : raw));
    }
  }

  std::vector<int32_t> sums(kRows * kN);
  call.y = sums.data();
  call.multiplier = nullptr;
  CHECK(octet_fbgemm_linear_scratch(linear, &call, &bytes) == OCTET_FBGEMM_OK);
  Aligned less(static_cast<size_t>(bytes));
  call.scratch = less.bytes;
  CHECK(octet_fbgemm_linear_run(linear, &call) == OCTET_FBGEMM_OK);
  for (int m = 0; m < kRows; ++m) {
    for (int n = 0; n < kN; ++n) {
      CHECK(sums[m * kN + n] == sum(x, w, m, n, kK, call));
    }
  }
  CHECK(octet_fbgemm_linear_destroy(linear) == OCTET_FBGEMM_OK);
}

// With ones for weights and a window of one pixel, a group's sum is its pixels' sum.
void convolutions_are_right(int32_t x_signed, int32_t threads) {
  constexpr int kImages = 2, kSize = 5, kIn = 6, kOut = 4, kGroups = 2;
  octet_fbgemm_conv_shape shape{kIn, kOut, kGroups, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0};
  std::vector<int8_t> w(kOut * kIn / kGroups, 1);
  std::mt19937 seed(2);
  std::vector<uint8_t> x = random<uint8_t>(seed, kImages * kSize * kSize * kIn, 0, 255);
  octet_fbgemm_conv *conv = nullptr;
  CHECK(octet_fbgemm_conv_create(&shape, w.data(), 0, &conv) == OCTET_FBGEMM_OK);
  octet_fbgemm_conv *raw_conv = nullptr;
  CHECK(octet_fbgemm_conv_create(&shape, w.data(), 1, &raw_conv) == OCTET_FBGEMM_OK);
  int32_t path = -1;
  CHECK(octet_fbgemm_conv_path(conv, &path) == OCTET_FBGEMM_OK);
  CHECK(path == OCTET_FBGEMM_PATH_GROUPWISE);

  std::vector<int32_t> sums(kImages * kSize * kSize * kOut);
  std::vector<uint8_t> y(sums.size());
  octet_fbgemm_call call{};
  call.x = x.data();
  call.y = sums.data();
  call.scales = 1;
  call.x_zero_point = 3;
  call.x_signed = x_signed;
  call.rows = kImages;
  call.height = kSize;
  call.width = kSize;
  call.threads = threads;
  float multiplier = 0.25f;
  for (bool raw : {true, false}) {
    call.multiplier = raw ? nullptr : &multiplier;
    call.y = raw ? static_cast<void *>(sums.data()) : y.data();
    octet_fbgemm_conv *packed = raw ? raw_conv : conv;
    octet_fbgemm_conv *other = raw ? conv : raw_conv;
    int64_t bytes = 0;
    CHECK(octet_fbgemm_conv_scratch(packed, &call, &bytes) == OCTET_FBGEMM_OK);
    Aligned scratch(static_cast<size_t>(bytes));
    call.scratch = scratch.bytes;
    CHECK(octet_fbgemm_conv_run(packed, &call) == OCTET_FBGEMM_OK);
    CHECK(octet_fbgemm_conv_run(other, &call) == OCTET_FBGEMM_INVALID_ARGUMENT);
  }
  for (size_t i = 0; i < sums.size(); ++i) {
    size_t first = i / kOut * kIn + i % kOut / (kOut / kGroups) * (kIn / kGroups);
    int32_t expected = 0;
    for (int c = 0; c < kIn / kGroups; ++c) {
      uint8_t raw = x[first + c];
      expected += (x_signed != 0 ? static_cast<int8_t>(raw) : raw) - 3;
    }
    CHECK(sums[i] == expected);
    long rounded = std::lrint(static_cast<float>(expected) * multiplier);
    CHECK(y[i] == (rounded < 0 ? 0 : rounded > 255 ? 255 : rounded));
  }
  CHECK(octet_fbgemm_conv_destroy(raw_conv) == OCTET_FBGEMM_OK);
  CHECK(octet_fbgemm_conv_destroy(conv) == OCTET_FBGEMM_OK);
}

void an_exception_is_a_status_with_its_text(int32_t threads) {
  octet_fbgemm_conv_shape shape{1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0};
  int8_t weight = 1;
  octet_fbgemm_conv *conv = nullptr;
  CHECK(octet_fbgemm_conv_create(&shape, &weight, 0, &conv) == OCTET_FBGEMM_OK);
  std::vector<uint8_t> x(1001), y(1001);
  float multiplier = 1;
  octet_fbgemm_call call{};
  call.x = x.data();
  call.y = y.data();
  call.multiplier = &multiplier;
  call.scales = 1;
  call.rows = 1001;
  call.height = 1;
  call.width = 1;
  call.threads = threads;
  Aligned scratch(1 << 16);
  call.scratch = scratch.bytes;
  CHECK(octet_fbgemm_conv_run(conv, &call) == OCTET_FBGEMM_FAILED);
  CHECK(last_error() == "too many images for the stand-in");
  CHECK(octet_fbgemm_conv_destroy(conv) == OCTET_FBGEMM_OK);
  CHECK(last_error().empty());
}

void a_caller_mistake_is_refused_by_name() {
  int8_t weight = 1;
  octet_fbgemm_conv *conv = nullptr;
  octet_fbgemm_linear *linear = nullptr;
  octet_fbgemm_conv_shape odd{63, 64, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1};
  CHECK(octet_fbgemm_conv_create(&odd, &weight, 0, &conv) == OCTET_FBGEMM_INVALID_ARGUMENT);
  CHECK(last_error() == "groups must divide the channels");
  CHECK(conv == nullptr);
  CHECK(octet_fbgemm_linear_create(0, 1, &weight, &linear) == OCTET_FBGEMM_INVALID_ARGUMENT);
  CHECK(octet_fbgemm_linear_create(1, 1, nullptr, &linear) == OCTET_FBGEMM_INVALID_ARGUMENT);
  CHECK(octet_fbgemm_linear_create(1, 1, &weight, &linear) == OCTET_FBGEMM_OK);
  CHECK(octet_fbgemm_linear_run(linear, nullptr) == OCTET_FBGEMM_INVALID_ARGUMENT);
  octet_fbgemm_call call{};
  CHECK(octet_fbgemm_linear_run(linear, &call) == OCTET_FBGEMM_INVALID_ARGUMENT);
  CHECK(last_error() == "rows must be positive");
  call.rows = 1;
  call.threads = 1;
  CHECK(octet_fbgemm_linear_run(linear, &call) == OCTET_FBGEMM_INVALID_ARGUMENT);
  CHECK(last_error() == "x, y or scratch is a null pointer");
  CHECK(octet_fbgemm_linear_destroy(linear) == OCTET_FBGEMM_OK);
  CHECK(octet_fbgemm_force_instruction_set(9) == OCTET_FBGEMM_INVALID_ARGUMENT);
}

void instruction_sets_have_one_number() {
  for (int32_t set :
       {OCTET_FBGEMM_SET_AVX2, OCTET_FBGEMM_SET_AVX512, OCTET_FBGEMM_SET_AVX512_VNNI}) {
    int32_t found = -1;
    CHECK(octet_fbgemm_force_instruction_set(set) == OCTET_FBGEMM_OK);
    CHECK(octet_fbgemm_instruction_set(&found) == OCTET_FBGEMM_OK);
    CHECK(found == set);
  }
}

void an_error_belongs_to_its_thread() {
  CHECK(octet_fbgemm_linear_run(nullptr, nullptr) == OCTET_FBGEMM_INVALID_ARGUMENT);
  std::thread([] {
    CHECK(last_error().empty());
    CHECK(octet_fbgemm_force_instruction_set(9) == OCTET_FBGEMM_INVALID_ARGUMENT);
    CHECK(last_error() == "there is no such instruction set");
  }).join();
  CHECK(last_error() == "linear is a null pointer");
}

// A libtorch_cpu whose classes grew, or which computes something else.
void another_fbgemm_is_noticed() {
  const std::pair<int32_t, const char *> faults[] = {
      {FAKE_TORCH_LARGE_A, "this FBGEMM's PackAMatrix is larger than 104 bytes"},
      {FAKE_TORCH_LARGE_A_WITH_OFFSETS,
       "this FBGEMM's PackAWithRowOffset is larger than 120 bytes"},
      {FAKE_TORCH_LARGE_IMAGE, "this FBGEMM's PackAWithIm2Col is larger than 208 bytes"},
      {FAKE_TORCH_LARGE_B, "this FBGEMM's PackBMatrix is larger than 104 bytes"},
      {FAKE_TORCH_LARGE_WEIGHTS, "this FBGEMM's PackWeightsForConv is larger than 176 bytes"},
      {FAKE_TORCH_OTHER_PARAMETERS,
       "this FBGEMM's PackWeightsForConv begins with other parameters"},
  };
  for (const auto &[fault, text] : faults) {
    fake_torch_fault = fault;
    CHECK(octet_fbgemm_prove_layout() == OCTET_FBGEMM_FAILED);
    CHECK(last_error() == text);
  }
  fake_torch_fault = FAKE_TORCH_WRONG_SUMS;
  CHECK(octet_fbgemm_prove_layout() == OCTET_FBGEMM_OK);
  CHECK(octet_fbgemm_self_test() == OCTET_FBGEMM_FAILED);
  CHECK(!last_error().empty());
  std::printf("%s\n", last_error().c_str());
  fake_torch_fault = FAKE_TORCH_SOUND;
  CHECK(octet_fbgemm_self_test() == OCTET_FBGEMM_OK);
}

}  // namespace

int main() {
  CHECK(octet_fbgemm_abi_version() == OCTET_FBGEMM_ABI_VERSION);
  CHECK(octet_fbgemm_prove_layout() == OCTET_FBGEMM_OK);
  CHECK(octet_fbgemm_self_test() == OCTET_FBGEMM_OK);
  for (int32_t threads : {1, 3}) {
    for (int32_t x_signed : {0, 1}) {
      linear_layers_are_right(x_signed, 0, threads);
      linear_layers_are_right(x_signed, 1, threads);
      convolutions_are_right(x_signed, threads);
    }
    an_exception_is_a_status_with_its_text(threads);
  }
  a_caller_mistake_is_refused_by_name();
  instruction_sets_have_one_number();
  an_error_belongs_to_its_thread();
  another_fbgemm_is_noticed();
  return result();
}
