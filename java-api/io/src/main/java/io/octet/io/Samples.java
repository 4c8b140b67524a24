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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;

/// A file of samples, batch by batch, as a model takes them. One batch is in memory at a time; the
/// last one is short where the batch size does not divide the number of samples. A failing file
/// shows as [UncheckedIOException] from [#next], and a sample that no model can take (NaN, nothing
/// but infinities, an integer out of range) as [IllegalArgumentException] that names it.
///
/// An array has a row for each sample; or, for an input without an axis for them (a single number,
/// a recurrent state), all that the input takes for each sample, in batches of 1; or it is of the
/// input's own fixed shape, and every batch takes it.
public final class Samples implements Iterator<Map<String, Tensor>>, AutoCloseable {
  private final Map<String, Rows> rows;
  private final Map<String, InputFit> fits = new LinkedHashMap<>();
  private final Map<String, Tensor> shared = new LinkedHashMap<>();
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
    return open(file, inputs, batch, pixels, Optional.empty());
  }

  /// The same of a file whose images are in that layout, and are transposed for an input that takes
  /// them in the other ([ImageLayout#of]).
  ///
  /// @param layout empty where arrays are to be taken as they are
  /// @throws IllegalArgumentException if the arrays do not fit the inputs, or a layout is given and
  ///   none of them has four axes
  public static Samples open(
      Path file,
      List<ValueInfo> inputs,
      int batch,
      Optional<Pixels> pixels,
      Optional<ImageLayout> layout)
      throws IOException {
    Map<String, Rows> arrays = new LinkedHashMap<>(DataFiles.open(file));
    boolean taken = false;
    try {
      if (layout.isPresent()) {
        turn(arrays, inputs, layout.get(), file);
      }
      Samples samples = of(arrays, inputs, batch, pixels);
      taken = true;
      return samples;
    } finally {
      if (!taken) {
        DataFiles.close(arrays);
      }
    }
  }

  private static void turn(
      Map<String, Rows> arrays, List<ValueInfo> inputs, ImageLayout layout, Path file) {
    boolean images = false;
    Map<String, Rows> chosen = choose(arrays, inputs);
    for (ValueInfo input : inputs) {
      Rows array = chosen.get(input.name());
      images |= ImageLayout.isImages(array.shape());
      arrays.replaceAll((name, rows) -> rows == array ? layout.turn(rows, input.shape()) : rows);
    }
    if (!images) {
      throw new IllegalArgumentException(
          file + ": the layout is to be " + layout + ", but no array has four axes");
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
    Set<String> all = shared(chosen, inputs);
    this.count = count(chosen, all);
    for (ValueInfo input : inputs) {
      Rows array = chosen.get(input.name());
      InputFit fit =
          all.contains(input.name())
              ? InputFit.shared(input, array)
              : new InputFit(input, array, pixels);
      requireBatch(input, fit);
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

  /// The inputs whose array is just what they take, where others count the samples: every run takes
  /// those. Where nobody counts, that is one run.
  private static Set<String> shared(Map<String, Rows> chosen, List<ValueInfo> inputs) {
    Set<String> all = new LinkedHashSet<>();
    Set<Long> counts = new LinkedHashSet<>();
    for (ValueInfo input : inputs) {
      Shape array = chosen.get(input.name()).shape();
      if (InputFit.isAll(input, array)) {
        all.add(input.name());
      }
      counts.add(array.rank() == 0 ? -1 : array.size(0));
    }
    boolean countsAgree = counts.size() == 1 && !counts.contains(-1L);
    return all.size() == inputs.size() && countsAgree ? Set.of() : all;
  }

  private static long count(Map<String, Rows> chosen, Set<String> shared) {
    Map<String, Rows> counting = new LinkedHashMap<>(chosen);
    counting.keySet().removeAll(shared);
    if (counting.isEmpty()) {
      return 1;
    }
    Rows first = counting.values().iterator().next();
    for (Rows other : counting.values()) {
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

  private void requireBatch(ValueInfo input, InputFit fit) {
    if (fit.part() == InputFit.Part.WHOLE && batch != 1) {
      throw new IllegalArgumentException(
          "input %s has no axis for samples: one runs at a time, but there are batches of %d"
              .formatted(fit.describe(), batch));
    }
    if (fit.part() == InputFit.Part.ROWS && input.shape().dim(0) instanceof Dim.Fixed(long size)) {
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

  /// Samples in a batch, but for a short last one.
  public int batchSize() {
    return batch;
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
        values.put(fit.getKey(), next(fit.getKey(), fit.getValue(), n));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    position += n;
    return values;
  }

  private Tensor next(String input, InputFit fit, int n) throws IOException {
    Tensor before = shared.get(input);
    if (before != null) {
      return before;
    }
    boolean all = fit.part() == InputFit.Part.SHARED;
    Tensor read = all ? rows.get(input).all() : rows.get(input).next(n);
    Tensor fitted = fit.apply(read, position);
    if (checksNumbers) {
      fit.requireNumbers(fitted, position);
    }
    if (all) {
      shared.put(input, fitted);
    }
    return fitted;
  }

  @Override
  public void close() throws IOException {
    DataFiles.close(rows);
  }
}
