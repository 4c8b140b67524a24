package io.octet.testkit;

import static io.octet.testkit.OnnxModel.attribute;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.octet.tensor.Tensor;
import java.util.Map;
import java.util.Random;

/// One layer of BERT as PyTorch's older exporter writes it: an embedding, a mask, normalization and
/// GELU in their parts, and shapes that follow from those of the tokens. Batch and length are free.
public final class SmallBert {
  private static final int WORDS = 11;
  private static final int HIDDEN = 8;
  private static final int HEADS = 2;

  private final Random random = new Random(20260101);
  private final OnnxModel model =
      new OnnxModel(12)
          .input("ids", DataType.INT64, "batch", "length")
          .input("mask", DataType.INT64, "batch", "length")
          .scalar("first", 0)
          .scalar("second", 1)
          .longs("heads", HEADS)
          .longs("width", HIDDEN / HEADS)
          .longs("hidden", HIDDEN);

  private String weights(String name, long... dims) {
    float[] values = new float[(int) io.octet.tensor.Shape.of(dims).elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() / 2;
    }
    model.constant(name, dims, values);
    return name;
  }

  private String number(String name, float value) {
    model.constant(name, new long[0], value);
    return name;
  }

  private String linear(String x, String name, int from, int to) {
    model
        .node("MatMul", x + " " + weights(name + "_w", from, to), name + "_m")
        .node("Add", weights(name + "_b", to) + " " + name + "_m", name);
    return name;
  }

  private String normalized(String x, String name) {
    model
        .node("ReduceMean", x, name + "_mean", attribute("axes", new long[] {-1}))
        .node("Sub", x + " " + name + "_mean", name + "_d")
        .node("Pow", name + "_d " + number(name + "_2", 2), name + "_sq")
        .node("ReduceMean", name + "_sq", name + "_var", attribute("axes", new long[] {-1}))
        .node("Add", name + "_var " + number(name + "_eps", 1e-12f), name + "_v")
        .node("Sqrt", name + "_v", name + "_std")
        .node("Div", name + "_d " + name + "_std", name + "_n")
        .node("Mul", name + "_n " + weights(name + "_g", HIDDEN), name + "_s")
        .node("Add", name + "_s " + weights(name + "_o", HIDDEN), name);
    return name;
  }

  private String gelu(String x, String name) {
    model
        .node("Div", x + " " + number(name + "_r2", (float) Math.sqrt(2)), name + "_q")
        .node("Erf", name + "_q", name + "_e")
        .node("Add", name + "_e " + number(name + "_1", 1), name + "_p")
        .node("Mul", x + " " + name + "_p", name + "_h")
        .node("Mul", name + "_h " + number(name + "_half", 0.5f), name);
    return name;
  }

  /// Axis `index` of `x`, as a vector of one.
  private String size(String x, String index, String name) {
    model
        .node("Shape", x, name + "_s")
        .node("Gather", name + "_s " + index, name + "_g", attribute("axis", 0))
        .node("Unsqueeze", name + "_g", name, attribute("axes", new long[] {0}));
    return name;
  }

  /// [batch, heads, length, width].
  private String heads(String x, String name, long... perm) {
    String target = size(x, "first", name + "_b") + " " + size(x, "second", name + "_l");
    model
        .node("Concat", target + " heads width", name + "_to", attribute("axis", 0))
        .node("Reshape", x + " " + name + "_to", name + "_r")
        .node("Transpose", name + "_r", name, attribute("perm", perm));
    return name;
  }

  private String attention(String x) {
    String q = heads(linear(x, "q", HIDDEN, HIDDEN), "qh", 0, 2, 1, 3);
    String k = heads(linear(x, "k", HIDDEN, HIDDEN), "kh", 0, 2, 3, 1);
    String v = heads(linear(x, "v", HIDDEN, HIDDEN), "vh", 0, 2, 1, 3);
    model
        .node("Unsqueeze", "mask", "m4", attribute("axes", new long[] {1, 2}))
        .node("Cast", "m4", "mf", attribute("to", 1))
        .node("Sub", number("one", 1) + " mf", "off")
        .node("Mul", "off " + number("low", -10000), "bias")
        .node("MatMul", q + " " + k, "scores")
        .node("Div", "scores " + number("scale", 2), "scaled")
        .node("Add", "scaled bias", "masked")
        .node("Softmax", "masked", "p", attribute("axis", 3))
        .node("MatMul", "p " + v, "z")
        .node("Transpose", "z", "zt", attribute("perm", new long[] {0, 2, 1, 3}));
    String target = size("zt", "first", "zb") + " " + size("zt", "second", "zl");
    model
        .node("Concat", target + " hidden", "z_to", attribute("axis", 0))
        .node("Reshape", "zt z_to", "joined");
    return linear("joined", "projected", HIDDEN, HIDDEN);
  }

  /// The file.
  public byte[] bytes() {
    model.node("Gather", weights("words", WORDS, HIDDEN) + " ids", "embedded");
    String x = normalized("embedded", "n0");
    model.node("Add", attention(x) + " " + x, "r1");
    String n1 = normalized("r1", "n1");
    String up = gelu(linear(n1, "up", HIDDEN, 3 * HIDDEN), "act");
    model.node("Add", linear(up, "down", 3 * HIDDEN, HIDDEN) + " " + n1, "r2");
    String y = normalized("r2", "n2");
    model.node("Gather", y + " first", "cls", attribute("axis", 1));
    model
        .node("Gemm", "cls " + weights("pool_w", HIDDEN, HIDDEN), "pooled")
        .node("Tanh", "pooled", "pooler");
    return model.openOutput(y).openOutput("pooler").bytes();
  }

  /// Ids and mask of that size.
  public Map<String, Tensor> tokens(int batch, int length) {
    long[] ids = random.longs((long) batch * length, 0, WORDS).toArray();
    long[] mask = new long[ids.length];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % length < length - i / length ? 1 : 0; // one token less in each row
    }
    return Map.of("ids", Tensor.of(ids, batch, length), "mask", Tensor.of(mask, batch, length));
  }
}
