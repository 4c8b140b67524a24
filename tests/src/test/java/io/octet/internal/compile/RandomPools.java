package io.octet.internal.compile;

import io.octet.graph.op.Op;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Window;
import io.octet.internal.compile.RandomGraph.Value;
import java.util.Random;

/// Pools, and the windows that convolutions have too.
final class RandomPools {
  private static final int LARGEST = 3;

  private final RandomGraph graph;
  private final RandomQuantization quantization;
  private final Random random;

  RandomPools(RandomGraph graph, RandomQuantization quantization) {
    this.graph = graph;
    this.quantization = quantization;
    this.random = graph.random;
  }

  Value maxPool(Value x) {
    Window drawn = window(graph, x);
    // Of a dilated window ONNX Runtime's auto_pad makes fewer pixels than ONNX says.
    Window window = drawn.autoPad() == Window.AutoPad.NOTSET ? drawn : drawn.dilation(1, 1);
    boolean ceil = graph.chance(0.3);
    long h = window.resolve(x.shape()[2], x.shape()[3]).outputH(x.shape()[2], ceil);
    long w = window.resolve(x.shape()[2], x.shape()[3]).outputW(x.shape()[3], ceil);
    long[] shape = {x.shape()[0], x.shape()[1], h, w};
    Op op = new Pooling.MaxPool(window, ceil);
    Value y = graph.add(op, shape, x.exponent(), x.steps(), x.rms(), x.name());
    return quantization.likeInput(y, x);
  }

  /// Where all windows have 1, 2 or 4 elements the mean is exact. With 3 or 9 it is never at a tie
  /// of the input's own steps.
  Value averagePool(Value from) {
    Value x = quantization.room(from, 16);
    if (x == null) {
      return from;
    }
    long height = x.shape()[2];
    long width = x.shape()[3];
    int kernelH = (int) Math.min(height, random.nextInt(1, 4));
    int kernelW = (int) Math.min(width, random.nextInt(1, 4));
    boolean odd = kernelH == 3 || kernelW == 3;
    if (quantization.isExact()
        && odd
        && (kernelH == 2 || kernelW == 2 || !quantization.isQuantized(x))) {
      return from;
    }
    boolean pads = !odd && graph.chance(0.3) || !quantization.isExact() && graph.chance(0.3);
    Window window = Window.of(kernelH, kernelW).stride(random.nextInt(1, 3), random.nextInt(1, 3));
    if (pads) {
      window = window.pads(kernelH / 2, 0, 0, kernelW / 2);
    }
    boolean ceil = graph.chance(0.3) && !(quantization.isExact() && odd);
    Op op = new Pooling.AveragePool(window, ceil, graph.chance(0.4));
    long[] shape = {
      x.shape()[0], x.shape()[1], window.outputH(height, ceil), window.outputW(width, ceil)
    };
    Value y = graph.add(op, shape, x.exponent() - 2, x.steps() * 4, x.rms(), x.name());
    return quantization.isExact() && odd
        ? quantization.replaced(y, quantization.quantizedLike(y, x))
        : quantization.likeInput(y, x);
  }

  Value globalPool(Value from) {
    Value x = quantization.room(from, 64);
    long count = from.shape()[2] * from.shape()[3];
    boolean power = Long.bitCount(count) == 1 && count <= 32;
    if (x == null
        || quantization.isExact() && !power && (count % 2 == 0 || !quantization.isQuantized(x))) {
      return from;
    }
    long[] shape = {x.shape()[0], x.shape()[1], 1, 1};
    int bits = Long.numberOfTrailingZeros(Long.highestOneBit(count));
    Op op = new Pooling.GlobalAveragePool();
    Value y = graph.add(op, shape, x.exponent() - bits, x.steps() * count, x.rms(), x.name());
    return quantization.isExact() && !power
        ? quantization.replaced(y, quantization.quantizedLike(y, x))
        : quantization.likeInput(y, x);
  }

  static Window window(RandomGraph graph, Value x) {
    Random random = graph.random;
    int height = (int) x.shape()[2];
    int width = (int) x.shape()[3];
    int h = Math.min(height, random.nextInt(1, LARGEST + 1));
    int w =
        graph.chance(0.7) ? Math.min(h, width) : Math.min(width, random.nextInt(1, LARGEST + 1));
    Window window = Window.of(h, w).stride(random.nextInt(1, 3), random.nextInt(1, 3));
    if (graph.chance(0.2) && (h - 1) * 2 < height && (w - 1) * 2 < width) {
      window = window.dilation(2, 2);
    }
    if (graph.chance(0.1)) {
      return window.autoPad(graph.oneOf(Window.AutoPad.SAME_UPPER, Window.AutoPad.SAME_LOWER));
    }
    return graph.chance(0.5)
        ? window.pads(random.nextInt(h), random.nextInt(w), random.nextInt(h), random.nextInt(w))
        : window;
  }
}
