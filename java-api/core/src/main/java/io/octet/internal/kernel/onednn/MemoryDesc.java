package io.octet.internal.kernel.onednn;

import static java.lang.foreign.ValueLayout.ADDRESS;

import io.octet.internal.ffi.DnnlBindings;
import io.octet.internal.ffi.DnnlConstants;
import io.octet.internal.ffi.NativeArena;
import io.octet.internal.kernel.TensorDesc;
import io.octet.tensor.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;

/// oneDNN's description of a tensor: element type, dimensions and layout. Element types are those
/// of [DnnlConstants].
final class MemoryDesc extends Handle {
  private static final long ALIGNMENT = 64;

  /// Where a copy lies; null where oneDNN made the description.
  private final Arena own;

  private MemoryDesc(MemorySegment address, Arena own) {
    super(address);
    this.own = own;
  }

  private MemoryDesc(MemorySegment address) {
    this(address, null);
  }

  /// The value as it lies in memory.
  static MemoryDesc of(TensorDesc value) {
    return strided(type(value.type()), value.shape().sizes(), value.strides());
  }

  /// Whether oneDNN is asked for values of that type. It has 16-bit floats, too, but nothing here
  /// computes with them.
  static boolean has(DataType type) {
    return switch (type) {
      case F32, U8, S8, S32 -> true;
      case S64, BOOL, F16, BF16, F64 -> false;
    };
  }

  /// oneDNN's number of an element type.
  static int type(DataType type) {
    return switch (type) {
      case F32 -> DnnlConstants.F32;
      case U8 -> DnnlConstants.U8;
      case S8 -> DnnlConstants.S8;
      case S32 -> DnnlConstants.S32;
      case S64, BOOL, F16, BF16, F64 ->
          throw new IllegalArgumentException("oneDNN is not asked for " + type);
    };
  }

  /// Elements lie in the order of the dimensions, the last one densest.
  static MemoryDesc dense(int type, long... dims) {
    return strided(type, dims, denseStrides(dims));
  }

  /// Strides count elements. A scalar has no dimensions; to oneDNN it has one of length 1.
  static MemoryDesc strided(int type, long[] dims, long[] strides) {
    if (dims.length == 0) {
      return strided(type, new long[] {1}, new long[] {1});
    }
    if (dims.length != strides.length || dims.length > DnnlConstants.MAX_NDIMS) {
      throw new IllegalArgumentException(
          "dims " + Arrays.toString(dims) + " and strides " + Arrays.toString(strides));
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment nativeDims = dims(arena, dims);
      MemorySegment nativeStrides = dims(arena, strides);
      return new MemoryDesc(
          Onednn.create(
              "dnnl_memory_desc_create_with_strides",
              out ->
                  DnnlBindings.memoryDescCreateWithStrides(
                      out, dims.length, nativeDims, type, nativeStrides)));
    }
  }

  /// The layout is oneDNN's to choose, when a primitive is made.
  static MemoryDesc any(int type, long... dims) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment nativeDims = dims(arena, dims);
      return new MemoryDesc(
          Onednn.create(
              "dnnl_memory_desc_create_with_tag",
              out ->
                  DnnlBindings.memoryDescCreateWithTag(
                      out, dims.length, nativeDims, type, DnnlConstants.FORMAT_TAG_ANY)));
    }
  }

  /// A description of its own from one that another object owns. It is plain data, which oneDNN
  /// gives as bytes: a copy of them serves wherever the original does, and oneDNN allocates
  /// nothing.
  static MemoryDesc copyOf(MemorySegment borrowed) {
    Arena own = new NativeArena();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocate(ValueLayout.JAVA_LONG);
      getBlob(MemorySegment.NULL, size, borrowed);
      MemorySegment copy = own.allocate(size.get(ValueLayout.JAVA_LONG, 0), ALIGNMENT);
      getBlob(copy, size, borrowed);
      if (DnnlBindings.memoryDescEqual(copy, borrowed) == 0) {
        throw new IllegalStateException("this oneDNN's descriptions are more than their bytes");
      }
      return new MemoryDesc(copy, own);
    } catch (RuntimeException | Error e) {
      own.close();
      throw e;
    }
  }

  private static void getBlob(MemorySegment blob, MemorySegment size, MemorySegment desc) {
    Onednn.check("dnnl_memory_desc_get_blob", DnnlBindings.memoryDescGetBlob(blob, size, desc));
  }

  MemoryDesc copy() {
    return copyOf(address());
  }

  /// Bytes that a tensor of this description takes, padding included.
  long size() {
    return DnnlBindings.memoryDescGetSize(address());
  }

  /// Elements of which axis lie side by side in the innermost block, and how many: empty where the
  /// layout has no blocks.
  Optional<Block> innermost() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = query(arena, DnnlConstants.QUERY_INNER_NBLKS_S32);
      int last = count.get(ValueLayout.JAVA_INT, 0) - 1;
      if (last < 0) {
        return Optional.empty();
      }
      long axis = dims(arena, DnnlConstants.QUERY_INNER_IDXS)[last];
      return Optional.of(new Block((int) axis, dims(arena, DnnlConstants.QUERY_INNER_BLKS)[last]));
    }
  }

  /// @param axis of the dimensions
  record Block(int axis, long size) {}

  @SuppressWarnings("restricted")
  private long[] dims(Arena arena, int what) {
    return query(arena, what)
        .get(ADDRESS, 0)
        .reinterpret(DnnlConstants.MAX_NDIMS * ValueLayout.JAVA_LONG.byteSize())
        .toArray(ValueLayout.JAVA_LONG);
  }

  private MemorySegment query(Arena arena, int what) {
    MemorySegment out = arena.allocate(ADDRESS);
    Onednn.check("dnnl_memory_desc_query", DnnlBindings.memoryDescQuery(address(), what, out));
    return out;
  }

  boolean sameAs(MemoryDesc other) {
    return DnnlBindings.memoryDescEqual(address(), other.address()) != 0;
  }

  /// A `dnnl_dims_t`: it has room for twelve whatever its use.
  static MemorySegment dims(Arena arena, long... values) {
    return arena.allocateFrom(
        ValueLayout.JAVA_LONG, Arrays.copyOf(values, DnnlConstants.MAX_NDIMS));
  }

  static long[] denseStrides(long... dims) {
    long[] strides = new long[dims.length];
    long stride = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= dims[i];
    }
    return strides;
  }

  @Override
  void destroy(MemorySegment address) {
    if (own == null) {
      DnnlBindings.memoryDescDestroy(address);
    } else {
      own.close();
    }
  }
}
