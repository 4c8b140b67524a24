package io.octet.graph.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException.InvalidModel;
import io.octet.graph.op.Signature.Operand;
import io.octet.graph.op.Signature.Presence;
import io.octet.tensor.Tensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class SignatureTest {
  static List<Signature> all() {
    return Op.signatures();
  }

  @Test
  void everyMemberHasOneUnderItsName() {
    List<String> names = Op.signatures().stream().map(Signature::name).toList();
    Set<String> members =
        Op.members().stream().map(Class::getSimpleName).collect(Collectors.toSet());
    assertEquals(members, new HashSet<>(names));
    assertEquals(members.size(), names.size(), "two of one name");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("all")
  void everyTypeVariableIsSaid(Signature signature) {
    Set<String> used = new HashSet<>();
    signature.inputs().forEach(i -> used.add(i.type()));
    signature.outputs().forEach(o -> used.add(o.type()));
    assertEquals(used, signature.types().keySet());
    signature.types().values().forEach(types -> assertFalse(types.isEmpty()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("all")
  void inputsThatMustBeThereComeFirstAndAVariadicOneLast(Signature signature) {
    List<Presence> order = signature.inputs().stream().map(Operand::presence).toList();
    assertEquals(order.stream().sorted().toList(), order);
    assertTrue(order.stream().filter(p -> p == Presence.VARIADIC).count() <= 1);
    assertFalse(signature.outputs().isEmpty());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("all")
  void opsetsAreThoseThatAreRead(Signature signature) {
    // Older models are read where their operators have not changed since.
    boolean exists = signature.first() >= 1 && signature.first() <= Signature.NEWEST_OPSET;
    assertTrue(exists, signature::toString);
    assertEquals(Signature.NEWEST_OPSET, signature.last());
    assertEquals("", signature.domain());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "it: needs 2 inputs; but input 1 is absent, A",
    "it: needs 2 inputs; but input 0 is absent, -A",
    "it: takes at most 3 inputs; but has 4, AAAA",
    "it: takes f32; but \"input 1\" is s64[1], AI",
  })
  void inputsAreCountedAndTyped(String expected, String inputs) {
    List<Tensor> tensors =
        Arrays.asList(
            inputs
                .chars()
                .mapToObj(
                    c ->
                        switch (c) {
                          case 'A' -> Tensor.of(new float[1], 1, 1);
                          case 'I' -> Tensor.of(new long[1], 1);
                          default -> null;
                        })
                .toArray(Tensor[]::new));
    Op gemm = new Product.Gemm(1, 1, false, false);
    InvalidModel e = assertThrows(InvalidModel.class, () -> gemm.infer(Operands.of("it", tensors)));
    assertEquals(expected.replace(";", ","), e.getMessage());
  }

  @Test
  void anAbsentInputIsNoneOfMany() {
    Op concat = new Movement.Concat(0);
    List<Tensor> tensors = Arrays.asList(Tensor.of(new float[1], 1), null);
    InvalidModel e =
        assertThrows(InvalidModel.class, () -> concat.infer(Operands.of("it", tensors)));
    assertEquals("it: needs 2 inputs, but input 1 is absent", e.getMessage());
  }

  @Test
  void dataAreWhatAResultMayBeMadeOf() {
    Signature reshape = new Movement.Reshape(false).signature();
    assertTrue(reshape.isData(0));
    assertFalse(reshape.isData(1));
    Signature concat = new Movement.Concat(0).signature();
    assertTrue(concat.isData(0));
    assertTrue(concat.isData(9));
  }
}
