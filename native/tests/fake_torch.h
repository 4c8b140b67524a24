// What the stand-in for libtorch_cpu gets wrong when a test tells it to.
#pragma once

#include <cstdint>

constexpr int32_t FAKE_TORCH_SOUND = 0;
constexpr int32_t FAKE_TORCH_LARGE_A = 1;
constexpr int32_t FAKE_TORCH_LARGE_A_WITH_OFFSETS = 2;
constexpr int32_t FAKE_TORCH_LARGE_IMAGE = 3;
constexpr int32_t FAKE_TORCH_LARGE_B = 4;
constexpr int32_t FAKE_TORCH_LARGE_WEIGHTS = 5;
constexpr int32_t FAKE_TORCH_OTHER_PARAMETERS = 6;
constexpr int32_t FAKE_TORCH_WRONG_SUMS = 7;

extern int32_t fake_torch_fault;
