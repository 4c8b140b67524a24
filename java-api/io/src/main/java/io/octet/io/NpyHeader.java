package io.octet.io;

import io.octet.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What stands before the numbers of an npy file: a Python dictionary in text. Versions 1 to 3 of
/// the format differ in the width of its length and in its encoding (`numpy.lib.format` describes
/// them).
///
/// @param element the number format
/// @param fortran whether the first axis is the fastest
/// @param shape the axes; empty for a scalar
record NpyHeader(Element element, boolean fortran, Shape shape) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int ALIGNMENT = 64;
  private static final int LONGEST = 1 << 16;
  private static final int MOST_AXES = 64;
  private static final Pattern DESCR = Pattern.compile("['\"]descr['\"]\\s*:\\s*(['\"])(.*?)\\1");
  private static final Pattern ORDER =
      Pattern.compile("['\"]fortran_order['\"]\\s*:\\s*(True|False)");
  private static final Pattern SHAPE =
      Pattern.compile("['\"]shape['\"]\\s*:\\s*\\(([0-9L,\\s]*)\\)");

  /// Whether a file that begins so is an npy file.
  static boolean isMagic(byte[] first) {
    return first.length >= MAGIC.length && Arrays.equals(first, 0, MAGIC.length, MAGIC, 0, 6);
  }

  static NpyHeader read(Section from) throws IOException {
    byte[] start = from.take(8, "an npy header");
    if (!isMagic(start)) {
      throw new MalformedFileException(
          from.where(), "not an npy file: it does not begin with \\x93NUMPY");
    }
    int version = start[6];
    if (version < 1 || version > 3) {
      throw new MalformedFileException(
          from.where(), "npy version " + version + "." + start[7] + ", but 1 to 3 are known");
    }
    int length = length(from, version);
    byte[] text = from.take(length, "the npy header");
    return parse(
        new String(text, version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1),
        from.where());
  }

  private static int length(Section from, int version) throws IOException {
    int width = version == 1 ? 2 : 4;
    ByteBuffer raw =
        ByteBuffer.wrap(from.take(width, "an npy header's length")).order(ByteOrder.LITTLE_ENDIAN);
    long length = version == 1 ? raw.getShort() & 0xffffL : raw.getInt() & 0xffffffffL;
    if (length > LONGEST) {
      throw new MalformedFileException(
          from.where(), "a header of " + length + " bytes, but " + LONGEST + " are the most");
    }
    return (int) length;
  }

  static NpyHeader parse(String text, String where) throws MalformedFileException {
    Matcher descr = find(DESCR, text, where, "'descr' of one plain type");
    Matcher order = find(ORDER, text, where, "'fortran_order'");
    Matcher shape = find(SHAPE, text, where, "'shape'");
    return new NpyHeader(
        element(descr.group(2), where),
        order.group(1).equals("True"),
        shape(shape.group(1), where));
  }

  private static Matcher find(Pattern pattern, String text, String where, String what)
      throws MalformedFileException {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new MalformedFileException(
          where, "expected " + what + " in the npy header, but it reads " + text.strip());
    }
    return matcher;
  }

  private static Element element(String descr, String where) throws MalformedFileException {
    return switch (descr) {
      case "|u1", "<u1", "u1" -> Element.U8;
      case "|i1", "<i1", "i1" -> Element.S8;
      case "|b1", "<b1", "b1", "?" -> Element.BOOL;
      case "<i2" -> Element.S16;
      case "<i4" -> Element.S32;
      case "<i8" -> Element.S64;
      case "<f2" -> Element.F16;
      case "<f4" -> Element.F32;
      case "<f8" -> Element.F64;
      default ->
          throw new MalformedFileException(
              where,
              "element type \""
                  + descr
                  + "\", but f2, f4, f8, i1, u1, b1, i2, i4 and i8 in little-endian order are read;"
                  + " convert it with numpy's astype");
    };
  }

  private static Shape shape(String text, String where) throws MalformedFileException {
    String[] parts = Arrays.stream(text.split(",")).map(String::strip).toArray(String[]::new);
    try {
      long[] sizes =
          Arrays.stream(parts)
              .filter(part -> !part.isEmpty())
              .mapToLong(part -> Long.parseLong(part.replaceFirst("L$", "")))
              .toArray();
      if (sizes.length > MOST_AXES) {
        throw new MalformedFileException(
            where, sizes.length + " axes, but numpy has at most " + MOST_AXES);
      }
      return Shape.of(sizes);
    } catch (NumberFormatException e) {
      throw new MalformedFileException(where, "not a shape: (" + text + ")", e);
    }
  }

  /// The header as version 1.0 writes it, so long that the numbers begin at a multiple of 64.
  byte[] bytes() {
    String dictionary =
        "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }"
            .formatted(descr(), fortran ? "True" : "False", tuple());
    int before = MAGIC.length + 2 + 2;
    int total = (before + dictionary.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    ByteBuffer out = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
    out.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (total - before));
    out.put(dictionary.getBytes(StandardCharsets.US_ASCII));
    while (out.remaining() > 1) {
      out.put((byte) ' ');
    }
    return out.put((byte) '\n').array();
  }

  private String descr() {
    return switch (element) {
      case U8 -> "|u1";
      case S8 -> "|i1";
      case BOOL -> "|b1";
      case S16 -> "<i2";
      case S32 -> "<i4";
      case S64 -> "<i8";
      case F16 -> "<f2";
      case F32 -> "<f4";
      case F64 -> "<f8";
    };
  }

  private String tuple() {
    StringBuilder text = new StringBuilder("(");
    for (long size : shape.sizes()) {
      text.append(size).append(shape.rank() == 1 ? "," : ", ");
    }
    if (shape.rank() > 1) {
      text.setLength(text.length() - 2);
    }
    return text.append(")").toString();
  }
}
