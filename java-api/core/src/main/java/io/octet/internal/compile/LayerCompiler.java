package io.octet.internal.compile;

import io.octet.OctetException.Unsupported;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.kernel.Kernel;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.PostOps;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.lower.Reason;
import io.octet.internal.plan.Buffer;
import io.octet.internal.plan.ConstantStore;
import io.octet.internal.plan.NodePlan;
import io.octet.internal.plan.Plan;
import io.octet.internal.plan.PlanBuilder;
import io.octet.internal.select.Registry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Turns one int8 layer into a plan, without a graph: the same registry and the same kernels as the
/// graph's. A residual that no kernel takes as int8 is made float by a step in front. Thread-safe.
public final class LayerCompiler {
  private final String name;
  private final Registry registry;
  private final KernelContext context;
  private final ConstantStore constants;

  /// @param name of the layer, in reports and errors
  /// @param constants those of all plans
  public LayerCompiler(
      String name, Registry registry, KernelContext context, ConstantStore constants) {
    this.name = name;
    this.registry = registry;
    this.context = context;
    this.constants = constants;
  }

  /// The plan of a layer: input 0 is x, input 1 the residual where there is one, output 0 is y, all
  /// of them in the layer's own layout.
  ///
  /// @param layer the convolution or linear layer with these post-ops
  /// @param post clamp, and the residual as the caller has it
  /// @throws Unsupported with every refusal, where no backend runs it in int8
  public Plan compile(Function<PostOps, KernelSpec> layer, PostOps post) {
    KernelSpec asked = layer.apply(post);
    Registry.Selection direct = registry.select(asked, context);
    if (direct.kernel() != null) {
      return assemble(asked, asked, List.of(direct.kernel()));
    }
    if (post.hasResidual()) {
      TensorDesc given = post.residual();
      TensorDesc real = TensorDesc.f32(given.layout(), given.shape());
      KernelSpec behind = layer.apply(post.withResidual(real));
      Kernel main = registry.select(behind, context).kernel();
      if (main != null) {
        Kernel convert = registry.select(new KernelSpec.Convert(given, real), context).kernel();
        if (convert != null) {
          return assemble(asked, behind, List.of(convert, main));
        }
        main.close();
      }
    }
    throw new Unsupported(
        name
            + ": no backend here runs "
            + asked.describe()
            + " in int8: "
            + Reason.refusals(direct));
  }

  /// @param kernels the layer's, and in front of it the one that makes the residual float, if any;
  ///   the plan's from now on
  private Plan assemble(KernelSpec asked, KernelSpec run, List<Kernel> kernels) {
    try (PlanBuilder plan = new PlanBuilder()) {
      TensorDesc x = asked.inputs().getFirst();
      List<Buffer> reads = new ArrayList<>(List.of(input(x, Buffer.Kind.INPUT)));
      plan.input(info("x", x), reads.getFirst());
      if (asked.inputs().size() > 1) {
        TensorDesc residual = asked.inputs().getLast();
        Buffer given = input(residual, Buffer.Kind.SPENT_INPUT);
        plan.input(info("residual", residual), given);
        reads.add(kernels.size() > 1 ? value(run.inputs().getLast()) : given);
        if (kernels.size() > 1) {
          plan.step(name, kernels.getFirst(), List.of(given), List.of(reads.getLast()));
        }
      }
      Buffer y = value(run.y());
      plan.step(name, kernels.getLast(), reads, List.of(y));
      plan.output(info("y", run.y()), y);
      plan.row(row(asked, kernels.getLast()));
      return plan.plan(constants);
    }
  }

  private NodePlan row(KernelSpec spec, Kernel kernel) {
    return new NodePlan(
        name,
        spec.getClass().getSimpleName(),
        kernel.backend(),
        kernel.implementation(),
        spec.isInt8(),
        spec.describe(),
        List.of(),
        List.of(),
        null,
        "",
        false,
        List.of());
  }

  private static Buffer input(TensorDesc value, Buffer.Kind kind) {
    return Buffer.input(kind, value.bytes());
  }

  private static Buffer value(TensorDesc value) {
    return Buffer.value(value.bytes());
  }

  private static ValueInfo info(String name, TensorDesc value) {
    return new ValueInfo(name, value.type(), value.shape());
  }
}
