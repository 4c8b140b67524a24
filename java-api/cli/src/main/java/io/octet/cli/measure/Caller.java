package io.octet.cli.measure;

import io.octet.graph.op.ValueInfo;
import io.octet.runtime.Binding;
import io.octet.runtime.Session;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// One user of a session who runs it again and again on memory bound once, and takes the time. For
/// one thread.
public final class Caller implements AutoCloseable {
  private final Session session;
  private final Arena arena = Arena.ofShared();
  private final Binding binding;
  private long[] nanos = new long[1 << 12];
  private int runs;

  /// Binds memory of its own.
  ///
  /// @param inputs what it gives the session, copied
  public Caller(Session session, Map<String, Tensor> inputs) {
    this.session = session;
    Map<String, Tensor> in = new LinkedHashMap<>();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    inputs.forEach(
        (name, tensor) -> {
          Tensor copy = Tensor.allocate(arena, tensor.type(), tensor.shape());
          copy.data().copyFrom(tensor.data());
          in.put(name, copy);
          shapes.put(name, tensor.shape());
        });
    Map<String, Tensor> out = new LinkedHashMap<>();
    for (ValueInfo info : session.outputs(shapes)) {
      out.put(info.name(), Tensor.allocate(arena, info.type(), info.shape()));
    }
    this.binding = session.bind(in, out);
  }

  /// One run, timed.
  public void run() {
    long before = System.nanoTime();
    session.run(binding);
    long after = System.nanoTime();
    if (runs == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * runs);
    }
    nanos[runs++] = after - before;
  }

  /// Runs until the clock shows `deadline`, at least `least` times.
  public void runUntil(long deadline, int least) {
    for (int i = 0; i < least || System.nanoTime() < deadline; i++) {
      run();
    }
  }

  /// Forgets the runs so far: they were for warming up.
  public void forget() {
    runs = 0;
  }

  /// Every run since the last [#forget], in nanoseconds.
  public long[] nanos() {
    return Arrays.copyOf(nanos, runs);
  }

  @Override
  public void close() {
    arena.close();
  }
}
