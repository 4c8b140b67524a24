package io.octet.testkit;

import java.nio.file.Path;
import org.junit.jupiter.api.extension.Extension;

/// Gives the tests a folder of their own for unpacked libraries, whoever runs them: what they test
/// is this build, and what they break is theirs. JUnit finds it as a service, before any test.
public final class OwnCache implements Extension {
  static final String PROPERTY = "octet.cachePath";

  static {
    if (System.getProperty(PROPERTY) == null) {
      System.setProperty(PROPERTY, Path.of("target", "cache").toAbsolutePath().toString());
    }
  }
}
