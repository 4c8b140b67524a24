package io.octet.bench;

import static io.octet.bench.BareDnnl.bytes;
import static io.octet.bench.BareDnnl.check;
import static io.octet.bench.BareDnnl.create;
import static io.octet.bench.BareDnnl.query;
import static io.octet.internal.ffi.DnnlConstants.ARG_ATTR_SCALES;
import static io.octet.internal.ffi.DnnlConstants.ARG_BIAS;
import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_SCRATCHPAD;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC;
import static io.octet.internal.ffi.DnnlConstants.ARG_WEIGHTS;
import static io.octet.internal.ffi.DnnlConstants.F32;
import static io.octet.internal.ffi.DnnlConstants.S8;
import static io.octet.internal.ffi.DnnlConstants.U8;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import io.octet.bench.BareDnnl.Argument;
import io.octet.bench.BareDnnl.Call;
import io.octet.internal.ffi.DnnlBindings;
import io.octet.internal.ffi.DnnlConstants;
import io.octet.internal.ffi.OmpBindings;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// The yardstick: every convolution and linear layer of a [Net] as a oneDNN primitive with its ReLU
/// and its residual sum fused, NHWC, executed back to back on two buffers that take turns. No input
/// is quantized, nothing is pooled, nothing is checked: no network can run faster on these kernels.
/// Int8 means u8 activations without zero points, and s8 weights with a scale for each channel. One
/// thread.
final class BarePrimitives {
  /// A layer that is not bound to memory yet.
  private record Layer(
      String name, String implementation, MemorySegment primitive, List<Argument> arguments) {}

  private final BareDnnl dnnl = new BareDnnl();
  private final Random random = new Random(12345);
  private final int activations;
  private final int weights;
  private final List<String> labels = new ArrayList<>();
  private final Call[] calls;
  private long bufferBytes;
  private long scratchBytes;

  /// @param int8 u8 activations and s8 weights, else float
  BarePrimitives(Net net, boolean int8) {
    activations = int8 ? U8 : F32;
    weights = int8 ? S8 : F32;
    OmpBindings.setNumThreads(1);
    Map<String, Net.Image> images = net.images();
    List<Layer> layers = new ArrayList<>();
    for (Net.Layer layer : net.layers()) {
      Net.Image x = images.get(layer.from());
      Net.Image y = images.get(layer.name());
      switch (layer) {
        case Net.Conv conv -> layers.add(conv(conv, x, y));
        case Net.Linear linear -> layers.add(linear(linear, x));
        case Net.MaxPool _, Net.Mean _ -> {}
      }
    }
    layers.forEach(l -> labels.add(l.name() + " " + l.implementation()));
    calls = bind(layers);
  }

  /// Executes every layer once.
  void run() {
    for (Call call : calls) {
      call.execute();
    }
  }

  /// The nanoseconds that each layer takes, by name and implementation: the mean of `runs` runs.
  Map<String, Double> profile(int runs) {
    Map<String, Double> nanos = new LinkedHashMap<>();
    for (int run = 0; run < runs; run++) {
      for (int i = 0; i < calls.length; i++) {
        long start = System.nanoTime();
        calls[i].execute();
        nanos.merge(labels.get(i), (System.nanoTime() - start) / (double) runs, Double::sum);
      }
    }
    return nanos;
  }

  private Layer conv(Net.Conv conv, Net.Image x, Net.Image y) {
    long g = conv.groups();
    long in = x.channels() / g;
    long k = conv.kernel();
    long[] kernel =
        g > 1 ? new long[] {g, conv.out() / g, in, k, k} : new long[] {conv.out(), in, k, k};
    long pad = k / 2;
    long after = (y.size() - 1L) * conv.stride() + k - x.size() - pad;
    boolean clamps = conv.activation() != Net.Activation.NONE;
    MemorySegment attributes =
        attributes(g > 1 ? 0b11 : 0b1, activations, !conv.add().isEmpty(), clamps);
    MemorySegment pd =
        create(
            out ->
                DnnlBindings.convolutionForwardPrimitiveDescCreate(
                    out,
                    dnnl.engine(),
                    DnnlConstants.FORWARD_INFERENCE,
                    DnnlConstants.CONVOLUTION_DIRECT,
                    dnnl.nhwc(activations, 1, x.channels(), x.size(), x.size()),
                    dnnl.any(weights, kernel),
                    dnnl.dense(F32, conv.out()),
                    dnnl.nhwc(activations, 1, y.channels(), y.size(), y.size()),
                    dnnl.longs(conv.stride(), conv.stride()),
                    dnnl.longs(0, 0),
                    dnnl.longs(pad, pad),
                    dnnl.longs(after, after),
                    attributes));
    List<Argument> constants = scales(conv.out(), in * k * k, activations);
    constants.add(dnnl.floats(ARG_BIAS, new long[] {conv.out()}, new float[conv.out()]));
    return layer(conv.name(), pd, dnnl.dense(weights, kernel), constants);
  }

