package io.octet.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.octet.OctetException.InvalidModel;
import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.internal.file.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/// ONNX in and out. Models of opset 7 to 23 over the operators of {@link io.octet.graph.op.Op} are
/// read; graphs are written as standard models that any ONNX runtime loads, quantized ones as
/// QuantizeLinear/DequantizeLinear (QDQ) nodes. Names of nodes, values, inputs and outputs are
/// kept; nodes without a name are called after their operator and their result, and the second of
/// two nodes of one name gets a number.
///
/// What a run computes in reals, it computes in f32. Models in float16 or bfloat16 are widened as
/// they are read: weights, inputs and outputs become f32, a cast to halves is a cast to f32, and
/// values are not rounded to halves on their way (what constants alone make is). An f64 constant of
/// at most one axis, as scales, bounds and exponents are, is narrowed to the nearest f32, or
/// infinity; a computation in f64 is refused.
public final class Onnx {
  /// What one Java array, hence one protobuf message, can hold.
  private static final long LARGEST_MESSAGE = Integer.MAX_VALUE - 8L;

  private Onnx() {}

  /// A file's network, and what the file says beside it.
  ///
  /// @param graph the network, its shapes and types checked
  /// @param metadata labels, versions, descriptions
  public record Model(Graph graph, ModelMetadata metadata) {
    /// Refuses null.
    public Model {
      Objects.requireNonNull(graph, "graph");
      Objects.requireNonNull(metadata, "metadata");
    }
  }

  /// Reads a model and the external data files that stand beside it.
  ///
  /// @param file the model
  /// @return the network, its shapes and types checked
  /// @throws IOException if the file cannot be read
  /// @throws InvalidModel if it is not an ONNX model, or one that contradicts itself: the message
  ///   names the node or tensor
  /// @throws Unsupported if it is a valid model that uses what Octet does not support
  public static Graph read(Path file) throws IOException {
    return readModel(file).graph();
  }

  /// Reads a model as {@link #read(Path)} does, and gives free axes of its inputs a size. What
  /// hangs on them is then known as the model is read: shapes become fixed, and an If whose
  /// condition asks for such a size is the branch that it takes.
  ///
  /// @param file the model
  /// @param sizes at least 1 each, by the name of the axis as the graph's inputs have it: "batch",
  ///   or "x[0]" for the first axis of input "x" where the file names it not
  /// @return the network, its shapes and types checked
  /// @throws IOException as {@link #read(Path)}
  /// @throws InvalidModel as {@link #read(Path)}
  /// @throws Unsupported as {@link #read(Path)}
  /// @throws IllegalArgumentException if there is no free axis of that name: the message names
  ///   those there are
  public static Graph read(Path file, Map<String, Long> sizes) throws IOException {
    return readModel(file, sizes).graph();
  }

  /// Reads a model with its metadata, and the external data files that stand beside it: a copy that
  /// is written with that metadata keeps labels and descriptions.
  ///
  /// @param file the model
  /// @return the network and its metadata
  /// @throws IOException as {@link #read(Path)}
  /// @throws InvalidModel as {@link #read(Path)}
  /// @throws Unsupported as {@link #read(Path)}
  public static Model readModel(Path file) throws IOException {
    return readModel(file, Map.of());
  }

