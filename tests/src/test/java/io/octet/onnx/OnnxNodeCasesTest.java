package io.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.octet.OctetException;
import io.octet.graph.Graph;
import io.octet.graph.op.ValueInfo;
import io.octet.onnx.op.Families;
import io.octet.runtime.Session;
import io.octet.runtime.SessionOptions;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import io.octet.testkit.OnnxNodeCase;
import io.octet.testkit.OnnxNodeCase.DataSet;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// ONNX's own cases of every operator, through {@link Session}, as each backend that has a kernel
/// computes them. `outcomes-*.txt` says of each case that it passes, or why not; the list of those
/// that pass only grows. What this machine found is written to `target`, with the words of each
/// refusal: copy `outcomes-*.txt` from there to `src/test/resources/onnx-cases` where it is better.
/// `-Dcases=gather` runs those whose name contains that, and writes nothing.
class OnnxNodeCasesTest {
  private static final String PASSES = "passes";
  private static final int REASON = 90;
  private static final String WANTED = System.getProperty("cases", "");

  /// ONNX's own bounds for these cases.
  private static final double RELATIVE = 1e-3;

  private static final double ABSOLUTE = 1e-7;

  /// Octet widens bfloat16 and rounds nothing to it; some of the cases cut bits off.
  private static final double BFLOAT16 = 0x1p-7;

  @ParameterizedTest
  @ValueSource(strings = {"1.12", "1.18"})
  void everyCaseThatIsListedPasses(String archive) throws IOException {
    Map<String, String> found = new TreeMap<>();
    Map<String, String> words = new TreeMap<>();
    for (OnnxNodeCase c : OnnxNodeCase.all(archive)) {
      if (!c.name().contains(WANTED)) {
        continue;
      }
      String outcome = outcome(c);
      found.put(c.name(), outcome.equals(PASSES) ? PASSES : reason(c, outcome));
      words.put(c.name(), outcome);
    }
    String file = "outcomes-" + archive + ".txt";
    Map<String, String> listed = listed(file);
    if (WANTED.isEmpty()) {
      Files.writeString(Path.of("target", file), lines(found));
      Files.writeString(Path.of("target", "words-" + file), lines(words));
    } else {
      listed.keySet().retainAll(found.keySet());
      System.out.print(lines(words));
    }
    assertEquals(listed.keySet(), found.keySet());
    Map<String, String> worse = new TreeMap<>();
    Set<String> better = new TreeSet<>();
    for (String name : found.keySet()) {
      boolean passed = listed.get(name).equals(PASSES);
      if (passed && !found.get(name).equals(PASSES)) {
        worse.put(name, words.get(name));
      } else if (!passed && found.get(name).equals(PASSES)) {
        better.add(name);
      }
    }
    assertEquals(Map.of(), worse, "these passed before");
    assertEquals(Set.of(), better, "copy tests/target/" + file + ": these are not listed");
  }

  private static String lines(Map<String, String> outcomes) {
    return outcomes.entrySet().stream()
        .map(e -> e.getKey() + "\t" + e.getValue() + "\n")
        .collect(Collectors.joining());
  }

