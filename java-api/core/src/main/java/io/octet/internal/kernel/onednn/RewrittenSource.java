package io.octet.internal.kernel.onednn;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.octet.internal.kernel.Buffers;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.PassedOn;
import io.octet.internal.kernel.TensorDesc;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// A layer whose first input is copied to scratch memory in another form before each run: its bytes
/// flipped between s8 and u8, each written twice, or both.
final class RewrittenSource extends PassedOn {
  private static final long ALIGNMENT = 64;

  /// Adds 128 to each byte.
  private static final long FLIP = 0x8080_8080_8080_8080L;

  private final SourceForm form;
  private final long sourceBytes;
  private final long copyBytes;

  /// @param layer takes the input in that form; becomes this kernel's
  /// @param x the input as it comes
  RewrittenSource(Kernel layer, TensorDesc x, SourceForm form) {
    super(layer);
    this.form = form;
    this.sourceBytes = x.bytes();
    this.copyBytes = form.of(x).bytes();
  }

  @Override
  public String implementation() {
    return form.named(super.implementation());
  }

  @Override
  public long scratchBytes() {
    return scratchpadAt() + super.scratchBytes();
  }

  private long scratchpadAt() {
    return (copyBytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  @Override
  public Call bind(Buffers buffers) {
    MemorySegment source = buffers.inputs().getFirst().asSlice(0, sourceBytes);
    MemorySegment copy = buffers.scratch().asSlice(0, copyBytes);
    List<MemorySegment> inputs = new ArrayList<>(buffers.inputs());
    inputs.set(0, copy);
    MemorySegment scratchpad = buffers.scratch().asSlice(scratchpadAt(), super.scratchBytes());
    Call rest = super.bind(new Buffers(inputs, buffers.output(), scratchpad));
    return new Call.Java(
        () -> {
          rewrite(source, copy);
          rest.run();
        },
        rest::close);
  }

  private void rewrite(MemorySegment source, MemorySegment copy) {
    long flip = form.shifted() ? FLIP : 0;
    if (form.isSplit()) {
      writeTwice(source, copy, flip);
    } else {
      write(source, copy, flip);
    }
  }

  /// `to[i] = from[i] ^ flip`, eight bytes at a time.
  static void write(MemorySegment from, MemorySegment to, long flip) {
    long count = from.byteSize();
    long whole = count & -Long.BYTES;
    for (long i = 0; i < whole; i += Long.BYTES) {
      to.set(JAVA_LONG_UNALIGNED, i, from.get(JAVA_LONG_UNALIGNED, i) ^ flip);
    }
    for (long i = whole; i < count; i++) {
      to.set(JAVA_BYTE, i, (byte) (from.get(JAVA_BYTE, i) ^ flip));
    }
  }

  /// `to[2i] = to[2i + 1] = from[i] ^ flip`, four bytes at a time.
  static void writeTwice(MemorySegment from, MemorySegment to, long flip) {
    long count = from.byteSize();
    long whole = count & -Integer.BYTES;
    for (long i = 0; i < whole; i += Integer.BYTES) {
      to.set(JAVA_LONG_UNALIGNED, 2 * i, twice(from.get(JAVA_INT_UNALIGNED, i)) ^ flip);
    }
    for (long i = whole; i < count; i++) {
      byte value = (byte) (from.get(JAVA_BYTE, i) ^ flip);
      to.set(JAVA_BYTE, 2 * i, value);
      to.set(JAVA_BYTE, 2 * i + 1, value);
    }
  }

  /// Each of the four bytes twice: dcba becomes ddccbbaa.
  private static long twice(int bytes) {
    long v = Integer.toUnsignedLong(bytes);
    v = (v | v << 16) & 0x0000_ffff_0000_ffffL;
    v = (v | v << 8) & 0x00ff_00ff_00ff_00ffL;
    return v | v << 8;
  }
}
