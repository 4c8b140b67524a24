package io.octet;

import static java.util.stream.Collectors.toMap;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.op.Op;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// An operator is one family, one name, one file on each floor. Elsewhere operators are told apart
/// by their families and traits; whoever names one, outside of the files of its family, means this
/// operator and no other, and stands here.
class FamiliesTest {
  private static final Path SOURCES = Path.of("..", "java-api");

  /// By file, the operators that it means.
  private static final Map<String, List<String>> MEANT =
      Map.ofEntries(
          // Fusions and rewrites of these operators.
          Map.entry("internal/kernel/jvm/Padding", List.of("Pad")),
          Map.entry("internal/lower/Tail", List.of("Add", "Mul")),
          Map.entry("internal/pass/DropUnitBatches", List.of("MatMul", "Reshape")),
          Map.entry("internal/pass/Found", List.of("Div", "Mul")),
          Map.entry(
              "internal/pass/FuseGelu", List.of("Add", "Div", "Erf", "Gelu", "Mul", "Pow", "Tanh")),
          Map.entry(
              "internal/pass/FuseHardSwish",
              List.of("Add", "Clip", "Div", "HardSigmoid", "HardSwish", "Mul")),
          Map.entry(
              "internal/pass/FuseLayerNorm",
              List.of(
                  "Add",
                  "Div",
                  "LayerNormalization",
                  "Mul",
                  "Pow",
                  "Reciprocal",
                  "ReduceMean",
                  "Sqrt",
                  "Sub")),
          Map.entry("internal/pass/FoldIntoWeights", List.of("Add", "BatchNormalization", "Mul")),
          Map.entry("internal/pass/Groups", List.of("Add", "Mul")),
          Map.entry(
              "internal/pass/Interval", List.of("Clip", "HardSigmoid", "Relu", "Sigmoid", "Tanh")),
          Map.entry(
              "internal/pass/LayerNode", List.of("Add", "Conv", "ConvTranspose", "Gemm", "MatMul")),
          Map.entry("internal/pass/ResolveShapes", List.of("Reshape")),
          Map.entry("internal/pass/SignedWeights", List.of("Concat", "DequantizeLinear", "Gather")),
          Map.entry("internal/pass/ToLinear", List.of("Gemm")),
          // A Gemm whose sum is no bias is a product, then these.
          Map.entry("internal/lower/Product", List.of("Add", "Div", "Mul")),
          // QDQ, the only quantized form.
          Map.entry("internal/pass/Constants", List.of("DequantizeLinear")),
          Map.entry("internal/pass/FoldConstants", List.of("DequantizeLinear")),
          Map.entry(
              "internal/pass/IntegerProducts",
              List.of(
                  "Cast",
                  "Conv",
                  "ConvInteger",
                  "DequantizeLinear",
                  "MatMul",
                  "MatMulInteger",
                  "Mul")),
          Map.entry("internal/pass/MoveDequantize", List.of("DequantizeLinear")),
          Map.entry(
              "internal/pass/QdqNodes",
              List.of("DequantizeLinear", "DynamicQuantizeLinear", "QuantizeLinear")),
          Map.entry(
              "internal/pass/QuantizedMove",
              List.of("DequantizeLinear", "Gather", "Pad", "Transpose")),
          Map.entry(
              "onnx/QOperatorForm",
              List.of(
                  "Add",
                  "AveragePool",
                  "Concat",
                  "Conv",
                  "Gemm",
                  "GlobalAveragePool",
                  "LeakyRelu",
                  "MatMul",
                  "MaxPool",
                  "Mul",
                  "Pad",
                  "QuantizeLinear",
                  "Sigmoid")),
          Map.entry("onnx/FileValues", List.of("DequantizeLinear")),
          Map.entry("internal/lower/DynamicLayers", List.of("DynamicQuantizeLinear")),
          Map.entry(
              "quant/DynamicConversion",
              List.of("Add", "Cast", "DynamicQuantizeLinear", "MatMulInteger", "Mul")),
          Map.entry("quant/QdqConversion", List.of("DequantizeLinear", "QuantizeLinear")),
          Map.entry("cli/demo/LayerTable", List.of("DequantizeLinear", "QuantizeLinear")),
          // Sentences about these operators.
          Map.entry(
              "quant/FloatReasons",
              List.of("Add", "BatchNormalization", "Gemm", "MatMul", "MatMulInteger")),
          // PyTorch's words are these operators.
          Map.entry(
              "nn/LayerGraph",
              List.of(
                  "Add",
                  "AveragePool",
                  "BatchNormalization",
                  "Concat",
                  "Conv",
                  "Gemm",
                  "Identity",
                  "MaxPool")),
          Map.entry(
              "nn/Layers",
              List.of(
                  "Clip",
                  "Dropout",
                  "Flatten",
                  "GlobalAveragePool",
                  "HardSigmoid",
                  "HardSwish",
                  "Identity",
                  "LeakyRelu",
                  "Relu",
                  "Sigmoid",
                  "Softmax",
                  "Tanh")),
          // ONNX's operators that are read as others: Max and Min with a constant, old forms of
          // Softmax, means over an image.
          Map.entry(
              "onnx/op/Between",
              List.of("Add", "DequantizeLinear", "DynamicQuantizeLinear", "Mul", "QuantizeLinear")),
          Map.entry(
              "onnx/op/Attention",
              List.of(
                  "Add",
                  "Cast",
                  "Concat",
                  "Div",
                  "Expand",
                  "Identity",
                  "LessOrEqual",
                  "MatMul",
                  "Mul",
                  "Range",
                  "Reshape",
                  "Shape",
                  "Softmax",
                  "Squeeze",
                  "Tanh",
                  "Transpose",
                  "Unsqueeze",
                  "Where")),
          Map.entry(
              "onnx/op/Encoder",
              List.of(
                  "Add",
                  "Cast",
                  "Concat",
                  "Gather",
                  "Identity",
                  "LayerNormalization",
                  "Less",
                  "MatMul",
                  "Mul",
                  "Range",
                  "ReduceSum",
                  "Shape",
                  "Slice",
                  "Softmax",
                  "Sub",
                  "Unsqueeze",
                  "Where")),
          Map.entry(
              "onnx/op/Fused",
              List.of(
                  "Add",
                  "Clip",
                  "Gemm",
                  "HardSigmoid",
                  "LeakyRelu",
                  "MatMul",
                  "Mul",
                  "Relu",
                  "Sigmoid",
                  "Tanh",
                  "Transpose")),
          Map.entry(
              "onnx/op/Rotation",
              List.of("Add", "Concat", "Gather", "Mul", "Reshape", "Slice", "Sub", "Unsqueeze")),
          Map.entry("onnx/op/Binary", List.of("Clip", "Identity")),
          Map.entry(
              "onnx/op/Contraction",
              List.of("Einsum", "Identity", "MatMul", "ReduceSum", "Reshape", "Transpose")),
          Map.entry("onnx/op/Movement", List.of("ConstantOfShape", "Shape")),
          Map.entry(
              "onnx/op/Normalization",
              List.of(
                  "Add",
                  "Clip",
                  "Div",
                  "Expand",
                  "Flatten",
                  "Mul",
                  "ReduceL1",
                  "ReduceL2",
                  "ReduceMean",
                  "Reshape",
                  "Shape",
                  "Sqrt",
                  "Sub",
                  "Unsqueeze")),
          Map.entry(
              "onnx/op/QOperator",
              List.of(
                  "Add",
                  "Concat",
                  "Gemm",
                  "GlobalAveragePool",
                  "LeakyRelu",
                  "MatMul",
                  "Mul",
                  "Sigmoid",
                  "Transpose")),
          Map.entry(
              "onnx/op/SpelledQuantization",
              List.of("Add", "Cast", "Clip", "Div", "Gather", "Mul", "Round", "Sub", "Unsqueeze")),
          Map.entry("onnx/op/Reduction", List.of("Flatten", "GlobalAveragePool")),
          Map.entry("onnx/op/Unary", List.of("Add", "Identity", "Max", "Min", "Mul")));

