package io.octet.testkit;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import com.google.protobuf.ByteString;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;

/// A network of torchvision in `resources/torchvision`, as one of torch's exporters wrote it. Its
/// large weights were taken out; random ones of the same mean, deviation and least value stand in
/// for them.
///
/// @param name network and exporter, as "resnet18-dynamo"
/// @param model the ONNX file
/// @param height of its images
/// @param width of its images
public record Torchvision(String name, byte[] model, long height, long width) {
  private static final double UNTRAINED = 0.02;

  /// The network with weights, the same ones each time.
  public static Torchvision load(String name) {
    try (InputStream in =
        new GZIPInputStream(
            Torchvision.class.getResourceAsStream("/torchvision/" + name + ".onnx.gz"))) {
      ModelProto.Builder model = ModelProto.parseFrom(in).toBuilder();
      fill(model.getGraphBuilder());
      TypeProto.Tensor input = model.getGraph().getInput(0).getType().getTensorType();
      return new Torchvision(
          name,
          model.build().toByteArray(),
          input.getShape().getDim(2).getDimValue(),
          input.getShape().getDim(3).getDimValue());
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }

  private static void fill(GraphProto.Builder graph) {
    for (int i = 0; i < graph.getInitializerCount(); i++) {
      fill(graph.getInitializerBuilder(i), graph.getInitializer(i).getName());
    }
    for (NodeProto.Builder node : graph.getNodeBuilderList()) {
      for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
        if (attribute.hasT()) {
          fill(attribute.getTBuilder(), node.getOutput(0));
        }
      }
    }
  }

  private static void fill(TensorProto.Builder tensor, String name) {
    if (!tensor.getDocString().startsWith("random ")) {
      return;
    }
    String[] facts = tensor.getDocString().split(" ");
    double mean = Double.parseDouble(facts[1]);
    double deviation = Double.parseDouble(facts[2]);
    double least = Double.parseDouble(facts[3]);
    if (mean == 0 && deviation == 0) { // a head that begins with nothing would answer with nothing
      deviation = UNTRAINED;
      least = -1;
    }
    long count = tensor.getDimsList().stream().reduce(1L, Math::multiplyExact);
    ByteBuffer values =
        ByteBuffer.allocate(Math.toIntExact(4 * count)).order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(name.hashCode());
    for (long i = 0; i < count; i++) {
      values.putFloat((float) Math.max(least, mean + deviation * random.nextGaussian()));
    }
    tensor.setRawData(ByteString.copyFrom(values.flip())).clearDocString();
  }

  /// Images of the size that the file names, one at a time.
  public Map<String, Tensor> images(long seed) {
    float[] pixels = new float[Math.toIntExact(3 * height * width)];
    Random random = new Random(seed);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return Map.of("input", Tensor.of(pixels, 1, 3, height, width));
  }
}
