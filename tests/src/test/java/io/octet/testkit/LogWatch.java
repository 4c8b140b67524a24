package io.octet.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/// What a logger says, "WARNING text" a record; nobody else hears it meanwhile.
public final class LogWatch extends Handler {
  private final Logger logger;
  private final List<String> said = new ArrayList<>();

  private LogWatch(Logger logger) {
    this.logger = logger;
  }

  /// Listens until it is closed.
  public static LogWatch of(String logger) {
    LogWatch watch = new LogWatch(Logger.getLogger(logger));
    watch.logger.addHandler(watch);
    watch.logger.setUseParentHandlers(false);
    return watch;
  }

  /// What was said so far.
  public List<String> said() {
    return said;
  }

  @Override
  public void publish(LogRecord record) {
    said.add(record.getLevel() + " " + new SimpleFormatter().formatMessage(record));
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.setUseParentHandlers(true);
    logger.removeHandler(this);
  }
}