  private static final Map<String, String> FAMILIES =
      Op.members().stream()
          .collect(toMap(Class::getSimpleName, m -> m.getEnclosingClass().getSimpleName()));

  @Test
  void nobodyElseNamesAnOperator() throws IOException {
    Map<String, List<String>> named = new TreeMap<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        Set<String> members = members(file);
        if (!members.isEmpty()) {
          named.put(name(file), List.copyOf(members));
        }
      }
    }
    assertTrue(FAMILIES.size() > 60, () -> "only " + FAMILIES.size() + " operators");
    assertEquals(new TreeMap<>(MEANT), named);
  }

  /// The members of other families than the file's own that it names.
  private static Set<String> members(Path file) throws IOException {
    String code = Pattern.compile("//.*").matcher(Files.readString(file)).replaceAll("");
    String family = file.getFileName().toString().replace(".java", "");
    Set<String> found = new TreeSet<>();
    for (MatchResult name :
        Pattern.compile("\\b(\\w+)\\.(\\w+)\\b").matcher(code).results().toList()) {
      String member = name.group(2);
      if (name.group(1).equals(FAMILIES.get(member)) && !family.equals(FAMILIES.get(member))) {
        found.add(member);
      }
    }
    return found;
  }

  /// "internal/pass/Groups".
  private static String name(Path file) {
    String path = file.toString().replace('\\', '/');
    return path.substring(path.indexOf("io/octet/") + "io/octet/".length()).replace(".java", "");
  }
}
