package io.octet.onnx;

import static io.octet.onnx.WrongModel.invalid;
import static io.octet.onnx.WrongModel.node;
import static io.octet.onnx.WrongModel.relu;
import static io.octet.onnx.WrongModel.unsupported;
import static io.octet.testkit.OnnxModel.attribute;
import static io.octet.testkit.OnnxModel.tensor;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.octet.testkit.OnnxModel;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each wrong node is refused by an exception that names it.
final class OnnxNodeErrorsTest {
  private static final long HUGE = Long.MAX_VALUE / 2;

  /// Weights [4,3,3,3].
  private static final Consumer<OnnxModel> WEIGHTS =
      m -> m.constant("w", new long[] {4, 3, 3, 3}, new float[108]);

  private static final Consumer<OnnxModel> SCALE = m -> m.constant("s", new long[0], 0.5f);

  static Stream<WrongModel> wrongModels() {
    return Stream.concat(nodes(), attributes());
  }

  private static Stream<WrongModel> nodes() {
    return Stream.of(
        unsupported(
            "an unknown operator",
            node(13, "Det", "x"),
            "that Octet does not have: Det \"n\" (ai.onnx 13); `octet ops` lists"),
        unsupported(
            "another domain",
            relu().graph(g -> g.getNodeBuilder(0).setDomain("com.microsoft")),
            "have: Relu \"n\" (com.microsoft, which the model does not import)"),
        invalid(
            "too few inputs",
            node(13, "Conv", "x", attribute("kernel_shape", new long[] {3, 3})),
            "Conv \"n\": needs 2 inputs, but input 1 is missing"),
        invalid(
            "an absent input",
            node(13, "Add", "_ x"),
            "Add \"n\": needs 2 inputs, but input 0 is missing"),
        invalid(
            "too many inputs",
            node(13, "Relu", "x x"),
            "Relu \"n\": takes at most 1 inputs, but has 2"),
        invalid(
            "no output",
            relu().graph(g -> g.getNodeBuilder(0).clearOutput()),
            "output \"y\" is made by no node"),
        invalid(
            "a young operator",
            node(13, "HardSwish", "x"),
            "HardSwish \"n\": exists since opset 14"),
        invalid(
            "wrong channels",
            node(13, "Conv", "x w", m -> m.constant("w", new long[] {1, 2, 1, 1}, 1, 2)),
            "Conv \"n\": input has 3 channels, weights expect 2"),
        invalid(
            "wrong types", node(13, "Add", "x s", m -> m.longs("s", 1)), "Add \"n\": takes f32"),
        unsupported(
            "a conv of no axis",
            node(13, "Conv", "x w", m -> m.constant("w", new long[] {1, 3}, 1, 2, 3)),
            "Conv \"n\": weights must be [M,C,...]"),
        unsupported(
            "a target of any length",
            node(13, "Reshape", "x t", m -> m.input("t", DataType.INT64, "R")),
            "Reshape \"n\": its shape \"t\""),
        unsupported(
            "training",
            node(
                13,
                "Dropout",
                "x _ t",
                m -> m.constant(tensor("t", DataType.BOOL).addInt32Data(1))),
            "Dropout \"n\": training_mode"),
        unsupported("another cast", node(13, "Cast", "x", attribute("to", 8)), "Cast \"n\""),
        unsupported(
            "a text as constant",
            node(13, "Constant", "", attribute("value_string", "a")),
            "Constant \"n\""));
  }

