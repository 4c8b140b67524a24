package io.octet.testkit;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/// One of ONNX's own cases in `resources/onnx-cases`: a model of one operator, or of the function
/// that defines it, and one or more sets of inputs with the outputs that ONNX expects.
///
/// @param name as "1.18/test_abs"
/// @param model the ONNX file
/// @param sets inputs and outputs
public record OnnxNodeCase(String name, byte[] model, List<DataSet> sets) {
  private static final Set<TensorProto.DataType> TYPES =
      EnumSet.of(
          TensorProto.DataType.FLOAT,
          TensorProto.DataType.FLOAT16,
          TensorProto.DataType.BFLOAT16,
          TensorProto.DataType.BOOL,
          TensorProto.DataType.UINT8,
          TensorProto.DataType.INT8,
          TensorProto.DataType.INT32,
          TensorProto.DataType.INT64);

  /// ONNX's tensors in the order of the model's inputs and outputs, as files.
  public record DataSet(List<byte[]> inputs, List<byte[]> outputs) {}

  /// All cases of one archive, such as "1.18", in the order of their names.
  public static List<OnnxNodeCase> all(String archive) throws IOException {
    Map<String, Map<String, byte[]>> files = new TreeMap<>();
    String resource = "/onnx-cases/onnx-" + archive + ".zip.gz";
    try (InputStream in = OnnxNodeCase.class.getResourceAsStream(resource);
        ZipInputStream zip =
            new ZipInputStream(new BufferedInputStream(new GZIPInputStream(in, 1 << 16)))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        String[] path = entry.getName().split("/", 2);
        files.computeIfAbsent(path[0], _ -> new TreeMap<>()).put(path[1], zip.readAllBytes());
      }
    }
    return files.entrySet().stream()
        .map(e -> of(archive + "/" + e.getKey(), e.getValue()))
        .toList();
  }

  private static OnnxNodeCase of(String name, Map<String, byte[]> files) {
    List<DataSet> sets = new ArrayList<>();
    for (int i = 0; ; i++) {
      String folder = "test_data_set_" + i + "/";
      if (files.keySet().stream().noneMatch(f -> f.startsWith(folder))) {
        return new OnnxNodeCase(name, files.get("model.onnx"), sets);
      }
      sets.add(
          new DataSet(numbered(files, folder + "input_"), numbered(files, folder + "output_")));
    }
  }

  private static List<byte[]> numbered(Map<String, byte[]> files, String prefix) {
    List<byte[]> found = new ArrayList<>();
    for (int i = 0; files.containsKey(prefix + i + ".pb"); i++) {
      found.add(files.get(prefix + i + ".pb"));
    }
    return found;
  }

  /// The model as ONNX's messages.
  public ModelProto proto() {
    try {
      return ModelProto.parseFrom(model);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(name, e);
    }
  }

  /// What of the model's inputs and outputs no tensor of Octet's can hold, in ONNX's words.
  public Set<String> foreignTypes() {
    ModelProto proto = proto();
    Set<String> foreign = new TreeSet<>();
    Stream.concat(
            proto.getGraph().getInputList().stream(), proto.getGraph().getOutputList().stream())
        .map(ValueInfoProto::getType)
        .forEach(type -> foreign(type).ifPresent(foreign::add));
    return foreign;
  }

  private static Optional<String> foreign(TypeProto type) {
    if (!type.hasTensorType()) {
      return Optional.of(type.getValueCase().name().toLowerCase(Locale.ROOT));
    }
    TensorProto.DataType element =
        TensorProto.DataType.forNumber(type.getTensorType().getElemType());
    if (element == null) {
      return Optional.of("number " + type.getTensorType().getElemType());
    }
    return TYPES.contains(element)
        ? Optional.empty()
        : Optional.of(element.name().toLowerCase(Locale.ROOT));
  }

  @Override
  public String toString() {
    return name;
  }
}
