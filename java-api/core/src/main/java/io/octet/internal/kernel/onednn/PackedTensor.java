package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_SCRATCHPAD;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC;
import static io.octet.internal.ffi.DnnlConstants.QUERY_WEIGHTS_MD;

import io.octet.internal.ffi.NativeArena;
import io.octet.internal.ffi.OpenmpTeam;
import io.octet.internal.kernel.Constant;
import io.octet.internal.kernel.WeightsCache;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Constant weights in the layout that an implementation asked for, shared by every kernel of a
/// session that asks for the same.
final class PackedTensor implements AutoCloseable {
  private static final long ALIGNMENT = 64;

  private final Arena arena = new NativeArena();
  private final MemoryDesc desc;
  private final MemorySegment data;

  private PackedTensor(MemoryDesc desc) {
    this.desc = desc;
    this.data = arena.allocate(desc.size(), ALIGNMENT);
  }

  /// A layout as a key: equal where oneDNN calls two descriptions equal.
  private record Format(MemoryDesc desc) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Format(MemoryDesc that) && desc.sameAs(that);
    }

    @Override
    public int hashCode() {
      return Long.hashCode(desc.size());
    }
  }

  /// The weights in the wanted layout, packed now where nobody did before.
  ///
  /// @param plain describes the tensor as it is; stays the caller's
  /// @param wanted stays the caller's
  static MemorySegment share(
      WeightsCache packed, Constant weights, MemoryDesc plain, MemoryDesc wanted) {
    MemoryDesc key = wanted.copy();
    PackedTensor shared = null;
    try {
      shared =
          packed.get(
              PackedTensor.class, weights, new Format(key), key.size(), w -> pack(w, plain, key));
      return shared.data;
    } finally {
      if (shared == null || shared.desc != key) {
        key.close();
      }
    }
  }

  /// Whether oneDNN can bring weights into the layout that an implementation wants.
  static boolean canPack(MemoryDesc plain, PrimitiveDesc implementation) {
    int before = OpenmpTeam.enter(1);
    try (MemoryDesc wanted = implementation.memoryDesc(QUERY_WEIGHTS_MD, 0).orElseThrow();
        Attributes attributes = Attributes.create()) {
      Optional<PrimitiveDesc> reorder = Reorders.find(plain, wanted, attributes);
      reorder.ifPresent(PrimitiveDesc::close);
      return reorder.isPresent();
    } finally {
      OpenmpTeam.restore(before, 1);
    }
  }

  /// On one thread: for a larger team oneDNN refuses some layouts of grouped weights.
  private static PackedTensor pack(Tensor weights, MemoryDesc plain, MemoryDesc wanted) {
    PackedTensor result = new PackedTensor(wanted);
    int before = OpenmpTeam.enter(1);
    try (Attributes attributes = Attributes.create();
        PrimitiveDesc desc = Reorders.find(plain, wanted, attributes).orElseThrow();
        Primitive reorder = Primitive.create(desc, attributes, ARG_SRC, ARG_DST);
        Arena scratch = new NativeArena()) {
      MemorySegment source = scratch.allocate(plain.size(), ALIGNMENT).copyFrom(weights.data());
      Map<Integer, MemorySegment> arguments =
          new HashMap<>(Map.of(ARG_SRC, source, ARG_DST, result.data));
      if (reorder.scratchpadBytes() > 0) {
        arguments.put(ARG_SCRATCHPAD, scratch.allocate(reorder.scratchpadBytes(), ALIGNMENT));
      }
      try (PrimitiveCall call = PrimitiveCall.of(reorder, arguments)) {
        call.execute();
      }
      return result;
    } catch (RuntimeException | Error e) {
      result.arena.close();
      throw e;
    } finally {
      OpenmpTeam.restore(before, 1);
    }
  }

  @Override
  public void close() {
    desc.close();
    arena.close();
  }
}
