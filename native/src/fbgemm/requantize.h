// The output stage of a call as FBGEMM wants it: a type for each combination.
#pragma once

#include "layers.h"

namespace octet {

using Granularity = fbgemm::QuantizationGranularity;

template <bool Relu, Granularity Q>
using Requantize = fbgemm::ReQuantizeOutput<Relu, Q, float>;

// What a stage needs beside the call.
struct Stage {
  const int32_t *zero_points;
  const int32_t *row_offsets;
  const int32_t *column_sums;
  uint32_t channels;
  int groups;
};

template <bool Relu, Granularity Q>
Requantize<Relu, Q> requantize(fbgemm::DoNothing<> &nothing, const octet_fbgemm_call &call,
                               const Stage &stage) {
  return Requantize<Relu, Q>(nothing, call.multiplier, y_zero_point(call), x_zero_point(call),
                             stage.zero_points, stage.row_offsets, stage.column_sums, call.bias,
                             stage.channels, stage.groups, call.bias_scale);
}

// body.template run<relu, granularity>() of what the call asks for.
template <typename Body>
void choose(const octet_fbgemm_call &call, const Body &body) {
  bool relu = call.relu != 0;
  if (call.scales == 1) {
    relu ? body.template run<true, Granularity::TENSOR>()
         : body.template run<false, Granularity::TENSOR>();
  } else {
    relu ? body.template run<true, Granularity::OUT_CHANNEL>()
         : body.template run<false, Granularity::OUT_CHANNEL>();
  }
}

}  // namespace octet
