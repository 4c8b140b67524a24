package io.octet.internal.kernel.jvm;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.reference.ResampledAxis;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// Resized data, a row of the output at a time: the rows that make it are added up, then the pixels
/// along the row. A row reaches from the last axis in memory that is resized to the end.
final class Resampled implements Runnable {
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  private final ResampledAxis[] outer;
  private final ResampledAxis along;
  private final int inner;
  private final float extrapolation;
  private final int[] place;
  private final int[] tap;
  private final float[] weights;
  private final int[] pixels;
  private final RealInput x;
  private final RealOutput y;
  private final float[] line;
  private final float[] sum;
  private final float[] row;
  private final MemorySegment from;
  private final MemorySegment to;
  private final byte[] bytesIn; // null where numbers are computed
  private final byte[] bytesOut;

  Resampled(KernelSpec.Resample spec, Buffers buffers) {
    TensorDesc in = spec.x();
    int[] memory = in.layout().axes(in.shape().rank());
    int last = memory.length - 1;
    while (last > 0 && axis(spec, memory[last]).isIdentity()) {
      last--;
    }
    this.outer = new ResampledAxis[last];
    Arrays.setAll(outer, i -> axis(spec, memory[i]));
    this.along = axis(spec, memory[last]);
    int behind = 1;
    for (int i = last + 1; i < memory.length; i++) {
      behind = Math.multiplyExact(behind, Math.toIntExact(in.shape().size(memory[i])));
    }
    this.inner = behind;
    this.extrapolation = spec.rule().extrapolation();
    this.place = new int[last];
    this.tap = new int[last];
    this.weights = weights(along);
    this.pixels = pixels(along);
    int rowIn = Math.multiplyExact(along.in(), inner);
    int rowOut = Math.multiplyExact(along.out(), inner);
    this.from = buffers.inputs().getFirst();
    this.to = buffers.output();
    this.x = RealInput.of(in, from);
    this.y = RealOutput.of(spec.y(), to, rowOut);
    boolean moves = spec.moves() && in.isInt8();
    this.bytesIn = moves ? new byte[rowIn] : null;
    this.bytesOut = moves ? new byte[rowOut] : null;
    this.line = new float[moves ? 0 : rowIn];
    this.sum = new float[moves ? 0 : rowIn];
    this.row = new float[moves ? 0 : rowOut];
  }

  private static ResampledAxis axis(KernelSpec.Resample spec, int axis) {
    return ResampledAxis.of(
        spec.rule(), axis, spec.x().shape(), spec.y().shape(), spec.scales(), spec.region());
  }

  private static float[] weights(ResampledAxis axis) {
    float[] weights = new float[axis.out() * axis.taps()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) axis.weight(i / axis.taps(), i % axis.taps());
    }
    return weights;
  }

  private static int[] pixels(ResampledAxis axis) {
    int[] pixels = new int[axis.out() * axis.taps()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = axis.pixel(i / axis.taps(), i % axis.taps());
    }
    return pixels;
  }

  @Override
  public void run() {
    Arrays.fill(place, 0);
    long at = 0;
    do {
      if (bytesIn != null) {
        pick();
        MemorySegment.copy(bytesOut, 0, to, BYTE, at, bytesOut.length);
        at += bytesOut.length;
      } else {
        interpolate();
        y.write(row, at, row.length);
        at += row.length;
      }
    } while (nextPlace());
  }

  /// The next row of the output; false behind the last.
  private boolean nextPlace() {
    for (int i = place.length - 1; i >= 0; i--) {
      if (++place[i] < outer[i].out()) {
        return true;
      }
      place[i] = 0;
    }
    return false;
  }

  /// Which row of the input the taps are at.
  private long source() {
    long source = 0;
    for (int i = 0; i < outer.length; i++) {
      source = source * outer[i].in() + outer[i].pixel(place[i], tap[i]);
    }
    return source;
  }

  private void pick() {
    MemorySegment.copy(from, BYTE, source() * bytesIn.length, bytesIn, 0, bytesIn.length);
    for (int i = 0; i < pixels.length; i++) {
      if (inner == 1) {
        bytesOut[i] = bytesIn[pixels[i]];
      } else {
        System.arraycopy(bytesIn, pixels[i] * inner, bytesOut, i * inner, inner);
      }
    }
  }

  private void interpolate() {
    for (int i = 0; i < outer.length; i++) {
      if (outer[i].isOutside(place[i])) {
        Arrays.fill(row, extrapolation);
        return;
      }
    }
    addRows();
    for (int i = 0; i < along.out(); i++) {
      if (along.isOutside(i)) {
        Arrays.fill(row, i * inner, (i + 1) * inner, extrapolation);
      } else if (along.taps() == 1) {
        copy(i);
      } else {
        addPixels(i);
      }
    }
  }

  /// The rows that make this one, each times its weight.
  private void addRows() {
    Arrays.fill(tap, 0);
    boolean first = true;
    do {
      float weight = 1;
      for (int i = 0; i < outer.length; i++) {
        weight *= (float) outer[i].weight(place[i], tap[i]);
      }
      if (first && weight == 0) {
        Arrays.fill(sum, 0);
      } else if (first && weight == 1) {
        x.read(source() * sum.length, sum, sum.length);
      } else if (first) {
        x.read(source() * sum.length, line, line.length);
        scale(line, weight, sum);
      } else if (weight != 0) {
        x.read(source() * sum.length, line, line.length);
        addScaled(line, weight, sum);
      }
      first = false;
    } while (nextTap());
  }

  private boolean nextTap() {
    for (int i = tap.length - 1; i >= 0; i--) {
      if (++tap[i] < outer[i].taps()) {
        return true;
      }
      tap[i] = 0;
    }
    return false;
  }

  private static void scale(float[] x, float weight, float[] y) {
    for (int i = 0; i < y.length; i++) {
      y[i] = x[i] * weight;
    }
  }

  private static void addScaled(float[] x, float weight, float[] y) {
    for (int i = 0; i < y.length; i++) {
      y[i] += x[i] * weight;
    }
  }

  private void copy(int i) {
    if (inner == 1) {
      row[i] = sum[pixels[i]];
    } else {
      System.arraycopy(sum, pixels[i] * inner, row, i * inner, inner);
    }
  }

  private void addPixels(int i) {
    int taps = along.taps();
    if (inner == 1) {
      float value = 0;
      for (int k = i * taps; k < (i + 1) * taps; k++) {
        value += weights[k] == 0 ? 0 : weights[k] * sum[pixels[k]];
      }
      row[i] = value;
      return;
    }
    int start = i * inner;
    Arrays.fill(row, start, start + inner, 0);
    for (int k = i * taps; k < (i + 1) * taps; k++) {
      float weight = weights[k];
      int source = pixels[k] * inner;
      for (int c = 0; c < inner && weight != 0; c++) { // 0 times infinity is no number
        row[start + c] += weight * sum[source + c];
      }
    }
  }
}
