package io.octet.internal.reference;

import io.octet.graph.op.Equation;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Sums of products under Einstein's convention: for each element of the result a product for each
/// place along the letters that it does not have.
final class Sums {
  private Sums() {}

  static void evaluate(Equation equation, List<Tensor> in, Tensor out) {
    List<Shape> shapes = in.stream().map(Tensor::shape).toList();
    Map<Character, Dim> sizes = equation.sizes(shapes);
    String summed = summed(equation);
    List<Walk> places = new ArrayList<>();
    for (int i = 0; i < in.size(); i++) {
      places.add(walk(equation.terms().get(i), shapes.get(i), equation.result(), sizes));
    }
    long count = Shape.of(lengths(summed, sizes)).elements();
    List<Cells> xs = in.stream().map(Cells::new).toList();
    Cells y = new Cells(out);
    long[] bases = new long[in.size()];
    for (long at = 0; at < y.count(); at++) {
      List<Walk> inner = new ArrayList<>();
      for (int i = 0; i < bases.length; i++) {
        bases[i] = places.get(i).next();
        inner.add(walk(equation.terms().get(i), shapes.get(i), summed, sizes));
      }
      sum(xs, bases, inner, count, y, at);
    }
  }

  /// How many products are summed for each element of the result.
  static double terms(Equation equation, List<Tensor> in) {
    Map<Character, Dim> sizes = equation.sizes(in.stream().map(Tensor::shape).toList());
    double terms = 1;
    for (long length : lengths(summed(equation), sizes)) {
      terms *= length;
    }
    return terms;
  }

  /// The letters that the result does not have.
  private static String summed(Equation equation) {
    StringBuilder summed = new StringBuilder();
    for (char letter : String.join("", equation.terms()).toCharArray()) {
      boolean known = equation.result().indexOf(letter) >= 0 || summed.indexOf("" + letter) >= 0;
      summed.append(known ? "" : letter);
    }
    return summed.toString();
  }

  private static void sum(
      List<Cells> xs, long[] bases, List<Walk> inner, long count, Cells y, long at) {
    double real = 0;
    long whole = 0;
    for (long k = 0; k < count; k++) {
      double product = 1;
      long wholes = 1;
      for (int i = 0; i < bases.length; i++) {
        long place = bases[i] + inner.get(i).next();
        product *= y.isReal() ? xs.get(i).real(place) : 0;
        wholes *= y.isReal() ? 0 : xs.get(i).whole(place);
      }
      real += product;
      whole += wholes;
    }
    if (y.isReal()) {
      y.put(at, real);
    } else {
      y.put(at, whole);
    }
  }

  private static long[] lengths(String letters, Map<Character, Dim> sizes) {
    return letters.chars().mapToLong(c -> sizes.get((char) c).number().orElseThrow()).toArray();
  }

  /// A walk over `letters` that meets the elements of an operand: all of its axes of one letter
  /// move together, and those of one element not at all.
  private static Walk walk(String term, Shape shape, String letters, Map<Character, Dim> sizes) {
    long[] own = Walk.strides(shape);
    long[] steps = new long[letters.length()];
    for (int axis = 0; axis < own.length; axis++) {
      int letter = letters.indexOf(term.charAt(axis));
      if (letter >= 0 && shape.size(axis) > 1) {
        steps[letter] += own[axis];
      }
    }
    return new Walk(lengths(letters, sizes), steps);
  }
}
