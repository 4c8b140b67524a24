package io.octet.internal.kernel.onednn;

import java.lang.foreign.MemorySegment;

/// A native object that its owner destroys once; closing it again does nothing.
abstract sealed class Handle implements AutoCloseable
    permits MemoryDesc, Memory, Attributes, PrimitiveDesc, Primitive {
  private MemorySegment address;

  Handle(MemorySegment address) {
    this.address = address;
  }

  /// The native pointer.
  ///
  /// @throws IllegalStateException after close
  final MemorySegment address() {
    MemorySegment current = address;
    if (current == null) {
      throw new IllegalStateException(getClass().getSimpleName() + " is closed");
    }
    return current;
  }

  @Override
  public final synchronized void close() {
    if (address != null) {
      destroy(address);
      address = null;
    }
  }

  /// Frees the native object and what this object owns beside it.
  abstract void destroy(MemorySegment address);
}
