package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.cpu.Cpu;
import io.octet.tensor.Tensor;
import io.octet.testkit.ChildJvm;
import io.octet.testkit.Machine;
import io.octet.testkit.SmallNets;
import java.io.File;
import java.lang.foreign.Arena;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Octet twice in one process, each in a class loader of its own, as application servers and test
/// runners have it: the libraries are the process's, and the second finds them in use.
class TwoLoadersTest {
  @BeforeEach
  void onlyWhereThereIsInt8() {
    Machine.requireInt8();
  }

  /// Runs an int8 network in this class's loader: who ran the convolutions, and what came out.
  public static final class Net implements Supplier<String> {
    /// Found by its name.
    public Net() {}

    @Override
    public String get() {
      try (Session session = Session.open(SmallNets.int8(7));
          Arena arena = Arena.ofConfined()) {
        String engines =
            session.explain().stream()
                .filter(row -> row.op().equals("Conv"))
                .map(row -> row.dtype() + " " + row.backend())
                .collect(Collectors.toCollection(TreeSet::new))
                .toString();
        Tensor output = session.run(Map.of("input", SmallNets.image(1, 3)), arena).get("output");
        return engines + " " + List.of(output.toFloats()[0], output.toFloats()[9]);
      }
    }
  }

  /// Prints what each of two loaders saw.
  static final class Twice {
    private Twice() {}

    public static void main(String[] arguments) throws Exception {
      for (int i = 0; i < 2; i++) {
        // Never closed: a server's old application lives on while the new one starts.
        URLClassLoader loader =
            new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader());
        Object net = loader.loadClass(Net.class.getName()).getConstructor().newInstance();
        System.out.println(((Supplier<?>) net).get());
      }
    }

    private static URL[] classPath() {
      return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
          .map(Twice::url)
          .toArray(URL[]::new);
    }

    private static URL url(String path) {
      try {
        return Path.of(path).toUri().toURL();
      } catch (MalformedURLException e) {
        throw new IllegalArgumentException(e);
      }
    }
  }

  private static List<String> lines(String... properties) {
    List<String> lines = ChildJvm.run(List.of(properties), Twice.class).expect(0).lines().toList();
    assertEquals(2, lines.size(), lines::toString);
    assertEquals(lines.getFirst(), lines.getLast());
    return lines;
  }

  @Test
  void theSecondRunsOnOnednn() {
    List<String> lines = lines();
    assertTrue(lines.getFirst().startsWith("[int8 onednn]"), lines::toString);
  }

  @Test
  void aCapThatStandsAlreadyIsTheSecondsToo() {
    Machine.requireX86();
    List<String> lines = lines("octet.maxIsa=avx2");
    assertTrue(lines.getFirst().startsWith("[int8 "), lines::toString);
  }

  @Test
  void theFirstsLibtorchIsTheSecondsToo() {
    boolean fbgemm =
        Cpu.backends().stream().anyMatch(b -> b.name().equals("fbgemm") && b.available());
    List<String> lines = lines("octet.backend=fbgemm");
    assertEquals(fbgemm, lines.getFirst().contains("int8 fbgemm"), lines::toString);
  }
}
