package io.octet.cli;

import io.octet.cli.measure.Watch;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;

/// A progress bar that redraws itself in place, a few times a second, and is gone when closed.
/// Where nobody watches it writes nothing.
final class Progress implements Watch {
  private static final int WIDTH = 28;
  private static final long REDRAW_NANOS = 80_000_000;

  private final PrintWriter err;
  private final boolean visible;
  private final String what;
  private final long total;
  private final long started = System.nanoTime();
  private long drawn = started - REDRAW_NANOS;
  private int length;

  /// @param total what [#accept] is given in the end, at least 1
  Progress(PrintWriter err, boolean visible, String what, long total) {
    this.err = err;
    this.visible = visible;
    this.what = what;
    this.total = Math.max(1, total);
  }

  /// Whether a person looks at this process's output.
  static boolean onTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
  }

  /// So much is done.
  @Override
  public void accept(long done) {
    long now = System.nanoTime();
    if (visible && (now - drawn >= REDRAW_NANOS || done >= total)) {
      drawn = now;
      draw(done, now);
    }
  }

  private void draw(long done, long now) {
    double part = Math.clamp((double) done / total, 0, 1);
    int filled = (int) Math.round(part * WIDTH);
    String line =
        "%-28s %s%s %3.0f%%  %d/%d%s"
            .formatted(
                what,
                "█".repeat(filled),
                "░".repeat(WIDTH - filled),
                100 * part,
                done,
                total,
                left(part, now));
    err.print("\r" + line + " ".repeat(Math.max(0, length - line.length())));
    err.flush();
    length = line.length();
  }

  private String left(double part, long now) {
    double seconds = (now - started) / 1e9;
    return part < 0.02 || part >= 1
        ? ""
        : String.format(Locale.ROOT, "  %.0f s left", seconds / part - seconds);
  }

  @Override
  public void close() {
    if (length > 0) {
      err.print("\r" + " ".repeat(length) + "\r");
      err.flush();
    }
  }
}
