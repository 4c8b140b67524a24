package io.octet.internal.select;

import io.octet.Verify;
import io.octet.internal.ffi.Natives;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.fbgemm.FbgemmBackend;
import io.octet.internal.kernel.jvm.JvmBackend;
import io.octet.internal.kernel.onednn.OnednnBackend;
import io.octet.internal.kernel.reference.ReferenceBackend;
import io.octet.internal.kernel.trust.SelfCheck;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The backends by their names, and the orders in which they are asked.
public final class Backends {
  private static final Map<String, Backend> KNOWN =
      byName(
          new OnednnBackend(),
          new FbgemmBackend(),
          new AbsentBackend("octet", "this build has no native kernels of Octet's own"),
          new JvmBackend(),
          new ReferenceBackend());

  private Backends() {}

  /// A registry that asks the named backends first, then the others in the order of the processor's
  /// class ({@link CpuOrder}): a preference, never a demand. One that is not there refuses every
  /// kernel, and its reason is kept. A library that could not be loaded is tried again, where the
  /// reason may have passed.
  ///
  /// @param verify how far a kernel is checked before it serves
  /// @throws IllegalArgumentException if a name is unknown
  public static Registry preferring(List<String> names, Verify verify) {
    return preferring(names).checking(SelfCheck.of(verify));
  }

  /// The same, trusting every kernel.
  public static Registry preferring(List<String> names) {
    for (String name : names) {
      if (!KNOWN.containsKey(name)) {
        throw new IllegalArgumentException(
            "unknown backend \"" + name + "\"; there are " + String.join(", ", KNOWN.keySet()));
      }
    }
    Natives.retry(); // a session begins here, or a layer that runs by itself
    CpuOrder usual = new CpuOrder();
    return Registry.of(
        spec -> {
          Set<String> order = new LinkedHashSet<>(names);
          order.addAll(usual.of(spec));
          List<Backend> backends = new ArrayList<>();
          for (String name : order) {
            Backend backend = KNOWN.get(name);
            // What nobody asked for and this build lacks has nothing to say about any kernel.
            if (names.contains(name) || !(backend instanceof AbsentBackend)) {
              backends.add(backend);
            }
          }
          return backends;
        });
  }

  /// The names that the system property `octet.backend` (comma-separated) asks for first.
  public static List<String> preferred() {
    return Arrays.stream(System.getProperty("octet.backend", "").split(","))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .toList();
  }

  private static Map<String, Backend> byName(Backend... backends) {
    Map<String, Backend> byName = new LinkedHashMap<>();
    for (Backend b : backends) {
      byName.put(b.name(), b);
    }
    return byName;
  }
}
