package io.octet.kernel;

import io.octet.Verify;
import io.octet.internal.compile.LayerCompiler;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.MemoryBudget;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.plan.ConstantStore;
import io.octet.internal.plan.NodePlan;
import io.octet.internal.plan.Plan;
import io.octet.internal.plan.PlanPool;
import io.octet.internal.plan.Slot;
import io.octet.internal.plan.Workspace;
import io.octet.internal.select.Backends;
import io.octet.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.function.BiFunction;

/// Packed weights and their kernels, one for each batch and image size: what linear layers and
/// convolutions by themselves share. Native code works on this layer's own memory alone: a caller's
/// segment may be closed by another thread at any moment.
final class PackedLayer implements AutoCloseable {
  /// What kernels are told apart by; a linear layer's rows are images of one pixel.
  record Size(long batch, long height, long width) {}

  private static final String MORE_MEMORY =
      "run smaller inputs, or fewer at once (maxConcurrentRuns), or raise"
          + " the limit: KernelOptions.builder().memory(m -> m.limit(BYTES))";

  private final WeightsCache packed;
  private final ConstantStore constants;
  private final PlanPool<Size> pool;

  /// @param maker makes the plan for a size
  PackedLayer(
      QuantizedLayer layer, KernelOptions options, BiFunction<LayerCompiler, Size, Plan> maker) {
    MemoryBudget budget = new MemoryBudget(options.memory().limit(), MORE_MEMORY);
    packed = new WeightsCache(budget);
    constants = new ConstantStore(packed);
    LayerCompiler compiler =
        new LayerCompiler(
            layer.name(),
            Backends.preferring(options.backends(), Verify.preferred()),
            new KernelContext(options.threads().intraOp(), packed),
            constants);
    this.pool =
        new PlanPool<>(
            layer.name() + " layer",
            size -> maker.apply(compiler, size),
            options.memory().maxPlans(),
            options.threads().maxConcurrentRuns(),
            options.threads().intraOp());
    budget.onShortage(pool::reclaim);
  }

  /// Makes the kernel ready and names it.
  String prepare(Size size) {
    try (Slot slot = pool.take()) {
      NodePlan row = pool.workspace(slot, size).plan().rows().getFirst();
      return row.backend() + " " + row.kernel();
    }
  }

  /// Runs on checked segments. (Six parameters, because a record of them would be garbage.)
  ///
  /// @param residual null where the layer has none
  void run(
      long batch,
      long height,
      long width,
      MemorySegment x,
      MemorySegment residual,
      MemorySegment y) {
    try (Slot slot = pool.take()) {
      Workspace workspace = ready(slot, batch, height, width);
      if (workspace == null) {
        workspace = pool.workspace(slot, new Size(batch, height, width));
      }
      copy(x, workspace.input(0));
      if (residual != null) {
        copy(residual, workspace.input(1));
      }
      slot.run(workspace);
      copy(workspace.output(0), y);
    }
  }

  /// How many forms of the weights there are: one for each layout that kernels asked for.
  int packedForms() {
    return packed.size();
  }

  /// The slot's workspace for that size, found without a key to allocate; null where there is none.
  private static Workspace ready(Slot slot, long batch, long height, long width) {
    for (int i = 0; i < slot.size(); i++) {
      Shape x = slot.get(i).plan().inputs().getFirst().info().shape();
      boolean image = x.rank() == 4;
      boolean same = x.size(0) == batch && (!image || x.size(2) == height && x.size(3) == width);
      if (same && !slot.get(i).isSpoilt()) {
        return slot.get(i);
      }
    }
    return null;
  }

  private static void copy(MemorySegment from, MemorySegment to) {
    MemorySegment.copy(from, 0, to, 0, to.byteSize());
  }

  @Override
  public void close() {
    pool.close(constants);
  }
}
