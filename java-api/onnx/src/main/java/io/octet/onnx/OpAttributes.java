package io.octet.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import com.google.protobuf.ByteString;
import io.octet.graph.op.Binary;
import io.octet.graph.op.Convolution;
import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Op;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Product;
import io.octet.graph.op.Quantization;
import io.octet.graph.op.Unary;
import io.octet.graph.op.Window;
import io.octet.graph.op.Window.AutoPad;
import io.octet.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// The attributes of an {@link Op} in opset 17. Those that have ONNX's default are left out.
final class OpAttributes {
  private final List<AttributeProto> attributes = new ArrayList<>();

  private OpAttributes() {}

  static List<AttributeProto> of(Op op) {
    OpAttributes written = new OpAttributes();
    written.write(op);
    return written.attributes;
  }

  private void write(Op op) {
    switch (op) {
      case Convolution.Conv(Window window, int groups) -> {
        window(window);
        integer("group", groups, 1);
      }
      case Product.Gemm(float alpha, float beta, boolean transA, boolean transB) -> {
        real("alpha", alpha, 1);
        real("beta", beta, 1);
        flag("transA", transA);
        flag("transB", transB);
      }
      case Normalization.BatchNormalization(float epsilon) -> real("epsilon", epsilon, 1e-5f);
      case Unary.LeakyRelu(float alpha) -> real("alpha", alpha, 0.01f);
      case Unary.HardSigmoid(float alpha, float beta) -> {
        real("alpha", alpha, 0.2f);
        real("beta", beta, 0.5f);
      }
      case Pooling.MaxPool(Window window, boolean ceilMode) -> {
        window(window);
        flag("ceil_mode", ceilMode);
      }
      case Pooling.AveragePool(Window window, boolean ceilMode, boolean countIncludePad) -> {
        window(window);
        flag("ceil_mode", ceilMode);
        flag("count_include_pad", countIncludePad);
      }
      case Movement.Flatten(int axis) -> integer("axis", axis, 1);
      case Movement.Reshape(boolean allowZero) -> flag("allowzero", allowZero);
      case Movement.Transpose(List<Integer> perm) -> {
        if (!perm.isEmpty()) {
          integers("perm", perm.stream().mapToInt(Integer::intValue).toArray());
        }
      }
      case Movement.Concat(int axis) -> attributes.add(integer("axis", axis));
      case Normalization.Softmax(int axis) -> integer("axis", axis, -1);
      case Quantization.QuantizeLinear(int axis, DataType _) -> integer("axis", axis, 1);
      case Quantization.DequantizeLinear(int axis) -> integer("axis", axis, 1);
      case Product.MatMul _,
          Unary.Relu _,
          Unary.Clip _,
          Unary.Sigmoid _,
          Unary.HardSwish _,
          Unary.Tanh _ -> {}
      case Binary.Add _,
          Binary.Mul _,
          Pooling.GlobalAveragePool _,
          Movement.Identity _,
          Movement.Dropout _ -> {}
    }
  }

  private void window(Window window) {
    integers("kernel_shape", window.kernelH(), window.kernelW());
    pair("strides", window.strideH(), window.strideW());
    pair("dilations", window.dilationH(), window.dilationW());
    if (window.autoPad() != AutoPad.NOTSET) {
      attributes.add(
          named("auto_pad", AttributeType.STRING)
              .setS(ByteString.copyFromUtf8(window.autoPad().name()))
              .build());
    } else if ((window.padTop() | window.padLeft() | window.padBottom() | window.padRight()) != 0) {
      integers("pads", window.padTop(), window.padLeft(), window.padBottom(), window.padRight());
    }
  }

  /// Two numbers whose default is 1.
  private void pair(String name, int h, int w) {
    if (h != 1 || w != 1) {
      integers(name, h, w);
    }
  }

  private void integers(String name, int... values) {
    AttributeProto.Builder attribute = named(name, AttributeType.INTS);
    IntStream.of(values).forEach(attribute::addInts);
    attributes.add(attribute.build());
  }

  private void integer(String name, int value, int absent) {
    if (value != absent) {
      attributes.add(integer(name, value));
    }
  }

  private static AttributeProto integer(String name, int value) {
    return named(name, AttributeType.INT).setI(value).build();
  }

  private void flag(String name, boolean value) {
    integer(name, value ? 1 : 0, 0);
  }

  private void real(String name, float value, float absent) {
    if (value != absent) {
      attributes.add(named(name, AttributeType.FLOAT).setF(value).build());
    }
  }

  private static AttributeProto.Builder named(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }
}
