package io.octet.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.testkit.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class DimTest {
  private static final Dim N = new Dim.Symbol("N");
  private static final Dim H = new Dim.Symbol("H");
  private static final Dim T = new Dim.Symbol("T");

  private static Dim n(long n) {
    return Dim.of(n);
  }

  /// The rows of a window of 3 with pad 1 and step 2.
  private static Dim halved(Dim rows) {
    return rows.plus(-1).dividedBy(n(2)).plus(1);
  }

  static List<Arguments> forms() {
    return List.of(
        Arguments.of("12", n(3).times(n(4))),
        Arguments.of("-1", n(2).minus(n(3))),
        Arguments.of("N", N.plus(n(0)).times(n(1))),
        Arguments.of("0", N.minus(N)),
        Arguments.of("0", N.times(n(0))),
        Arguments.of("H*N", N.times(H)),
        Arguments.of("N*N*4", N.times(n(4)).times(N)),
        Arguments.of("(H+N+3)", N.plus(3).plus(H)),
        Arguments.of("(-H+N-1)", N.minus(H).plus(-1)),
        Arguments.of("(H*2+N)", H.plus(N).plus(H)),
        Arguments.of("(N*N-1)", N.plus(1).times(N.plus(-1))),
        Arguments.of("N*2", N.times(n(6)).dividedBy(n(3))),
        Arguments.of("(N*2+1)", N.times(n(4)).plus(3).dividedBy(n(2))),
        Arguments.of("floor(N*3/2)", N.times(n(6)).dividedBy(n(4))),
        Arguments.of("ceil(H/2)", halved(H)),
        Arguments.of("ceil(H/4)", halved(halved(H))),
        Arguments.of("ceil(H/32)", halved(halved(halved(halved(halved(H)))))),
        Arguments.of("ceil(H/2)", H.ceilDividedBy(2)),
        Arguments.of("(ceil(H/2)-2)", H.plus(-3).dividedBy(n(2)).plus(n(0))),
        Arguments.of("1", N.plus(H).dividedBy(H.plus(N))),
        Arguments.of("4", N.plus(H).times(n(4)).dividedBy(H.plus(N))),
        Arguments.of("H*3", N.times(H).times(n(6)).dividedBy(N.times(n(2)))),
        Arguments.of("floor(N/H)", N.dividedBy(H)),
        Arguments.of("floor((N+1)/N)", N.plus(1).dividedBy(N)),
        Arguments.of("0", n(0).dividedBy(N)),
        Arguments.of("-2", n(-3).dividedBy(n(2))),
        Arguments.of("?", N.dividedBy(n(0))),
        Arguments.of("?", N.plus(new Dim.Unknown("why"))),
        Arguments.of("?", new Dim.Unknown("why").dividedBy(N)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forms")
  void expressionsHaveOneForm(String expected, Dim dim) {
    assertEquals(expected, dim.toString());
  }

  @Test
  void equalExpressionsAreEqualAxes() {
    assertEquals(N.plus(H), H.plus(N));
    assertEquals(N.plus(H).hashCode(), H.plus(N).hashCode());
    assertEquals(N.plus(1).times(n(2)), N.times(n(2)).plus(2));
    assertNotEquals(N.plus(1), N.plus(2));
    Dim named = new Dim.Symbol("ceil(H/2)");
    assertNotEquals(named.plus(1), halved(H).plus(1), "a name is no expression");
  }

  @Test
  void bindingGivesNumbers() {
    Dim dim = halved(halved(H)).times(N).plus(T.times(n(2)));
    assertEquals(n(57 * 3 + 10), dim.bind(Map.of("H", 225L, "N", 3L, "T", 5L)));
    assertEquals("(T*2+171)", dim.bind(Map.of("H", 225L, "N", 3L)).toString());
    assertEquals(OptionalLong.empty(), dim.number());
  }

  @Test
  void whatIsNotKnownMayBeAnything() {
    Dim unknown = new Dim.Unknown("why");
    assertTrue(unknown.mayEqual(n(3)));
    assertTrue(N.mayEqual(H.plus(1)));
    assertFalse(n(3).mayEqual(n(4)));
    assertEquals(N, unknown.known(N));
    assertEquals(N, N.known(unknown));
    assertEquals(n(3), N.known(n(3)));
    assertEquals(n(3), n(3).known(N));
  }

  @Test
  void onlyAnElementOfAListIsNegative() {
    assertEquals(OptionalLong.of(-3), n(-3).number());
    assertThrows(IllegalArgumentException.class, () -> new Shape(List.of(n(-3))));
    assertThrows(IllegalArgumentException.class, () -> Shape.of(-3));
  }

  @Test
  void anUnknownAxisSaysWhy() {
    Shape shape = new Shape(List.of(new Dim.Unknown("its sizes arrive at run time")));
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> shape.size(0));
    assertTrue(e.getMessage().contains("its sizes arrive at run time"), e::getMessage);
  }

  @Test
  void productsOfLongSumsAreNotMultipliedOut() {
    Dim sum = n(0);
    for (int i = 0; i < 100; i++) {
      sum = sum.plus(new Dim.Symbol("s" + i));
    }
    assertInstanceOf(Dim.Unknown.class, sum.times(sum));
  }

  @Test
  void deepExpressionsCostLittle() {
    Dim dim = H;
    for (int i = 0; i < 200; i++) {
      dim = dim.plus(N.times(dim).dividedBy(n(7))).dividedBy(n(3));
      if (dim.toString().length() > 4096) {
        break;
      }
    }
    assertTrue(dim.toString().length() > 4096);
  }

  static List<Arguments> broadcasts() {
    return List.of(
        Arguments.of("[4,N,3]", "[N,1]", "[4,1,3]"),
        Arguments.of("[N]", "[N]", "[N]"),
        Arguments.of("[7]", "[N]", "[7]"),
        Arguments.of("[?]", "[N]", "[H]"),
        Arguments.of("[0]", "[1]", "[0]"),
        Arguments.of("[]", "[]", "[]"),
        Arguments.of(null, "[3]", "[4]"));
  }

  private static Shape shape(String text) {
    List<Dim> dims = new ArrayList<>();
    for (String dim : text.substring(1, text.length() - 1).split(",")) {
      if (!dim.isEmpty()) {
        dims.add(dim.matches("\\d+") ? n(Long.parseLong(dim)) : new Dim.Symbol(dim));
      }
    }
    return new Shape(dims);
  }

  @ParameterizedTest(name = "{1} and {2}")
  @MethodSource("broadcasts")
  void shapesBroadcastAsInNumpy(String expected, String a, String b) {
    String there = Shape.broadcast(shape(a), shape(b)).map(Shape::toString).orElse(null);
    String back = Shape.broadcast(shape(b), shape(a)).map(Shape::toString).orElse(null);
    assertEquals(expected, there);
    assertEquals(expected, back);
  }

  /// Whatever is computed with names and bound then is what is computed with numbers.
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void namesFollowTheNumbers(long seed) {
    Random random = new Random(seed);
    Map<String, Long> sizes =
        Map.of(
            "N", (long) random.nextInt(9),
            "H", (long) random.nextInt(300),
            "T", (long) random.nextInt(50));
    Dim dim = N;
    Dim number = dim.bind(sizes);
    StringBuilder steps = new StringBuilder("N");
    for (int step = 0; step < 6; step++) {
      String name = List.of("N", "H", "T").get(random.nextInt(3));
      Dim other = random.nextBoolean() ? new Dim.Symbol(name) : n(random.nextInt(9) - 4);
      int kind = random.nextInt(5);
      long divisor = 1 + random.nextInt(8);
      steps.append(" +-*/^".charAt(kind + 1)).append(kind < 3 ? other : divisor);
      dim = apply(kind, dim, other, divisor);
      number = apply(kind, number, other.bind(sizes), divisor);
    }
    assertEquals(number, dim.bind(sizes), () -> steps + " " + sizes + Seeds.replay(seed));
  }

  static LongStream seeds() {
    return Seeds.cases(500);
  }

  private static Dim apply(int kind, Dim a, Dim b, long divisor) {
    return switch (kind) {
      case 0 -> a.plus(b);
      case 1 -> a.minus(b);
      case 2 -> a.times(b);
      case 3 -> a.dividedBy(n(divisor));
      default -> a.ceilDividedBy(divisor);
    };
  }
}
