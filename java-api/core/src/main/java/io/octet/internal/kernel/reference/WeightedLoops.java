package io.octet.internal.kernel.reference;

import io.octet.graph.Window;
import io.octet.internal.kernel.Activation;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Invocation;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantMath;
import io.octet.tensor.QuantParams;

/// Convolution and linear layer. One sum serves int8 and float: products of 8-bit integers and
/// their sums are exact in double.
final class WeightedLoops {
  private WeightedLoops() {}

  static Invocation conv(KernelSpec.Conv spec, Buffers buffers) {
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements w = weights(spec.weights());
    Epilogue epilogue = new Epilogue(spec.x(), spec.weights(), spec.y(), spec.post(), buffers);
    return () -> {
      Elements y = epilogue.y();
      for (int n = 0; n < y.size(0); n++) {
        for (int m = 0; m < y.size(1); m++) {
          for (int h = 0; h < y.size(2); h++) {
            for (int v = 0; v < y.size(3); v++) {
              epilogue.finish(y.at(n, m, h, v), m, sum(spec, x, w, n, m, h, v));
            }
          }
        }
      }
    };
  }

  private static double sum(
      KernelSpec.Conv spec, Elements x, Elements w, int n, int m, int outH, int outW) {
    Window k = spec.window();
    int channels = w.size(1);
    int group = m / (w.size(0) / spec.groups());
    double sum = 0;
    for (int c = 0; c < channels; c++) {
      for (int i = 0; i < k.kernelH(); i++) {
        for (int j = 0; j < k.kernelW(); j++) {
          int h = outH * k.strideH() - k.padTop() + i * k.dilationH();
          int v = outW * k.strideW() - k.padLeft() + j * k.dilationW();
          if (h >= 0 && h < x.size(2) && v >= 0 && v < x.size(3)) {
            sum += x.centered(x.at(n, group * channels + c, h, v)) * w.centered(w.at(m, c, i, j));
          }
        }
      }
    }
    return sum;
  }

  static Invocation linear(KernelSpec.Linear spec, Buffers buffers) {
    Elements x = new Elements(spec.x(), buffers.inputs().getFirst());
    Elements w = weights(spec.weights());
    Epilogue epilogue = new Epilogue(spec.x(), spec.weights(), spec.y(), spec.post(), buffers);
    return () -> {
      int depth = w.size(1);
      for (int m = 0; m < x.size(0); m++) {
        for (int n = 0; n < w.size(0); n++) {
          double sum = 0;
          for (int k = 0; k < depth; k++) {
            sum += x.centered((long) m * depth + k) * w.centered((long) n * depth + k);
          }
          epilogue.finish((long) m * w.size(0) + n, n, sum);
        }
      }
    };
  }

  /// The weights as integers or floats; their scales are the epilogue's.
  private static Elements weights(Weights weights) {
    DataType type = weights.values().type();
    QuantParams plain = weights.isInt8() ? QuantParams.perTensor(type, 1, 0) : null;
    return new Elements(
        new Activation(type, Layout.ROW_MAJOR, weights.values().shape(), plain),
        weights.values().data());
  }

  /// From a sum of products to an element of the output.
  private record Epilogue(
      Activation x, Weights weights, PostOps post, Elements residual, Elements y) {
    Epilogue(Activation x, Weights weights, Activation y, PostOps post, Buffers buffers) {
      this(
          x,
          weights,
          post,
          post.hasResidual() ? new Elements(post.residual(), buffers.inputs().getLast()) : null,
          new Elements(y, buffers.output()));
    }

    void finish(long index, int channel, double sum) {
      if (!x.isInt8()) {
        store(index, sum + weights.bias(channel));
        return;
      }
      // A sum beyond int32 has no meaning: better an error than an oracle that wraps.
      int acc = Math.toIntExact((long) sum);
      if (y.isAccumulator()) {
        y.putRaw(index, acc);
        return;
      }
      float scale = x.quant().scale() * weights.scale(channel);
      store(index, QuantMath.scaleAccumulator(acc, scale, weights.bias(channel)));
    }

    private void store(long index, double real) {
      float sum = (float) (residual == null ? real : real + residual.real(index));
      y.putReal(index, post.clamp(sum));
    }
  }
}
