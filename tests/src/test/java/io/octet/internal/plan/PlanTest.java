package io.octet.internal.plan;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.op.ValueInfo;
import io.octet.internal.kernel.Call;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.WeightsCache;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.testkit.StubKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlanTest {
  private int closedKernels;
  private int closedInvocations;

  /// A kernel that counts what is closed, and may fail to be bound.
  private Kernel counting(boolean fails) {
    return new StubKernel(
        "test",
        "counting",
        -1,
        _ -> {
          if (fails) {
            throw new IllegalStateException("no memory");
          }
          return new Call.Java(() -> {}, () -> closedInvocations++);
        },
        () -> closedKernels++);
  }

  private Plan plan(boolean secondFails) {
    List<Buffer> buffers =
        List.of(Buffer.input(Buffer.Kind.INPUT, 64), Buffer.value(64), Buffer.value(64));
    List<Step> steps =
        List.of(
            new Step("a", counting(false), List.of(0), 1),
            new Step("b", counting(secondFails), List.of(1), 2));
    return new Plan(
        List.of(), List.of(), buffers, steps, List.of(), new ConstantStore(new WeightsCache()));
  }

  @Test
  void aRetiredPlanIsFreedWithItsLastWorkspace() {
    Plan plan = plan(false);
    Workspace one = plan.newWorkspace();
    Workspace two = plan.newWorkspace();
    plan.retire();
    assertTrue(plan.isRetired());
    one.run();
    one.close();
    assertEquals(0, closedKernels);
    two.close();
    assertEquals(2, closedKernels);
    assertEquals(4, closedInvocations);
    assertFalse(plan.retain());
    assertThrows(IllegalStateException.class, plan::newWorkspace);
  }

  /// What lies in its input, and behind it the number of its outputs.
  private static Kernel splitting(int inPlaceInput) {
    return StubKernel.of(
        inPlaceInput,
        memory ->
            new Call.Java(
                () -> {
                  float x = memory.inputs().getFirst().get(JAVA_FLOAT, 0);
                  memory.outputs().forEach(y -> y.set(JAVA_FLOAT, 0, x));
                  memory.outputs().getLast().set(JAVA_FLOAT, 0, memory.outputs().size());
                }));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0})
  void aStepWritesAllOfItsOutputs(int inPlaceInput) {
    List<Buffer> buffers = new ArrayList<>(List.of(Buffer.input(Buffer.Kind.INPUT, 4)));
    for (int i = 0; i < 5; i++) {
      buffers.add(Buffer.value(4));
    }
    List<Step> steps =
        List.of(
            new Step("three", splitting(inPlaceInput), List.of(0), List.of(1, 2, 3)),
            new Step("two", splitting(inPlaceInput), List.of(2), List.of(4, 5)));
    List<Plan.Port> outputs =
        Stream.of(1, 3, 4, 5)
            .map(b -> new Plan.Port(new ValueInfo("y" + b, DataType.F32, Shape.of(1)), b))
            .toList();
    List<Plan.Port> inputs =
        List.of(new Plan.Port(new ValueInfo("x", DataType.F32, Shape.of(1)), 0));
    Plan plan =
        new Plan(inputs, outputs, buffers, steps, List.of(), new ConstantStore(new WeightsCache()));
    try (Workspace workspace = plan.newWorkspace()) {
      workspace.input(0).set(JAVA_FLOAT, 0, 7);
      workspace.run();
      float[] expected = {7, 3, 7, 2};
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], workspace.output(i).get(JAVA_FLOAT, 0), "output " + i);
      }
      assertEquals(7, workspace.input(0).get(JAVA_FLOAT, 0), "a caller's input stays");
    }
    plan.retire();
  }

  @Test
  void aWorkspaceThatCannotBeMadeHoldsNothing() {
    Plan plan = plan(true);
    assertThrows(IllegalStateException.class, plan::newWorkspace);
    assertEquals(1, closedInvocations);
    plan.retire();
    assertEquals(2, closedKernels);
  }
}