  private static Stream<WrongModel> attributes() {
    long[] one = {1};
    return Stream.of(
        unsupported(
            "an unknown attribute",
            node(13, "Relu", "x", attribute("slope", 1)),
            "Relu \"n\": attribute \"slope\""),
        invalid(
            "another type",
            node(13, "Flatten", "x", attribute("axis", 1f)),
            "Flatten \"n\": attribute \"axis\" must be INT, but is FLOAT"),
        invalid(
            "twice",
            node(13, "Flatten", "x", attribute("axis", 1), attribute("axis", 2)),
            "Flatten \"n\": attribute \"axis\" stands twice"),
        invalid(
            "beyond an int",
            node(13, "Flatten", "x", attribute("axis", HUGE)),
            "Flatten \"n\": attribute \"axis\""),
        invalid(
            "beyond the rank",
            node(13, "Flatten", "x", attribute("axis", 5)),
            "Flatten \"n\": axis 5"),
        invalid(
            "no window",
            node(13, "MaxPool", "x"),
            "MaxPool \"n\": has no attribute \"kernel_shape\""),
        invalid(
            "an empty window",
            node(13, "MaxPool", "x", attribute("kernel_shape", new long[] {0, 2})),
            "MaxPool \"n\": kernel must be at least 1"),
        invalid(
            "a line",
            node(13, "MaxPool", "x", attribute("kernel_shape", one)),
            "MaxPool \"n\": needs an image of 3 axes"),
        invalid(
            "a huge window",
            node(
                13,
                "MaxPool",
                "x",
                attribute("kernel_shape", new long[] {Integer.MAX_VALUE, 1}),
                attribute("dilations", new long[] {Integer.MAX_VALUE, 1})),
            "MaxPool \"n\""),
        invalid(
            "negative pads",
            node(13, "Conv", "x w", WEIGHTS, attribute("pads", new long[] {0, 0, -1, 0})),
            "Conv \"n\": padding must be at least 0"),
        invalid(
            "a standing window",
            node(13, "Conv", "x w", WEIGHTS, attribute("strides", new long[] {0, 1})),
            "Conv \"n\": stride must be at least 1"),
        invalid(
            "both pads",
            node(
                13,
                "Conv",
                "x w",
                WEIGHTS,
                attribute("auto_pad", "SAME_UPPER"),
                attribute("pads", new long[] {1, 1, 1, 1})),
            "Conv \"n\": has both auto_pad"),
        invalid(
            "unknown pads",
            node(13, "Conv", "x w", WEIGHTS, attribute("auto_pad", "SAME")),
            "Conv \"n\": auto_pad is \"SAME\""),
        invalid(
            "no groups",
            node(13, "Conv", "x w", WEIGHTS, attribute("group", 0)),
            "Conv \"n\": groups must be at least 1"),
        invalid(
            "an empty interval",
            node(7, "Clip", "x", attribute("min", 2f), attribute("max", 1f)),
            "Clip \"n\": clip needs min <= max"),
        invalid("a NaN bound", node(7, "Clip", "x", attribute("min", Float.NaN)), "Clip \"n\""),
        invalid("no axis", node(13, "Concat", "x x"), "Concat \"n\": has no attribute \"axis\""),
        invalid(
            "a wrong order",
            node(13, "Transpose", "x", attribute("perm", new long[] {0, 0, 1, 2})),
            "Transpose \"n\": perm [0, 0, 1, 2]"),
        unsupported(
            "training",
            node(
                14,
                "BatchNormalization",
                "x c c c c",
                m -> m.constant("c", new long[] {3}, 1, 1, 1),
                attribute("training_mode", 1)),
            "BatchNormalization \"n\": training_mode"),
        unsupported(
            "statistics of pixels",
            node(
                7,
                "BatchNormalization",
                "x c c c c",
                m -> m.constant("c", new long[] {3}, 1, 1, 1),
                attribute("spatial", 0)),
            "BatchNormalization \"n\": spatial"),
        invalid(
            "blocks",
            node(21, "QuantizeLinear", "x s", SCALE, attribute("block_size", 32)),
            "QuantizeLinear \"n\": blocks of 32 along axis 1"),
        unsupported(
            "four bits",
            node(
                21, "QuantizeLinear", "x s", SCALE, attribute("output_dtype", DataType.INT4_VALUE)),
            "QuantizeLinear \"n\": output_dtype is INT4"),
        invalid(
            "two types",
            node(
                21,
                "QuantizeLinear",
                "x s z",
                SCALE.andThen(m -> m.constant(tensor("z", DataType.INT8).addInt32Data(0))),
                attribute("output_dtype", DataType.UINT8_VALUE)),
            "QuantizeLinear \"n\": output_dtype is u8, the zero point's type is s8"),
        invalid(
            "a wrong count of scales",
            node(13, "QuantizeLinear", "x s", m -> m.constant("s", new long[] {2}, 1, 1)),
            "QuantizeLinear \"n\": 2 scales for axis 1"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongModels")
  void aWrongModelIsRefusedByName(WrongModel wrong) {
    wrong.assertRefused();
  }
}
