package io.octet.cli;

import java.util.ArrayList;
import java.util.List;

/// Rows of text in aligned columns, the first row being the heading. Columns of numbers stand to
/// the right.
final class Table {
  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();

  Table row(String... cells) {
    rows.add(List.of(cells));
    return this;
  }

  /// A row of what has one size in FP32 and another in int8.
  Table sizes(String what, long fp32, long int8) {
    return row(what, Sizes.bytes(fp32), Sizes.bytes(int8), Sizes.smaller(fp32, int8));
  }

  /// The table, each line indented by two blanks.
  @Override
  public String toString() {
    int columns = rows.stream().mapToInt(List::size).max().orElse(0);
    int[] widths = new int[columns];
    boolean[] right = new boolean[columns];
    for (int c = 0; c < columns; c++) {
      int column = c;
      widths[c] = rows.stream().mapToInt(r -> cell(r, column).length()).max().orElse(0);
      right[c] = rows.size() > 1 && rows.stream().skip(1).allMatch(r -> isNumber(cell(r, column)));
    }
    StringBuilder text = new StringBuilder();
    for (int r = 0; r < rows.size(); r++) {
      text.append(line(rows.get(r), widths, right));
      if (r == 0) {
        text.append(rule(widths));
      }
    }
    return text.toString();
  }

  private static String line(List<String> row, int[] widths, boolean[] right) {
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < widths.length; c++) {
      String cell = cell(row, c);
      String blanks = " ".repeat(widths[c] - cell.length());
      line.append(GAP).append(right[c] ? blanks + cell : cell + blanks);
    }
    return line.toString().stripTrailing() + "\n";
  }

  private static String rule(int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int width : widths) {
      line.append(GAP).append("─".repeat(width));
    }
    return line + "\n";
  }

  private static String cell(List<String> row, int column) {
    return column < row.size() ? row.get(column) : "";
  }

  private static boolean isNumber(String cell) {
    return cell.matches("([-+]?[0-9][0-9.,]*(%| ms| [kM]?B| bytes)?)?");
  }
}
