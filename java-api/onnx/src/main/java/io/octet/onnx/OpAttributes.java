package io.octet.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import com.google.protobuf.ByteString;
import io.octet.graph.Op;
import io.octet.graph.Window;
import io.octet.graph.Window.AutoPad;
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
      case Op.Conv(Window window, int groups) -> {
        window(window);
        integer("group", groups, 1);
      }
      case Op.Gemm(float alpha, float beta, boolean transA, boolean transB) -> {
        real("alpha", alpha, 1);
        real("beta", beta, 1);
        flag("transA", transA);
        flag("transB", transB);
      }
      case Op.BatchNormalization(float epsilon) -> real("epsilon", epsilon, 1e-5f);
      case Op.LeakyRelu(float alpha) -> real("alpha", alpha, 0.01f);
      case Op.HardSigmoid(float alpha, float beta) -> {
        real("alpha", alpha, 0.2f);
        real("beta", beta, 0.5f);
      }
      case Op.MaxPool(Window window, boolean ceilMode) -> {
        window(window);
        flag("ceil_mode", ceilMode);
      }
      case Op.AveragePool(Window window, boolean ceilMode, boolean countIncludePad) -> {
        window(window);
        flag("ceil_mode", ceilMode);
        flag("count_include_pad", countIncludePad);
      }
      case Op.Flatten(int axis) -> integer("axis", axis, 1);
      case Op.Reshape(boolean allowZero) -> flag("allowzero", allowZero);
      case Op.Transpose(List<Integer> perm) -> {
        if (!perm.isEmpty()) {
          integers("perm", perm.stream().mapToInt(Integer::intValue).toArray());
        }
      }
      case Op.Concat(int axis) -> attributes.add(integer("axis", axis));
      case Op.Softmax(int axis) -> integer("axis", axis, -1);
      case Op.QuantizeLinear(int axis, DataType _) -> integer("axis", axis, 1);
      case Op.DequantizeLinear(int axis) -> integer("axis", axis, 1);
      case Op.MatMul _, Op.Relu _, Op.Clip _, Op.Sigmoid _, Op.HardSwish _, Op.Tanh _ -> {}
      case Op.Add _, Op.Mul _, Op.GlobalAveragePool _, Op.Identity _, Op.Dropout _ -> {}
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
