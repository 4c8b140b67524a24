package io.octet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// A model may be as deep as its file is long: what recurses along it ends the stack. Whatever
/// calls itself, directly or through others, stands here with what bounds its depth.
class RecursionTest {
  private static final String RACE = "a layer lowers what stands behind it, which is no layer";

  private static final String FORMS = "a layer's form of weights, and a kernel's of that";

  private static final String NESTED = "subgraphs, as deep as protobuf reads messages: a hundred";

  private static final Map<String, String> BOUNDED =
      Map.ofEntries(
          Map.entry("io.octet.nn.LayerGraph.append", "LayerGraph.DEEPEST"),
          Map.entry("io.octet.nn.LayerGraph.child", "LayerGraph.DEEPEST"),
          Map.entry("io.octet.tensor.Dim.bind", "Operands.LONGEST_EXPRESSION"),
          Map.entry("io.octet.tensor.Expression.bound", "Operands.LONGEST_EXPRESSION"),
          Map.entry("io.octet.internal.lower.Lowering.available", "Lowering.LONGEST_CHAIN"),
          Map.entry("io.octet.internal.pass.FuseGelu.term", "FuseGelu.DEEPEST"),
          Map.entry("io.octet.internal.plan.PlanCache.get", "a level for each failed caller"),
          Map.entry("io.octet.internal.plan.PlanCache.make", "a level for each failed caller"),
          Map.entry("io.octet.internal.plan.StackRoom.descend", "its argument, a constant"),
          Map.entry("io.octet.internal.kernel.Constant.forget", FORMS),
          Map.entry("io.octet.internal.kernel.Constant.trim", FORMS),
          Map.entry("io.octet.internal.lower.Convolution.lower", RACE),
          Map.entry("io.octet.internal.lower.Product.lower", RACE),
          Map.entry("io.octet.internal.lower.DynamicLayers.lower", RACE),
          Map.entry("io.octet.internal.lower.DynamicLayers.sums", RACE),
          Map.entry("io.octet.internal.lower.DynamicLayers.tail", RACE),
          Map.entry("io.octet.internal.lower.LayerForms.lower", RACE),
          Map.entry("io.octet.internal.lower.LayerForms.againstInt8", RACE),
          Map.entry("io.octet.internal.lower.LayerForms.raced", RACE),
          Map.entry("io.octet.internal.lower.LayerForms.int8", RACE),
          Map.entry("io.octet.internal.lower.LayerForms.f32", RACE),
          Map.entry("io.octet.internal.lower.Lowering.lower", RACE),
          Map.entry("io.octet.internal.lower.Lowering.lowerIn", RACE),
          Map.entry("io.octet.onnx.Renaming.attribute", NESTED),
          Map.entry("io.octet.onnx.Renaming.graph", NESTED),
          Map.entry("io.octet.onnx.Renaming.node", NESTED),
          Map.entry("io.octet.onnx.Renaming.reads", NESTED),
          Map.entry("io.octet.internal.lower.Values.forms", "drafts in drafts: five levels"),
          Map.entry("io.octet.internal.ffi.Mounts.real", "the folders of a path"),
          Map.entry("io.octet.internal.kernel.onednn.ArgumentList.name", "two flags, each once"),
          Map.entry("io.octet.internal.kernel.onednn.MemoryDesc.strided", "a scalar, once"));

  @Test
  void nothingRecursesWithoutABound() {
    JavaClasses octet =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.octet");
    Set<String> recursive = new TreeSet<>();
    for (JavaClass type : octet) {
      for (JavaCodeUnit unit : type.getCodeUnits()) {
        if (reachesItself(unit)) {
          recursive.add(type.getName() + "." + unit.getName());
        }
      }
    }
    recursive.removeAll(BOUNDED.keySet());
    assertEquals(Set.of(), recursive);
  }

  private static boolean reachesItself(JavaCodeUnit start) {
    Set<JavaCodeUnit> seen = new HashSet<>();
    Deque<JavaCodeUnit> open = new ArrayDeque<>(Set.of(start));
    while (!open.isEmpty()) {
      for (JavaMethodCall call : open.remove().getMethodCallsFromSelf()) {
        JavaCodeUnit called = call.getTarget().resolveMember().orElse(null);
        if (start.equals(called)) {
          return true;
        }
        if (called != null && called.getOwner().getName().startsWith("io.octet")) {
          if (seen.add(called)) {
            open.add(called);
          }
        }
      }
    }
    return false;
  }
}