  private static Map<String, String> listed(String file) throws IOException {
    Map<String, String> listed = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of("src/test/resources/onnx-cases", file))) {
      String[] parts = line.split("\t");
      listed.put(parts[0], parts[1]);
    }
    return listed;
  }

  /// Why a case does not pass: its operators and types tell, else it is the refusal that counts.
  private static String reason(OnnxNodeCase c, String outcome) {
    Set<String> operators =
        c.proto().getGraph().getNodeList().stream()
            .filter(n -> !OperatorCheck.isOnnx(n.getDomain()) || !known(n))
            .map(n -> n.getDomain().isEmpty() ? n.getOpType() : n.getDomain() + "." + n.getOpType())
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> types = c.foreignTypes();
    if (!operators.isEmpty()) {
      return "operator " + String.join(", ", operators);
    }
    return types.isEmpty() ? withoutNames(outcome) : "type " + String.join(", ", types);
  }

  /// The beginning of a refusal, without the exception and the node.
  private static String withoutNames(String outcome) {
    if (outcome.startsWith("wrong")) {
      return "expects something else, see README.md";
    }
    String words = outcome.replaceFirst(" \\S+(Exception|Unsupported|InvalidModel|Error):", "");
    words = words.replaceFirst("\\w+ \"[^\"]*\": ", "").replaceAll("\"[^\"]*\"", "...");
    return words.length() <= REASON ? words : words.substring(0, REASON) + "...";
  }

  private static boolean known(NodeProto node) {
    return Families.names().contains(node.getOpType());
  }

  /// "passes", or "refused: ..." or "wrong: ..." with the words.
  private static String outcome(OnnxNodeCase c) {
    try {
      Graph graph = Onnx.read(c.model());
      for (String backend : List.of("", "jvm", "reference")) {
        SessionOptions.Builder options = SessionOptions.builder().checks(k -> k.refuseNan(false));
        if (!backend.isEmpty()) {
          options.kernels(k -> k.backends(backend));
        }
        try (Session session = Session.open(graph, options.build())) {
          for (DataSet set : c.sets()) {
            check(session, set);
          }
        } catch (AssertionError e) {
          return "wrong: " + backend + " " + oneLine(e);
        }
      }
      return PASSES;
    } catch (OctetException | IllegalArgumentException e) {
      return "refused: " + oneLine(e);
    } catch (RuntimeException | IOException e) {
      return "fails: " + oneLine(e);
    }
  }

  private static String oneLine(Throwable e) {
    return String.valueOf(e).replaceAll("\\s+", " ");
  }

  private static void check(Session session, DataSet set) throws IOException {
    Map<String, DataType> types = new HashMap<>();
    session.inputs().forEach(input -> types.put(input.name(), input.type()));
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (byte[] bytes : set.inputs()) {
      String name = TensorProto.parseFrom(bytes).getName();
      if (types.containsKey(name)) { // an input that nobody reads may be gone
        inputs.put(name, tensor(bytes, types.get(name)));
      }
    }
    try (Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> outputs = session.run(inputs, arena);
      List<ValueInfo> made = session.outputs();
      assertEquals(set.outputs().size(), made.size(), "outputs");
      for (int i = 0; i < made.size(); i++) {
        Tensor actual = outputs.get(made.get(i).name());
        byte[] file = set.outputs().get(i);
        boolean coarse = actual.type() == DataType.F32 && isBfloat16(file);
        assertClose(tensor(file, actual.type()), actual, coarse ? BFLOAT16 : RELATIVE);
      }
    }
  }

  /// A tensor's file, widened where Octet computes with a wider type. Those of bfloat16 call
  /// themselves uint16.
  private static Tensor tensor(byte[] bytes, DataType type) throws IOException {
    TensorProto.Builder file = TensorProto.parseFrom(bytes).toBuilder();
    if (isBfloat16(bytes) && type == DataType.F32) {
      file.setDataType(TensorProto.DataType.BFLOAT16_VALUE);
    }
    Tensor read = new TensorReader(ExternalData.none()).read(file.build());
    boolean half = read.type() == DataType.F16 || read.type() == DataType.BF16;
    if (!half || type != DataType.F32) {
      return read;
    }
    float[] wide = new float[Math.toIntExact(read.elements())];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = (float) read.getReal(i);
    }
    return Tensor.of(wide, read.shape().sizes());
  }

  private static boolean isBfloat16(byte[] file) throws IOException {
    return TensorProto.parseFrom(file).getDataType() == TensorProto.DataType.UINT16_VALUE;
  }

  private static void assertClose(Tensor expected, Tensor actual, double relative) {
    assertEquals(expected.toString(), actual.toString(), "type and shape");
    for (long i = 0; i < expected.elements(); i++) {
      if (expected.type().isFloat()) {
        double e = expected.getFloat(i);
        double a = actual.getFloat(i);
        boolean same = e == a || Double.isNaN(e) && Double.isNaN(a);
        assertTrue(
            same || Math.abs(e - a) <= ABSOLUTE + relative * Math.abs(e),
            "element " + i + " is " + a + ", expected " + e);
      } else {
        assertEquals(expected.getInteger(i), actual.getInteger(i), "element " + i);
      }
    }
  }
}
