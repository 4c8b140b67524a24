package io.octet.io;

import io.octet.graph.op.ValueInfo;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;

/// A file of samples, batch by batch, as a model takes them. One batch is in memory at a time; the
/// last one is short where the batch size does not divide the number of samples. A failing file
/// shows as [UncheckedIOException] from [#next], and a sample that no model can take (NaN, nothing
/// but infinities, an integer out of range) as [IllegalArgumentException] that names it.
public final class Samples implements Iterator<Map<String, Tensor>>, AutoCloseable {
  private final Map<String, Rows> rows;
  private final Map<String, InputFit> fits = new LinkedHashMap<>();
  private final long count;
  private final int batch;
  private boolean checksNumbers = true;
  private long position;

  /// Samples of a file that [DataFiles] knows.
  ///
  /// @param file npz, npy or IDX
  /// @param inputs what the model takes
  /// @param batch samples in a batch, at least 1
  /// @param pixels how 8-bit values become floats; empty for [Pixels#UNIT]
  /// @throws IllegalArgumentException if the arrays do not fit the inputs
  public static Samples open(Path file, List<ValueInfo> inputs, int batch, Optional<Pixels> pixels)
      throws IOException {
    return open(file, inputs, batch, pixels, ImageLayout.NCHW);
  }

  /// The same of a file whose images are in that layout.
  ///
  /// @throws IllegalArgumentException if the arrays do not fit the inputs
  public static Samples open(
      Path file, List<ValueInfo> inputs, int batch, Optional<Pixels> pixels, ImageLayout layout)
      throws IOException {
    Map<String, Rows> arrays = DataFiles.open(file, layout);
    boolean taken = false;
    try {
      Samples samples = of(arrays, inputs, batch, pixels);
      taken = true;
      return samples;
    } finally {
      if (!taken) {
        DataFiles.close(arrays);
      }
    }
  }

  /// Samples of arrays that are open already, and are closed with the result.
  ///
  /// @param arrays by input name, or the only one; arrays that are no input are left alone
  public static Samples of(
      Map<String, Rows> arrays, List<ValueInfo> inputs, int batch, Optional<Pixels> pixels) {
    return new Samples(arrays, inputs, batch, pixels);
  }

  private Samples(
      Map<String, Rows> arrays, List<ValueInfo> inputs, int batch, Optional<Pixels> pixels) {
    if (batch < 1) {
      throw new IllegalArgumentException("a batch has at least 1 sample, but got " + batch);
    }
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException("the model takes no input, so no samples either");
    }
    this.rows = new LinkedHashMap<>(arrays);
    this.batch = batch;
    Map<String, Rows> chosen = choose(arrays, inputs);
    this.count = count(chosen);
    for (ValueInfo input : inputs) {
      requireBatch(input);
      InputFit fit = new InputFit(input, chosen.get(input.name()), pixels);
      fit.requireSize(Math.min(batch, count));
      fits.put(input.name(), fit);
    }
    rows.putAll(chosen);
  }

  /// These, with NaN and with samples of nothing but infinities, from the next batch on.
  public Samples unchecked() {
    checksNumbers = false;
    return this;
  }

  private static Map<String, Rows> choose(Map<String, Rows> arrays, List<ValueInfo> inputs) {
    if (inputs.size() == 1 && arrays.size() == 1) {
      return Map.of(inputs.getFirst().name(), arrays.values().iterator().next());
    }
    Map<String, Rows> chosen = new LinkedHashMap<>();
    for (ValueInfo input : inputs) {
      Rows array = arrays.get(input.name());
      if (array == null) {
        throw new IllegalArgumentException(
            "input \""
                + input.name()
                + "\" needs an array of its name, but there "
                + (arrays.size() == 1 ? "is " : "are ")
                + arrays.keySet());
      }
      chosen.put(input.name(), array);
    }
    return chosen;
  }

  private static long count(Map<String, Rows> chosen) {
    Rows first = chosen.values().iterator().next();
    for (Rows other : chosen.values()) {
      if (other.shape().rank() == 0 || first.shape().rank() == 0) {
        throw new IllegalArgumentException(
            other.where() + ": a single number, but the first axis must count the samples");
      }
      if (other.count() != first.count()) {
        throw new IllegalArgumentException(
            first.where()
                + " has "
                + first.count()
                + " samples, but "
                + other.where()
                + " has "
                + other.count());
      }
    }
    return first.count();
  }

  private void requireBatch(ValueInfo input) {
    if (input.shape().rank() > 0 && input.shape().dim(0) instanceof Dim.Fixed(long size)) {
      if (size != batch || count % batch != 0) {
        throw new IllegalArgumentException(
            "input \""
                + input.name()
                + "\" takes "
                + size
                + " samples at a time, no more and no fewer, but there are "
                + count
                + " in batches of "
                + batch);
      }
    }
  }

  /// The number of samples in the file.
  public long count() {
    return count;
  }

  /// The number of batches in the file, the short last one included.
  public long batches() {
    return (count + batch - 1) / batch;
  }

  /// The shapes of the first batch, by input name.
  public Map<String, Shape> shapes() {
    Map<String, Shape> shapes = new LinkedHashMap<>();
    fits.forEach((name, fit) -> shapes.put(name, fit.shape(Math.min(batch, count))));
    return shapes;
  }

  @Override
  public boolean hasNext() {
    return position < count;
  }

  /// The next batch, by input name, in memory of its own.
  @Override
  public Map<String, Tensor> next() {
    if (!hasNext()) {
      throw new NoSuchElementException("all " + count + " samples were read");
    }
    int n = (int) Math.min(batch, count - position);
    Map<String, Tensor> values = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, InputFit> fit : fits.entrySet()) {
        Tensor read = rows.get(fit.getKey()).next(n);
        Tensor fitted = fit.getValue().apply(read, position);
        if (checksNumbers) {
          fit.getValue().requireNumbers(fitted, position);
        }
        values.put(fit.getKey(), fitted);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    position += n;
    return values;
  }

  @Override
  public void close() throws IOException {
    DataFiles.close(rows);
  }
}
