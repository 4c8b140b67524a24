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
import io.octet.internal.plan.Step;
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

  /// @param kernels the layer's, and in front of it the one that makes the residual float, if any
  private Plan assemble(KernelSpec asked, KernelSpec run, List<Kernel> kernels) {
    try {
      TensorDesc x = asked.inputs().getFirst();
      Kernel main = kernels.getLast();
      List<Buffer> buffers = new ArrayList<>(List.of(input(x, Buffer.Kind.INPUT)));
      List<Plan.Port> ports = new ArrayList<>(List.of(port("x", x, 0)));
      List<Integer> reads = new ArrayList<>(List.of(0));
      List<Step> steps = new ArrayList<>();
      if (asked.inputs().size() > 1) {
        TensorDesc residual = asked.inputs().getLast();
        buffers.add(input(residual, Buffer.Kind.SPENT_INPUT));
        ports.add(port("residual", residual, 1));
        if (kernels.size() > 1) {
          buffers.add(Buffer.value(run.inputs().getLast().bytes()));
          steps.add(new Step(name, kernels.getFirst(), List.of(1), 2));
        }
        reads.add(buffers.size() - 1);
      }
      buffers.add(Buffer.value(run.y().bytes()));
      int y = buffers.size() - 1;
      steps.add(new Step(name, main, reads, y));
      return new Plan(
          ports,
          List.of(port("y", run.y(), y)),
          buffers,
          steps,
          List.of(row(asked, main)),
          constants);
    } catch (RuntimeException | Error e) {
      kernels.forEach(Kernel::close);
      throw e;
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

  private static Buffer input(TensorDesc activation, Buffer.Kind kind) {
    return Buffer.input(kind, activation.bytes());
  }

  private static Plan.Port port(String name, TensorDesc activation, int buffer) {
    return new Plan.Port(new ValueInfo(name, activation.type(), activation.shape()), buffer);
  }
}