  private Layer linear(Net.Linear linear, Net.Image x) {
    MemorySegment attributes = attributes(0b10, F32, false, false);
    MemorySegment pd =
        create(
            out ->
                DnnlBindings.matmulPrimitiveDescCreate(
                    out,
                    dnnl.engine(),
                    dnnl.dense(activations, 1, x.channels()),
                    dnnl.any(weights, x.channels(), linear.out()),
                    dnnl.dense(F32, 1, linear.out()),
                    dnnl.dense(F32, 1, linear.out()),
                    attributes));
    List<Argument> constants = scales(linear.out(), x.channels(), F32);
    constants.add(dnnl.floats(ARG_BIAS, new long[] {1, linear.out()}, new float[linear.out()]));
    MemorySegment plain = dnnl.dense(weights, x.channels(), linear.out());
    return layer(linear.name(), pd, plain, constants);
  }

  private MemorySegment attributes(int weightsMask, int output, boolean sum, boolean relu) {
    MemorySegment attributes = create(DnnlBindings::primitiveAttrCreate);
    check(
        DnnlBindings.primitiveAttrSetScratchpadMode(
            attributes, DnnlConstants.SCRATCHPAD_MODE_USER));
    MemorySegment post = create(DnnlBindings::postOpsCreate);
    boolean int8 = activations == U8;
    if (sum) {
      float scale = int8 ? 0.7f : 1;
      check(DnnlBindings.postOpsAppendSum(post, scale, 0, DnnlConstants.DATA_TYPE_UNDEF));
    }
    if (relu) {
      check(DnnlBindings.postOpsAppendEltwise(post, DnnlConstants.ELTWISE_RELU, 0, 0));
    }
    check(DnnlBindings.primitiveAttrSetPostOps(attributes, post));
    if (int8) {
      check(DnnlBindings.primitiveAttrSetScalesMask(attributes, ARG_SRC, 0));
      check(DnnlBindings.primitiveAttrSetScalesMask(attributes, ARG_WEIGHTS, weightsMask));
      if (output != F32) {
        check(DnnlBindings.primitiveAttrSetScalesMask(attributes, ARG_DST, 0));
      }
    }
    return attributes;
  }

  private List<Argument> scales(int channels, long inner, int output) {
    List<Argument> scales = new ArrayList<>();
    if (activations == U8) {
      float[] perChannel = new float[channels];
      for (int i = 0; i < channels; i++) {
        perChannel[i] = 0.001f + 1e-6f * i;
      }
      scales.add(scale(ARG_SRC, 0.02f));
      scales.add(scale(ARG_WEIGHTS, perChannel));
      if (output != F32) {
        scales.add(scale(ARG_DST, 0.05f * (float) Math.sqrt(inner) / 16));
      }
    }
    return scales;
  }

  private Argument scale(int argument, float... values) {
    return dnnl.floats(ARG_ATTR_SCALES | argument, new long[] {values.length}, values);
  }

  private Layer layer(
      String name, MemorySegment pd, MemorySegment plainWeights, List<Argument> constants) {
    MemorySegment src = query(pd, DnnlConstants.QUERY_SRC_MD);
    MemorySegment dst = query(pd, DnnlConstants.QUERY_DST_MD);
    MemorySegment scratch = query(pd, DnnlConstants.QUERY_SCRATCHPAD_MD);
    MemorySegment packed = query(pd, DnnlConstants.QUERY_WEIGHTS_MD);
    MemorySegment values = dnnl.allocate(bytes(plainWeights));
    fill(values, weights, 0.02f);
    List<Argument> arguments = new ArrayList<>(constants);
    arguments.add(new Argument(ARG_SRC, src, null));
    arguments.add(new Argument(ARG_WEIGHTS, packed, dnnl.reordered(plainWeights, values, packed)));
    arguments.add(new Argument(ARG_DST, dst, null));
    if (bytes(scratch) > 0) {
      arguments.add(new Argument(ARG_SCRATCHPAD, scratch, null));
    }
    bufferBytes = Math.max(bufferBytes, Math.max(bytes(src), bytes(dst)));
    scratchBytes = Math.max(scratchBytes, bytes(scratch));
    return new Layer(name, BareDnnl.implementation(pd), dnnl.primitive(pd), arguments);
  }

  private Call[] bind(List<Layer> layers) {
    MemorySegment[] buffers = {dnnl.allocate(bufferBytes), dnnl.allocate(bufferBytes)};
    for (MemorySegment buffer : buffers) {
      fill(buffer, activations, 1);
    }
    MemorySegment scratch = dnnl.allocate(scratchBytes);
    Call[] bound = new Call[layers.size()];
    for (int i = 0; i < bound.length; i++) {
      MemorySegment from = buffers[i % 2];
      MemorySegment to = buffers[(i + 1) % 2];
      List<Argument> arguments = new ArrayList<>();
      for (Argument a : layers.get(i).arguments()) {
        MemorySegment data =
            switch (a.id()) {
              case ARG_SRC -> from;
              case ARG_DST -> to;
              case ARG_SCRATCHPAD -> scratch;
              default -> a.data();
            };
        arguments.add(new Argument(a.id(), a.desc(), data));
      }
      bound[i] = dnnl.call(layers.get(i).primitive(), arguments);
    }
    return bound;
  }

  private void fill(MemorySegment values, int type, float range) {
    if (type == F32) {
      for (long i = 0; i < values.byteSize() / Float.BYTES; i++) {
        values.setAtIndex(JAVA_FLOAT, i, (random.nextFloat() - 0.5f) * range);
      }
    } else {
      for (long i = 0; i < values.byteSize(); i++) {
        values.set(JAVA_BYTE, i, (byte) (random.nextInt(200) - (type == S8 ? 100 : 0)));
      }
    }
  }
}
