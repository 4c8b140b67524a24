package io.octet.bench;

import static io.octet.internal.ffi.DnnlConstants.ARG_ATTR_SCALES;
import static io.octet.internal.ffi.DnnlConstants.ARG_ATTR_ZERO_POINTS;
import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC;
import static io.octet.internal.ffi.DnnlConstants.S32;
import static io.octet.internal.ffi.DnnlConstants.U8;

import io.octet.bench.BareDnnl.Argument;
import io.octet.internal.ffi.DnnlBindings;
import io.octet.internal.ffi.OmpBindings;
import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.Layout;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.kernel.jvm.JvmBackend;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.runner.IterationType;

/// A requantization of 56x56x64 bytes, one thread: Java's table, which Octet runs, and oneDNN's
/// reorder, which adds the zero point before it rounds. `race` lets the two take turns.
///
/// ```
/// ./mvnw -q -Pbench verify -DskipTests -pl bench -am -Djmh=RequantizeBenchmark.race
/// ```
@State(Scope.Thread)
@Fork(1)
public class RequantizeBenchmark {
  private static final long[] IMAGE = {1, 64, 56, 56};
  private static final float FROM = 0.1f;
  private static final float TO = 0.07f;
  private static final int ZERO_POINT = 3;
  private static final int ROUNDS = 100;

  /// A run takes microseconds, so many count as one.
  private static final int RUNS = 50;

  private Call java;
  private BareDnnl.Call onednn;

  /// For JMH.
  public RequantizeBenchmark() {}

  /// Makes both over the same random bytes.
  @Setup
  public void make() {
    BareDnnl dnnl = new BareDnnl();
    OmpBindings.setNumThreads(1);
    TensorDesc x = image(FROM, 0);
    TensorDesc y = image(TO, ZERO_POINT);
    byte[] bytes = new byte[Math.toIntExact(x.bytes())];
    new Random(1).nextBytes(bytes);
    MemorySegment from = dnnl.allocate(bytes.length);
    from.copyFrom(MemorySegment.ofArray(bytes));
    KernelContext context = new KernelContext(1, new WeightsCache());
    java =
        switch (new JvmBackend().offers(new KernelSpec.Convert(x, y), context)) {
          case Answer.Offers offers ->
              offers
                  .first()
                  .make(context)
                  .bind(new Buffers(List.of(from), dnnl.allocate(y.bytes()), dnnl.allocate(1)));
          case Answer.Refused refused -> throw new IllegalStateException(refused.detail());
        };
    onednn = reorder(dnnl, from);
  }

  private static TensorDesc image(float scale, int zeroPoint) {
    QuantParams quant = QuantParams.perTensor(DataType.U8, scale, zeroPoint);
    return TensorDesc.quantized(Layout.CHANNELS_LAST, Shape.of(IMAGE), quant);
  }

  private static BareDnnl.Call reorder(BareDnnl dnnl, MemorySegment from) {
    MemorySegment desc = dnnl.nhwc(U8, IMAGE);
    MemorySegment attributes = BareDnnl.create(DnnlBindings::primitiveAttrCreate);
    for (int argument : new int[] {ARG_SRC, ARG_DST}) {
      BareDnnl.check(DnnlBindings.primitiveAttrSetScalesMask(attributes, argument, 0));
    }
    BareDnnl.check(DnnlBindings.primitiveAttrSetZeroPointsMask(attributes, ARG_DST, 0));
    MemorySegment pd =
        BareDnnl.create(
            out ->
                DnnlBindings.reorderPrimitiveDescCreate(
                    out, desc, dnnl.engine(), desc, dnnl.engine(), attributes));
    MemorySegment zero = dnnl.allocate(Integer.BYTES);
    zero.set(ValueLayout.JAVA_INT, 0, ZERO_POINT);
    long[] one = {1};
    return dnnl.call(
        dnnl.primitive(pd),
        List.of(
            new Argument(ARG_SRC, desc, from),
            new Argument(ARG_DST, desc, dnnl.allocate(from.byteSize())),
            dnnl.floats(ARG_ATTR_SCALES | ARG_SRC, one, FROM),
            dnnl.floats(ARG_ATTR_SCALES | ARG_DST, one, TO),
            new Argument(ARG_ATTR_ZERO_POINTS | ARG_DST, dnnl.dense(S32, 1), zero)));
  }

  /// Both in turns.
  ///
  /// @param iteration tells the warm-up, whose figures are nobody's
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  @Warmup(iterations = 2)
  @Measurement(iterations = 1)
  public void race(IterationParams iteration) {
    Race.Result result = race();
    if (iteration.getType() != IterationType.WARMUP) {
      System.out.println(describe(result));
    }
  }

  private Race.Result race() {
    Map<String, Runnable> racers = new LinkedHashMap<>();
    racers.put("java", () -> times(java::run));
    racers.put("onednn", () -> times(onednn::execute));
    return new Race(ROUNDS, 5).run(racers);
  }

  private static void times(Runnable run) {
    for (int i = 0; i < RUNS; i++) {
      run.run();
    }
  }

  private static String describe(Race.Result result) {
    return "%n  56x56x64 bytes to another scale: Java %.1f us, oneDNN %.1f us; oneDNN/Java %.3f"
        .formatted(
            result.millis("java") * 1000 / RUNS,
            result.millis("onednn") * 1000 / RUNS,
            result.ratio("onednn", "java"));
  }
}
