package io.octet.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataLocation;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// The file beside a model that holds its larger tensors, one behind the other, each at the start
/// of a page, as runtimes that map it want it. Tensors that share their elements share a place.
/// What is small stays in the model: shapes and axes are read there.
final class ExternalWeights {
  private static final int PAGE = 4096;

  private static final int SMALLEST = 1024;

  private static final int CHUNK = 1 << 20;

  private final String location;
  private final Map<MemorySegment, Long> known = new IdentityHashMap<>();
  private final Map<Long, MemorySegment> places = new LinkedHashMap<>();
  private long end;

  /// @param location the file's name
  ExternalWeights(String location) {
    this.location = location;
  }

  /// Whether a tensor is kept here.
  boolean takes(Tensor tensor) {
    return tensor.data().byteSize() >= SMALLEST;
  }

  /// Says in the model where the elements are.
  void add(Tensor tensor, TensorProto.Builder proto) {
    MemorySegment data = tensor.data();
    long offset = known.computeIfAbsent(data, this::place);
    proto
        .setDataLocation(DataLocation.EXTERNAL)
        .addExternalData(entry("location", location))
        .addExternalData(entry("offset", "" + offset))
        .addExternalData(entry("length", "" + data.byteSize()));
  }

  private long place(MemorySegment data) {
    long offset = Math.ceilDiv(end, PAGE) * PAGE;
    places.put(offset, data);
    end = offset + data.byteSize();
    return offset;
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  /// The whole file.
  void writeTo(OutputStream out) throws IOException {
    byte[] chunk = new byte[CHUNK];
    long written = 0;
    for (Map.Entry<Long, MemorySegment> place : places.entrySet()) {
      out.write(new byte[Math.toIntExact(place.getKey() - written)]);
      MemorySegment data = place.getValue();
      for (long at = 0; at < data.byteSize(); at += CHUNK) {
        int size = (int) Math.min(CHUNK, data.byteSize() - at);
        MemorySegment.copy(data, ValueLayout.JAVA_BYTE, at, chunk, 0, size);
        out.write(chunk, 0, size);
      }
      written = place.getKey() + data.byteSize();
    }
  }
}
