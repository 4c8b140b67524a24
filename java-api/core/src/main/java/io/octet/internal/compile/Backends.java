package io.octet.internal.compile;

import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.Registry;
import io.octet.internal.kernel.jvm.JvmBackend;
import io.octet.internal.kernel.onednn.OnednnBackend;
import io.octet.internal.kernel.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The backends of this build, and the order in which they are asked.
public final class Backends {
  private static final Map<String, Backend> KNOWN = known();

  /// The oracle serves only where it is asked for by name.
  private static final List<String> DEFAULT_ORDER = List.of("onednn", "jvm");

  private Backends() {}

  /// A registry that asks the named backends first, then the others: an order, never a demand.
  ///
  /// @throws IllegalArgumentException if a name is unknown
  public static Registry preferring(List<String> names) {
    List<Backend> ordered = new ArrayList<>();
    for (String name : names) {
      Backend backend = KNOWN.get(name);
      if (backend == null) {
        throw new IllegalArgumentException(
            "unknown backend \"" + name + "\"; this build has " + KNOWN.keySet());
      }
      add(ordered, backend);
    }
    DEFAULT_ORDER.forEach(name -> add(ordered, KNOWN.get(name)));
    return Registry.of(ordered);
  }

  /// The names that the system property `octet.backend` (comma-separated) asks for first.
  public static List<String> preferred() {
    return Arrays.stream(System.getProperty("octet.backend", "").split(","))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .toList();
  }

  private static void add(List<Backend> ordered, Backend backend) {
    if (!ordered.contains(backend)) {
      ordered.add(backend);
    }
  }

  private static Map<String, Backend> known() {
    Map<String, Backend> byName = new LinkedHashMap<>();
    for (Backend b : List.of(new OnednnBackend(), new JvmBackend(), new ReferenceBackend())) {
      byName.put(b.name(), b);
    }
    return byName;
  }
}
