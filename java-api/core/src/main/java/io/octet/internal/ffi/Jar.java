package io.octet.internal.ffi;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The jars that hold libraries.
enum Jar {
  ONEDNN(
      "onednn",
      "org/bytedeco/dnnl/",
      "org.bytedeco:dnnl:3.13-1.5.14",
      "octet-platform",
      Platform.HERE.openmp(),
      Platform.HERE.onednn()),
  OCTET(
      "octet",
      "io/octet/native/",
      "io.octet:octet-native",
      "octet-platform",
      System.mapLibraryName("octet"),
      System.mapLibraryName("octet_fbgemm")),
  PYTORCH(
      "pytorch",
      "org/bytedeco/pytorch/",
      "org.bytedeco:pytorch:2.13.0-1.5.14",
      "octet-fbgemm",
      "libc10.so",
      "libtorch_cpu.so"),
  OPENBLAS(
      "openblas",
      "org/bytedeco/openblas/",
      "org.bytedeco:openblas:0.3.31-1.5.13",
      "octet-fbgemm",
      "libquadmath.so.0",
      "libgfortran.so.5",
      "libopenblas.so.0");

  private final String label;
  private final String folder;
  private final String coordinates;
  private final String artifact;
  private final List<String> names;

  Jar(String label, String folder, String coordinates, String artifact, String... names) {
    this.label = label;
    this.folder = folder;
    this.coordinates = coordinates;
    this.artifact = artifact;
    this.names = List.of(names);
  }

  /// A short name, for a folder's.
  String label() {
    return label;
  }

  /// Where that library lies; empty where no jar for this system is there, or (on the module path)
  /// its module is not resolved. The class loader sees the class path and all resolved modules.
  Optional<URL> find(String name) {
    return Optional.ofNullable(
        Jar.class.getClassLoader().getResource(folder + Platform.HERE.text() + "/" + name));
  }

  /// The libraries that are used of it, and that are there.
  Bundle bundle() throws IOException {
    List<Bundle.Item> items = new ArrayList<>();
    for (String name : names) {
      Optional<URL> url = find(name);
      if (url.isPresent()) {
        items.add(new Bundle.Item(name, Resource.of(url.get())));
      }
    }
    return new Bundle(label, items);
  }

  /// Why that library was not found, and what to do.
  String notFound(String name) {
    String platform = Platform.HERE.text();
    return switch (this) {
      case OCTET ->
          name
              + notBuilt()
                  .map(why -> " was not built: " + why)
                  .orElse(
                      " was not found: the jar io.octet:octet-native has none for "
                          + platform
                          + ", or is not there (on the module path it needs"
                          + " --add-modules=io.octet.natives)");
      case ONEDNN, PYTORCH, OPENBLAS ->
          name
              + " was not found: the jar "
              + coordinates
              + ":"
              + platform
              + " is not on the "
              + (this == ONEDNN && Jar.class.getModule().isNamed()
                  ? "module path, or its module is not resolved (add both dnnl jars and"
                      + " --add-modules=org.bytedeco.dnnl."
                      + platform.replace('-', '.')
                      + ")"
                  : "class path (depend on io.octet:" + artifact + ")");
    };
  }

  /// The jar of Octet's own libraries is there always; it says why they are not in it.
  private static Optional<String> notBuilt() {
    String why = "io/octet/native/absent.txt";
    try (InputStream in = Jar.class.getClassLoader().getResourceAsStream(why)) {
      return in == null
          ? Optional.empty()
          : Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      return Optional.of(why + " cannot be read: " + e.getMessage());
    }
  }
}
