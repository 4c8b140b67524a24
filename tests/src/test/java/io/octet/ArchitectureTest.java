package io.octet;

import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.octet.graph.op.Op;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Who may call whom, package by package: the table of the design, read out of the class files.
class ArchitectureTest {
  /// Each package may use those named and what they may use, and `io.octet` itself.
  private static final Map<String, List<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("io.octet", List.of()),
          Map.entry("io.octet.tensor", List.of()),
          Map.entry("io.octet.graph.op", List.of("io.octet.tensor")),
          Map.entry("io.octet.graph", List.of("io.octet.graph.op")),
          Map.entry("io.octet.nn", List.of("io.octet.graph")),
          Map.entry("io.octet.internal.reference", List.of("io.octet.graph.op")),
          Map.entry(
              "io.octet.internal.pass", List.of("io.octet.graph", "io.octet.internal.reference")),
          Map.entry("io.octet.quant.observe", List.of("io.octet.tensor")),
          Map.entry("io.octet.quant", List.of("io.octet.internal.pass", "io.octet.quant.observe")),
          Map.entry("io.octet.runtime", List.of("io.octet.internal.compile", "io.octet.quant")),
          Map.entry("io.octet.kernel", List.of("io.octet.internal.compile")),
          Map.entry("io.octet.cpu", List.of("io.octet.internal.ffi")),
          Map.entry("io.octet.internal.ffi", List.of()),
          Map.entry("io.octet.internal.file", List.of()),
          Map.entry(
              "io.octet.internal.kernel", List.of("io.octet.graph.op", "io.octet.internal.ffi")),
          Map.entry(
              "io.octet.internal.kernel.reference",
              List.of("io.octet.internal.kernel", "io.octet.internal.reference")),
          Map.entry(
              "io.octet.internal.kernel.jvm",
              List.of("io.octet.internal.kernel", "io.octet.internal.reference")),
          Map.entry(
              "io.octet.internal.kernel.onednn",
              List.of("io.octet.internal.kernel", "io.octet.internal.ffi")),
          Map.entry(
              "io.octet.internal.kernel.fbgemm",
              List.of("io.octet.internal.kernel", "io.octet.internal.ffi")),
          Map.entry("io.octet.internal.store", List.of("io.octet.internal.file")),
          Map.entry(
              "io.octet.internal.kernel.trust",
              List.of(
                  "io.octet.internal.kernel.reference", "io.octet.internal.store", "io.octet.cpu")),
          // Who chooses among the backends is alone in knowing which there are.
          Map.entry(
              "io.octet.internal.select",
              List.of(
                  "io.octet.internal.kernel.onednn",
                  "io.octet.internal.kernel.fbgemm",
                  "io.octet.internal.kernel.jvm",
                  "io.octet.internal.kernel.reference",
                  "io.octet.internal.kernel.trust",
                  "io.octet.cpu")),
          Map.entry("io.octet.internal.plan", List.of("io.octet.internal.kernel")),
          Map.entry("io.octet.internal.tune", List.of("io.octet.internal.plan")),
          Map.entry(
              "io.octet.internal.lower",
              List.of(
                  "io.octet.internal.pass", "io.octet.internal.select", "io.octet.internal.plan")),
          Map.entry(
              "io.octet.internal.compile",
              List.of("io.octet.internal.lower", "io.octet.internal.tune")),
          Map.entry("io.octet.io", List.of("io.octet.quant", "io.octet.internal.file")),
          Map.entry("io.octet.onnx.op", List.of("io.octet.graph")),
          Map.entry(
              "io.octet.onnx",
              List.of("io.octet.onnx.op", "io.octet.internal.pass", "io.octet.internal.file")),
          Map.entry("io.octet.cli", List.of("io.octet.io", "io.octet.onnx", "io.octet.runtime")));

  private static final Set<String> OUTSIDE_CORE =
      Set.of("io.octet.io", "io.octet.onnx", "io.octet.onnx.op", "io.octet.cli");

  private static JavaClasses octet;

  @BeforeAll
  static void readTheClassFiles() {
    octet =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.octet");
    assertTrue(octet.size() > 50, () -> "only " + octet.size() + " classes were found");
  }

  @Test
  void everyPackageHasARowInTheTable() {
    Set<String> packages = new TreeSet<>();
    octet.forEach(type -> packages.add(packageOf(type)));
    packages.removeAll(MAY_USE.keySet());
    assertEquals(Set.of(), packages);
  }

  @Test
  void packagesUseOnlyThoseBelowThem() {
    assertEquals(
        Set.of(),
        uses(type -> true, used -> used.startsWith("io.octet"), ArchitectureTest::isAllowed));
  }

  @Test
  void nothingIsGrantedThatNobodyUses() {
    Set<String> used = new TreeSet<>();
    for (JavaClass type : octet) {
      type.getDirectDependenciesFromSelf()
          .forEach(use -> used.add(packageOf(type) + " -> " + packageOf(use.getTargetClass())));
    }
    Set<String> unused = new TreeSet<>();
    MAY_USE.forEach((from, granted) -> granted.forEach(to -> unused.add(from + " -> " + to)));
    unused.removeAll(used);
    assertEquals(Set.of(), unused);
  }

  @Test
  void coreNeedsNothingButJava() {
    assertEquals(
        Set.of(),
        uses(
            type -> !OUTSIDE_CORE.contains(packageOf(type)),
            used -> !used.startsWith("io.octet"),
            (from, to) -> to.startsWith("java.")));
  }

  @Test
  void linkerIsUsedInTheBindingsAlone() {
    Set<String> users = new TreeSet<>();
    for (JavaClass type : octet) {
      type.getDirectDependenciesFromSelf().stream()
          .filter(use -> use.getTargetClass().getName().startsWith("java.lang.foreign.Linker"))
          .forEach(use -> users.add(packageOf(type)));
    }
    assertEquals(Set.of("io.octet.internal.ffi"), users);
  }

  /// Closing one stops all threads of the process for a moment: a session of fifty layers that had
  /// one for each kernel took 57 ms to close beside a thousand threads. None is left in core.
  @Test
  void nothingInCoreOpensASharedArena() {
    Set<String> users = new TreeSet<>();
    for (JavaClass type : octet) {
      type.getMethodCallsFromSelf().stream()
          .filter(call -> call.getTarget().getFullName().startsWith("java.lang.foreign.Arena.of"))
          .filter(call -> call.getTarget().getName().equals("ofShared"))
          .filter(call -> !OUTSIDE_CORE.contains(packageOf(type)))
          .forEach(call -> users.add(call.getDescription()));
    }
    assertEquals(Set.of(), users);
  }

  /// A name means one thing, but for an operator or its family, whose files on different floors
  /// have the same.
  @Test
  void noTwoClassesHaveOneName() {
    Set<String> operators = new TreeSet<>();
    Op.members().forEach(m -> operators.add(m.getSimpleName()));
    Op.members().forEach(m -> operators.add(m.getEnclosingClass().getSimpleName()));
    Map<String, Set<String>> packages = new TreeMap<>();
    for (JavaClass type : octet) {
      boolean named = !type.isNestedClass() && !type.getSimpleName().equals("package-info");
      if (named && !operators.contains(type.getSimpleName())) {
        packages
            .computeIfAbsent(type.getSimpleName(), _ -> new TreeSet<>())
            .add(type.getPackageName());
      }
    }
    packages.values().removeIf(in -> in.size() < 2);
    assertEquals(Map.of(), packages);
  }

  private interface Rule {
    boolean allows(String from, String to);
  }

  /// The uses that break the rule, a line each.
  private static Set<String> uses(Predicate<JavaClass> from, Predicate<String> to, Rule rule) {
    return octet.stream()
        .filter(from)
        .flatMap(type -> type.getDirectDependenciesFromSelf().stream())
        .filter(use -> !use.getTargetClass().getBaseComponentType().isPrimitive())
        .filter(use -> to.test(packageOf(use.getTargetClass())))
        .filter(
            use -> !rule.allows(packageOf(use.getOriginClass()), packageOf(use.getTargetClass())))
        .map(use -> use.getDescription())
        .collect(toCollection(TreeSet::new));
  }

  /// What lies inside the command is its own affair.
  private static String packageOf(JavaClass type) {
    String name = type.getBaseComponentType().getPackageName();
    return name.startsWith("io.octet.cli.") ? "io.octet.cli" : name;
  }

  private static boolean isAllowed(String from, String to) {
    return to.equals("io.octet") || reach(from).contains(to);
  }

  private static Set<String> reach(String start) {
    Set<String> seen = new LinkedHashSet<>(Set.of(start));
    Deque<String> open = new ArrayDeque<>(seen);
    while (!open.isEmpty()) {
      Stream<String> next = MAY_USE.getOrDefault(open.pop(), List.of()).stream();
      next.filter(seen::add).forEach(open::push);
    }
    return seen;
  }
}
