package io.octet.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.OctetException.Unsupported;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import org.junit.jupiter.api.Test;

/// Handles of constants: their forms, what these count, and what is left once they are forgotten.
class ConstantTest {
  private final MemoryBudget budget = new MemoryBudget(100, "ask for less");
  private final Constant constant =
      Constant.of("w", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2), budget);
  private int made;

  private Constant doubled() {
    return constant.form("doubled", DataType.F32, Shape.of(4, 2), this::twice);
  }

  private Tensor twice(Tensor t) {
    made++;
    return Tensor.of(new float[] {1, 2, 1, 2, 3, 4, 3, 4}, 4, 2);
  }

  @Test
  void aFormIsTheSameForAllAndMadeForWhoeverWantsItsValues() {
    assertSame(doubled(), doubled());
    assertEquals(0, made);
    assertEquals(0, budget.held());
    assertSame(doubled().tensor(), doubled().tensor());
    assertEquals(1, made);
    assertEquals(32, budget.held());
  }

  @Test
  void anotherShapeIsTheSameMemoryAndCountsNothing() {
    Constant row = constant.reshaped(Shape.of(1, 4));
    assertSame(row, constant.reshaped(Shape.of(1, 4)));
    assertArrayEquals(new float[] {1, 2, 3, 4}, row.tensor().toFloats());
    assertEquals(constant.tensor().data().address(), row.tensor().data().address());
    assertEquals(0, budget.held());
  }

  @Test
  void whatIsTrimmedIsMadeAgain() {
    doubled().tensor();
    constant.trim();
    assertEquals(0, budget.held());
    assertEquals(8, doubled().tensor().elements());
    assertEquals(2, made);
  }

  @Test
  void whatIsForgottenIsGoneInEveryForm() {
    Constant form = doubled();
    form.tensor();
    constant.forget();
    assertEquals(0, budget.held());
    assertThrows(IllegalStateException.class, constant::tensor);
    IllegalStateException e = assertThrows(IllegalStateException.class, form::tensor);
    assertEquals("the values of f32[4,2] are forgotten", e.getMessage());
    assertEquals(32, form.bytes());
  }

  @Test
  void aFormBeyondTheBudgetIsRefusedByName() {
    Constant large = constant.form("large", DataType.F32, Shape.of(26), this::twice);
    Unsupported e = assertThrows(Unsupported.class, large::tensor);
    String start = "104 bytes for another form of weights \"w\" f32[26]";
    assertTrue(e.getMessage().startsWith(start), e::getMessage);
    assertEquals(0, made);
  }
}
