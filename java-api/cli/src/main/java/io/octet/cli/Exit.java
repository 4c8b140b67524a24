package io.octet.cli;

/// What the process says when it ends.
final class Exit {
  static final int DONE = 0;
  static final int REFUSED = 1;
  static final int USAGE = 2;
  static final int BAD_INPUT = 3;
  static final int INTERNAL = 4;

  private Exit() {}
}
