package io.octet.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Map;

/// How far two answers, or two graphs, are apart.
public final class Answers {
  private Answers() {}

  /// Every output within `relative` of the largest magnitude where it is f32, and within `steps`
  /// where it is an integer.
  public static void assertClose(
      Map<String, Tensor> expected, Map<String, Tensor> actual, double relative, int steps) {
    assertEquals(expected.keySet(), actual.keySet());
    for (String name : expected.keySet()) {
      Tensor e = expected.get(name);
      Tensor a = actual.get(name);
      assertEquals(e.toString(), a.toString(), "type and shape of " + name);
      double worst = e.type() == DataType.F32 ? relativeError(e, a) : largestStep(e, a);
      double allowed = e.type() == DataType.F32 ? relative : steps;
      assertTrue(worst <= allowed, name + " is off by " + worst + ", allowed is " + allowed);
    }
  }

  /// max|e - a| / max|e| of two f32 tensors; infinite where only one of two elements is finite.
  public static double relativeError(Tensor expected, Tensor actual) {
    double distance = 0;
    double largest = 0;
    for (long i = 0; i < expected.elements(); i++) {
      float e = expected.getFloat(i);
      float a = actual.getFloat(i);
      boolean same = e == a || Float.isNaN(e) && Float.isNaN(a);
      distance = Math.max(distance, same ? 0 : Math.abs((double) e - a));
      distance = Double.isNaN(distance) ? Double.POSITIVE_INFINITY : distance;
      largest = Float.isFinite(e) ? Math.max(largest, Math.abs(e)) : largest;
    }
    return distance == 0 ? 0 : distance / largest;
  }

  /// The largest difference of two integer tensors.
  public static long largestStep(Tensor expected, Tensor actual) {
    long step = 0;
    for (long i = 0; i < expected.elements(); i++) {
      step = Math.max(step, Math.abs(expected.getInteger(i) - actual.getInteger(i)));
    }
    return step;
  }

  /// Everything equal: names, order, operators, shapes, and every constant's bytes.
  public static void assertSame(Graph expected, Graph actual) {
    assertEquals(expected.name(), actual.name());
    assertEquals(expected.inputs(), actual.inputs());
    assertEquals(expected.outputs(), actual.outputs());
    assertEquals(expected.nodes(), actual.nodes());
    assertEquals(
        new ArrayList<>(expected.initializers().keySet()),
        new ArrayList<>(actual.initializers().keySet()));
    expected
        .initializers()
        .forEach(
            (name, e) -> {
              Tensor a = actual.constant(name);
              assertEquals(e.toString(), a.toString(), name);
              assertArrayEquals(
                  e.data().toArray(ValueLayout.JAVA_BYTE),
                  a.data().toArray(ValueLayout.JAVA_BYTE),
                  name);
            });
  }

  /// Of the angle between two vectors: 1 where they point the same way.
  public static double cosine(double[] a, double[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb);
  }
}
