package io.octet.graph.op;

import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// An equation of Einstein's convention over operands of known ranks: each axis has a letter, axes
/// of one letter go together, and letters that the result does not have are summed. The axes that
/// an ellipsis stands for have the letters '0', '1', ... from its last one on, and broadcast.
///
/// @param terms the letters of each operand
/// @param result the letters of the result
public record Equation(List<String> terms, String result) {
  private static final String ELLIPSIS = "...";

  /// More axes than digits stand for.
  private static final int MOST_IN_ELLIPSIS = 10;

  /// Copies the list.
  public Equation {
    terms = List.copyOf(terms);
  }

  /// @param text such as "bij,bjk->bik"; without "->" the result has the letters that stand once,
  ///   in their order, behind the ellipsis
  /// @throws IllegalArgumentException if it does not fit operands of those ranks
  static Equation of(String text, List<Integer> ranks) {
    String plain = text.replace(" ", "");
    int arrow = plain.indexOf("->");
    List<String> written = List.of((arrow < 0 ? plain : plain.substring(0, arrow)).split(",", -1));
    if (written.size() != ranks.size()) {
      throw wrong(text, "has " + written.size() + " terms for " + ranks.size() + " inputs");
    }
    List<String> terms = new ArrayList<>();
    int broadcast = 0;
    for (int i = 0; i < written.size(); i++) {
      int hidden = hidden(text, written.get(i), ranks.get(i));
      broadcast = Math.max(broadcast, hidden);
      terms.add(expand(text, written.get(i), hidden));
    }
    String result =
        arrow < 0
            ? digits(broadcast) + once(terms)
            : expand(text, plain.substring(arrow + 2), broadcast);
    String all = String.join("", terms);
    for (int i = 0; i < result.length(); i++) {
      if (all.indexOf(result.charAt(i)) < 0 || result.indexOf(result.charAt(i)) != i) {
        throw wrong(text, "makes '" + result.charAt(i) + "' of nothing, or twice");
      }
    }
    return new Equation(terms, result);
  }

  private static IllegalArgumentException wrong(String text, String what) {
    return new IllegalArgumentException("the equation \"" + text + "\" " + what);
  }

  /// How many axes the ellipsis of a term stands for.
  private static int hidden(String text, String term, int rank) {
    boolean has = term.contains(ELLIPSIS);
    int hidden = rank - term.length() + (has ? ELLIPSIS.length() : 0);
    if (hidden < 0 || hidden > MOST_IN_ELLIPSIS || !has && hidden != 0) {
      throw wrong(text, "has the term \"" + term + "\" for an input of " + rank + " axes");
    }
    return hidden;
  }

  private static String expand(String text, String term, int hidden) {
    String letters = term.replace(ELLIPSIS, "");
    if (letters.length() < term.length() - ELLIPSIS.length()
        || !letters.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')) {
      throw wrong(text, "has the term \"" + term + "\", which is no list of letters");
    }
    return term.replace(ELLIPSIS, digits(hidden));
  }

  /// "210": aligned at the last axis.
  private static String digits(int count) {
    return "9876543210".substring(MOST_IN_ELLIPSIS - count);
  }

  private static String once(List<String> terms) {
    Map<Character, Integer> counts = new TreeMap<>();
    for (char c : String.join("", terms).toCharArray()) {
      counts.merge(c, Character.isDigit(c) ? 2 : 1, Integer::sum);
    }
    StringBuilder once = new StringBuilder();
    counts.forEach((letter, count) -> once.append(count == 1 ? letter.toString() : ""));
    return once.toString();
  }

  /// The shape of the result.
  ///
  /// @throws IllegalArgumentException if axes of one letter have several sizes
  Shape result(List<Shape> shapes) {
    Map<Character, Dim> sizes = sizes(shapes);
    return new Shape(result.chars().mapToObj(c -> sizes.get((char) c)).toList());
  }

  /// The size of each letter.
  ///
  /// @throws IllegalArgumentException if axes of one letter have several sizes
  public Map<Character, Dim> sizes(List<Shape> shapes) {
    Map<Character, Dim> sizes = new HashMap<>();
    for (int i = 0; i < terms.size(); i++) {
      for (int axis = 0; axis < terms.get(i).length(); axis++) {
        char letter = terms.get(i).charAt(axis);
        Dim size = shapes.get(i).dim(axis);
        Dim before = sizes.get(letter);
        Dim both = before == null ? size : together(letter, before, size);
        sizes.put(letter, both);
      }
    }
    return Collections.unmodifiableMap(sizes);
  }

  private static Dim together(char letter, Dim a, Dim b) {
    Shape both =
        Shape.broadcast(new Shape(List.of(a)), new Shape(List.of(b)))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "axes '" + letter + "' are " + a + " and " + b + " long"));
    return both.dim(0);
  }
}