  /// Reads a model with its metadata as {@link #readModel(Path)} does, and gives free axes of its
  /// inputs a size.
  ///
  /// @param file the model
  /// @param sizes as in {@link #read(Path, Map)}
  /// @return the network and its metadata
  /// @throws IOException as {@link #read(Path)}
  /// @throws InvalidModel as {@link #read(Path)}
  /// @throws Unsupported as {@link #read(Path)}
  /// @throws IllegalArgumentException as {@link #read(Path, Map)}
  public static Model readModel(Path file, Map<String, Long> sizes) throws IOException {
    Map<String, Long> given = Map.copyOf(sizes);
    byte[] bytes = bytes(file);
    try {
      return read(bytes, ExternalData.beside(file), given);
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e.getCause()); // Of an external data file.
    }
  }

  /// Reads a model whose weights all stand within it.
  ///
  /// @param model the bytes of an ONNX file
  /// @return the network, its shapes and types checked
  /// @throws InvalidModel as {@link #read(Path)}
  /// @throws Unsupported as {@link #read(Path)}, and if weights stand in other files
  public static Graph read(byte[] model) {
    return readModel(model).graph();
  }

  /// Reads a model with its metadata, whose weights all stand within it.
  ///
  /// @param model the bytes of an ONNX file
  /// @return the network and its metadata
  /// @throws InvalidModel as {@link #read(Path)}
  /// @throws Unsupported as {@link #read(byte[])}
  public static Model readModel(byte[] model) {
    return read(Objects.requireNonNull(model, "model"), ExternalData.none(), Map.of());
  }

  /// Reads a model whose weights all stand within it. The stream is read to its end and left open.
  ///
  /// @param model gives the bytes of an ONNX file
  /// @return the network, its shapes and types checked
  /// @throws IOException if the stream cannot be read
  /// @throws InvalidModel as {@link #read(Path)}
  /// @throws Unsupported as {@link #read(byte[])}
  public static Graph read(InputStream model) throws IOException {
    return readModel(model.readAllBytes()).graph();
  }

  /// What stands in a model's file, whether or not Octet can run it: of any opset, with operators
  /// and types that it does not have. External data is not looked at.
  ///
  /// @param file the model
  /// @return inputs, outputs, operators, labels
  /// @throws IOException if the file cannot be read
  /// @throws InvalidModel if it is not an ONNX model
  public static FileContents contents(Path file) throws IOException {
    return new ContentsReader(parse(bytes(file))).read();
  }

  /// Writes a graph as an ONNX model. The file appears whole or not at all: it is written beside
  /// its place and then moved there. Weights of more than 2 GiB stand in a second file, called as
  /// the first with ".data" behind it, which is written before it.
  ///
  /// @param graph what to write
  /// @param file where; an existing file is replaced
  /// @throws IOException if the file cannot be written
  public static void write(Graph graph, Path file) throws IOException {
    write(graph, ModelMetadata.NONE, file);
  }

  /// Writes a graph as {@link #write(Graph, Path)} does, with metadata: that of the model which the
  /// graph comes from. Notes on nodes and values that the graph does not have are left out.
  ///
  /// @param graph what to write
  /// @param metadata what to say beside it
  /// @param file where; an existing file is replaced
  /// @throws IOException if the file cannot be written
  public static void write(Graph graph, ModelMetadata metadata, Path file) throws IOException {
    write(graph, metadata, file, WriteOptions.DEFAULT);
  }

  /// Writes a graph as {@link #write(Graph, ModelMetadata, Path)} does, in another form, or with
  /// its weights in a second file from another size on.
  ///
  /// @param graph what to write
  /// @param metadata what to say beside it
  /// @param file where; an existing file is replaced
  /// @param options in which operators, and for whom
  /// @throws IOException if a file cannot be written
  /// @throws Unsupported if the options' profile forbids what the graph has: the message names the
  ///   node
  public static void write(Graph graph, ModelMetadata metadata, Path file, WriteOptions options)
      throws IOException {
    if (graph.parameterBytes() <= options.largest()) {
      AtomicFile.write(file, toBytes(graph, metadata, options));
      return;
    }
    AtomicFile.requireWritable(file);
    Path beside = file.resolveSibling(file.getFileName() + ".data");
    ExternalWeights weights = new ExternalWeights(beside.getFileName().toString());
    byte[] model = ModelWriter.write(graph, metadata, options, weights).toByteArray();
    // A model never stands there before its weights.
    AtomicFile.write(beside, weights::writeTo);
    AtomicFile.write(file, model);
  }

  /// The ONNX model that {@link #write} writes. The same graph gives the same bytes.
  ///
  /// @param graph what to write
  /// @return the bytes of an ONNX file
  /// @throws Unsupported if the model is larger than ONNX's format allows
  public static byte[] toBytes(Graph graph) {
    return toBytes(graph, ModelMetadata.NONE);
  }

  /// The ONNX model that {@link #write(Graph, ModelMetadata, Path)} writes.
  ///
  /// @param graph what to write
  /// @param metadata what to say beside it
  /// @return the bytes of an ONNX file
  /// @throws Unsupported if the model is larger than ONNX's format allows
  public static byte[] toBytes(Graph graph, ModelMetadata metadata) {
    return toBytes(graph, metadata, WriteOptions.DEFAULT);
  }

  /// The ONNX model that {@link #write(Graph, ModelMetadata, Path, WriteOptions)} writes.
  ///
  /// @param graph what to write
  /// @param metadata what to say beside it
  /// @param options in which operators, and for whom
  /// @return the bytes of an ONNX file
  /// @throws Unsupported if the model is larger than ONNX's format allows, or the options' profile
  ///   forbids what the graph has: the message names the node
  public static byte[] toBytes(Graph graph, ModelMetadata metadata, WriteOptions options) {
    long parameters = graph.parameterBytes();
    ModelProto model =
        parameters > LARGEST_MESSAGE ? null : ModelWriter.write(graph, metadata, options, null);
    // Protobuf counts a message's size in an int, which wraps just beyond the limit.
    if (model == null || model.getSerializedSize() < parameters) {
      throw new Unsupported(
          graph.name() + " has " + parameters + " bytes of parameters; an ONNX file holds 2 GiB");
    }
    return model.toByteArray();
  }

  private static byte[] bytes(Path file) throws IOException {
    long size = Files.size(file);
    if (size > LARGEST_MESSAGE) {
      throw new Unsupported(
          file
              + " has "
              + size
              + " bytes, but an ONNX file holds at most 2 GiB: keep its weights as external data");
    }
    return Files.readAllBytes(file);
  }

  private static Model read(byte[] bytes, ExternalData external, Map<String, Long> sizes) {
    return new ModelReader(parse(bytes), external, sizes).read();
  }

  /// Parses without copying `bytes`; whatever the graph keeps is copied from it afterwards.
  private static ModelProto parse(byte[] bytes) {
    if (bytes.length == 0) {
      throw new InvalidModel("not an ONNX model: it has no bytes");
    }
    try {
      CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
      in.enableAliasing(true);
      ModelProto model = ModelProto.parseFrom(in);
      in.checkLastTagWas(0);
      if (!model.hasGraph()) {
        throw new InvalidModel("not an ONNX model: it has no graph");
      }
      return model;
    } catch (InvalidProtocolBufferException e) {
      throw new InvalidModel("not an ONNX model, or a truncated one: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new InvalidModel("not an ONNX model: " + e.getMessage(), e);
    }
  }
}
