package io.octet.bench;

import static io.octet.internal.ffi.DnnlConstants.ARG_DST;
import static io.octet.internal.ffi.DnnlConstants.ARG_SRC;
import static io.octet.internal.ffi.DnnlConstants.F32;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.octet.internal.ffi.CStrings;
import io.octet.internal.ffi.DnnlBindings;
import io.octet.internal.ffi.DnnlConstants;
import io.octet.internal.ffi.DnnlIsa;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.ToIntFunction;

/// An engine, a stream, and oneDNN's calls in few words, without any of Octet's own layers between.
/// What it makes lives as long as the process: it serves benchmarks alone.
final class BareDnnl {
  private static final int ALIGNMENT = 64;

  /// An argument of a primitive: its description and its memory.
  record Argument(int id, MemorySegment desc, MemorySegment data) {}

  /// A primitive with its arguments, laid out as oneDNN reads them.
  record Call(long primitive, long stream, int count, long args) {
    void execute() {
      check(DnnlBindings.primitiveExecute(primitive, stream, count, args));
    }
  }

  private final Arena arena = Arena.global();
  private final MemorySegment engine;
  private final MemorySegment stream;

  BareDnnl() {
    DnnlIsa.effective();
    engine = create(out -> DnnlBindings.engineCreate(out, DnnlConstants.CPU, 0));
    stream =
        create(out -> DnnlBindings.streamCreate(out, engine, DnnlConstants.STREAM_DEFAULT_FLAGS));
  }

  MemorySegment engine() {
    return engine;
  }

  Call call(MemorySegment primitive, List<Argument> arguments) {
    MemorySegment array =
        arena.allocate((long) DnnlConstants.EXEC_ARG_BYTES * arguments.size(), ALIGNMENT);
    for (int i = 0; i < arguments.size(); i++) {
      Argument a = arguments.get(i);
      long entry = (long) DnnlConstants.EXEC_ARG_BYTES * i;
      array.set(JAVA_INT, entry, a.id());
      MemorySegment memory =
          create(out -> DnnlBindings.memoryCreate(out, a.desc(), engine, a.data()));
      array.set(ADDRESS, entry + ADDRESS.byteSize(), memory);
    }
    return new Call(primitive.address(), stream.address(), arguments.size(), array.address());
  }

  /// The content of `from` in the layout of `wanted`.
  MemorySegment reordered(MemorySegment plain, MemorySegment from, MemorySegment wanted) {
    MemorySegment to = allocate(bytes(wanted));
    MemorySegment pd =
        create(
            out ->
                DnnlBindings.reorderPrimitiveDescCreate(
                    out, plain, engine, wanted, engine, MemorySegment.NULL));
    Argument source = new Argument(ARG_SRC, plain, from);
    Argument target = new Argument(ARG_DST, wanted, to);
    call(primitive(pd), List.of(source, target)).execute();
    return to;
  }

  MemorySegment primitive(MemorySegment pd) {
    return create(out -> DnnlBindings.primitiveCreate(out, pd));
  }

  static String implementation(MemorySegment pd) {
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment out = temporary.allocate(ADDRESS);
      check(DnnlBindings.primitiveDescQuery(pd, DnnlConstants.QUERY_IMPL_INFO_STR, 0, out));
      return CStrings.read(out.get(ADDRESS, 0));
    }
  }

  /// An argument of floats that never change.
  Argument floats(int id, long[] dims, float... values) {
    MemorySegment data = allocate((long) Float.BYTES * values.length);
    MemorySegment.copy(values, 0, data, JAVA_FLOAT, 0, values.length);
    return new Argument(id, dense(F32, dims), data);
  }

  /// A dense value, outermost axis first.
  MemorySegment dense(int type, long... dims) {
    long[] strides = new long[dims.length];
    long stride = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= dims[i];
    }
    return strided(type, dims, strides);
  }

  /// An image, channels innermost.
  MemorySegment nhwc(int type, long... dims) {
    long[] strides = {dims[1] * dims[2] * dims[3], 1, dims[3] * dims[1], dims[1]};
    return strided(type, dims, strides);
  }

  private MemorySegment strided(int type, long[] dims, long[] strides) {
    return create(
        out ->
            DnnlBindings.memoryDescCreateWithStrides(
                out, dims.length, longs(dims), type, longs(strides)));
  }

  /// A value whose layout the primitive may choose.
  MemorySegment any(int type, long... dims) {
    return create(
        out ->
            DnnlBindings.memoryDescCreateWithTag(
                out, dims.length, longs(dims), type, DnnlConstants.FORMAT_TAG_ANY));
  }

  static MemorySegment query(MemorySegment pd, int what) {
    return DnnlBindings.primitiveDescQueryMd(pd, what, 0);
  }

  /// 0 for no description.
  static long bytes(MemorySegment desc) {
    return desc.address() == 0 ? 0 : DnnlBindings.memoryDescGetSize(desc);
  }

  MemorySegment allocate(long bytes) {
    return arena.allocate(Math.max(ALIGNMENT, bytes), ALIGNMENT);
  }

  MemorySegment longs(long... values) {
    return arena.allocateFrom(JAVA_LONG, values);
  }

  static MemorySegment create(ToIntFunction<MemorySegment> function) {
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment out = temporary.allocate(ADDRESS);
      check(function.applyAsInt(out));
      return out.get(ADDRESS, 0);
    }
  }

  static void check(int status) {
    if (status != DnnlConstants.SUCCESS) {
      throw new IllegalStateException("oneDNN: status " + status);
    }
  }
}
