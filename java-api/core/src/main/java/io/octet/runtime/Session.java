package io.octet.runtime;

import io.octet.MemoryLimits;
import io.octet.Threads;
import io.octet.graph.Graph;
import io.octet.graph.ShapeInference;
import io.octet.graph.op.ValueInfo;
import io.octet.internal.compile.Compiler;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.MemoryBudget;
import io.octet.internal.kernel.WeightsCache;
import io.octet.internal.lower.CompileOptions;
import io.octet.internal.pass.Prepare;
import io.octet.internal.pass.Prepared;
import io.octet.internal.plan.ConstantStore;
import io.octet.internal.plan.NodePlan;
import io.octet.internal.plan.Plan;
import io.octet.internal.plan.PlanPool;
import io.octet.internal.plan.Slot;
import io.octet.internal.plan.StackRoom;
import io.octet.internal.plan.Workspace;
import io.octet.internal.select.Backends;
import io.octet.internal.tune.Stopwatch;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// A network ready to run, in FP32 or, where the graph carries QuantizeLinear and DequantizeLinear
/// nodes, in int8. Weights are packed once; a plan is made for each set of concrete input shapes
/// (and of what small inputs hold that decide shapes, such as the `shape` of a Reshape) at its
/// first run, and a quantized network's first when it is opened. Any number of threads may run one
/// session; {@link Threads#maxConcurrentRuns()} of them run at once, the others wait their turn.
public final class Session implements AutoCloseable {
  private static final String MORE_MEMORY =
      "run smaller inputs, or fewer at once (maxConcurrentRuns), or raise"
          + " the limit: SessionOptions.builder().memory(m -> m.limit(BYTES))";

  /// The network; of one with fixed shapes the edges alone, and no weights.
  private final Graph graph;

  private final List<ValueInfo> outputs;
  private final SessionOptions options;
  private final Arguments arguments;
  private final ConstantStore constants;
  private final PlanPool<Request> pool;
  private final FallbackCheck fallbacks;
  private final boolean isFixed;

  /// Places of the inputs whose elements decide shapes.
  private final int[] deciding;

  private volatile Compiler compiler; // null once nothing is left to compile

  private Session(Graph given, SessionOptions options, Stopwatch stopwatch) {
    Prepared made = Prepare.prepare(given);
    Graph prepared = made.graph();
    this.deciding = Request.deciding(prepared, made.values());
    this.isFixed =
        deciding.length == 0 && given.inputs().stream().allMatch(i -> i.shape().isConcrete());
    this.graph = isFixed ? edges(prepared) : prepared;
    this.options = options;
    this.arguments = new Arguments(graph, options.checks().refuseNan());
    this.outputs = given.outputs().stream().map(o -> made.values().get(o.name())).toList();
    MemoryBudget budget = new MemoryBudget(options.memory().limit(), MORE_MEMORY);
    WeightsCache packed = new WeightsCache(budget);
    this.constants = new ConstantStore(packed);
    Compiler int8 =
        new Compiler(
            prepared,
            Backends.preferring(options.kernels().backends(), options.kernels().verify()),
            new KernelContext(options.threads().intraOp(), packed),
            constants,
            new CompileOptions(options.kernels().exact(), false));
    this.compiler = options.kernels().measured() ? int8.measuring(stopwatch) : int8;
    this.fallbacks = new FallbackCheck(prepared, options.checks().fallback());
    this.pool =
        new PlanPool<>(
            "session",
            this::make,
            options.memory().maxPlans(),
            options.threads().maxConcurrentRuns(),
            options.threads().intraOp());
    // The only plan of fixed shapes could not be made again.
    budget.onShortage(isFixed ? pool::reclaimWorkspaces : pool::reclaim);
  }

  private static Graph edges(Graph graph) {
    return new Graph(graph.name(), graph.inputs(), List.of(), Map.of(), List.of());
  }

  private Plan make(Request request) {
    Compiler with = compiler;
    if (with == null) {
      ShapeInference.infer(graph, request.shapes()); // says what is wrong with them
      throw new IllegalStateException("the only plan of \"" + graph.name() + "\" is gone");
    }
    Map<String, Tensor> known = request.known(graph.inputs(), deciding);
    Plan made = fallbacks.checked(with.compile(request.shapes(), known));
    constants.trim();
    return made;
  }

  /// Once the only plan of fixed shapes is there, nobody wants the weights as they were any more.
  private void forget() {
    if (isFixed && compiler != null) {
      compiler = null;
      constants.forget();
    }
  }

  /// Opens a session with {@link SessionOptions#defaults()}.
  ///
  /// @throws io.octet.OctetException.InvalidModel if shapes or types contradict an operator, or a
  ///   constant holds NaN: the message names the node or tensor
  public static Session open(Graph graph) {
    return open(graph, SessionOptions.defaults());
  }

  /// Opens a session, and warns where oneDNN cannot be loaded. Unless fallbacks are allowed, a
  /// quantized network's plan for free axes of 1 is made now, so that they are heard of now; where
  /// the network cannot run on such inputs, its first plan tells of them.
  ///
  /// @throws io.octet.OctetException.InvalidModel if shapes or types contradict an operator, or a
  ///   constant holds NaN: the message names the node or tensor
  /// @throws io.octet.OctetException.Unsupported under {@link FallbackPolicy#FAIL}, if a node is
  ///   forced back to FP32, and the message lists all of them; or if the process cannot start the
  ///   threads that the options ask for
  public static Session open(Graph graph, SessionOptions options) {
    return open(graph, options, Stopwatch.REAL);
  }

  /// With another stopwatch for {@link SessionOptions.Kernels#measured()}.
  static Session open(Graph graph, SessionOptions options, Stopwatch stopwatch) {
    StackRoom.requireToMake();
    Session session = new Session(graph, options, stopwatch);
    try {
      LostEngine.tell();
      session.tellOfFallbacks();
    } catch (RuntimeException | Error e) {
      session.close();
      throw e;
    }
    return session;
  }

  private void tellOfFallbacks() {
    if (fallbacks.isDue() && deciding.length == 0) {
      arguments.ones().ifPresent(shapes -> rows(Request.of(shapes)));
    }
  }

  /// What counts against {@link MemoryLimits#limit()} now.
  long heldBytes() {
    return constants.budget().held();
  }

  /// Names, types and shapes of the inputs, free axes included.
  public List<ValueInfo> inputs() {
    return graph.inputs();
  }

  /// Names, types and shapes of the outputs, free axes included.
  public List<ValueInfo> outputs() {
    return outputs;
  }

  /// The outputs' concrete shapes for inputs of these shapes.
  public List<ValueInfo> outputs(Map<String, Shape> inputShapes) {
    Map<String, ValueInfo> infos = ShapeInference.infer(graph, inputShapes);
    return isFixed ? outputs : graph.outputs().stream().map(o -> infos.get(o.name())).toList();
  }

  /// How this session runs.
  public SessionOptions options() {
    return options;
  }

  /// Runs the network.
  ///
  /// NaN in a float input is refused, unless {@link SessionOptions.Checks#refuseNan()} says
  /// otherwise. For NaN that is let in or arises inside, and for infinities: sums, products, means
  /// and what moves values keep them; QuantizeLinear takes NaN as 0 and saturates infinities.
  /// Java's kernels keep NaN everywhere else, too. On oneDNN a clamp (Relu, Clip, HardSigmoid, also
  /// inside a layer or a sum), MaxPool and Softmax may give a number in its place, MaxPool the
  /// lowest float for negative infinity; and a layer whose float residual holds NaN quantizes it to
  /// some value of the range.
  ///
  /// @param inputs every input by name, row-major (images NCHW)
  /// @param arena where the results are allocated
  /// @return every output by name
  /// @throws IllegalArgumentException if an input is missing, unknown, of another type or shape, or
  ///   holds NaN
  /// @throws IllegalStateException if this session is closed
  /// @throws io.octet.OctetException.Unsupported if that takes more memory than {@link
  ///   MemoryLimits#limit()}
  public Map<String, Tensor> run(Map<String, Tensor> inputs, Arena arena) {
    Request request = request(inputs);
    try (Slot slot = pool.take()) {
      Workspace workspace = workspace(slot, request);
      Plan plan = workspace.plan();
      copyIn(inputs, workspace);
      slot.run(workspace);
      Map<String, Tensor> results = new LinkedHashMap<>();
      for (int i = 0; i < plan.outputs().size(); i++) {
        ValueInfo info = plan.outputs().get(i).info();
        Tensor result = Tensor.allocate(arena, info.type(), info.shape());
        copy(workspace.output(i), result.data());
        results.put(info.name(), result);
      }
      return results;
    }
  }

  /// Checks memory for inputs and outputs once, for runs that allocate nothing.
  ///
  /// A run reads all inputs before it writes the first output, and writes none where it fails
  /// before. So memory may be input and output at once: a recurrent network whose state is bound on
  /// both sides goes one step further with each run. Two outputs may not share memory.
  ///
  /// @param inputs every input by name
  /// @param outputs the outputs that are wanted, by name; writable, of the shapes that {@link
  ///   #outputs(Map)} gives
  /// @throws IllegalArgumentException if a name, type or shape is not the network's, or outputs
  ///   overlap
  public Binding bind(Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
    Request request = request(inputs);
    try (Slot slot = pool.take()) {
      Plan plan = workspace(slot, request).plan();
      return new Binding(this, request, plan, memory(inputs), Arguments.outputs(plan, outputs));
    }
  }

  private Request request(Map<String, Tensor> inputs) {
    Map<String, Shape> shapes = arguments.check(inputs);
    return deciding.length == 0 ? Request.of(shapes) : Request.of(shapes, deciding, memory(inputs));
  }

  /// In the order of the inputs, which is that of every plan.
  private MemorySegment[] memory(Map<String, Tensor> inputs) {
    return graph.inputs().stream()
        .map(input -> inputs.get(input.name()).data())
        .toArray(MemorySegment[]::new);
  }

  /// Runs the network on a binding's memory.
  ///
  /// @throws IllegalArgumentException if an input holds NaN, as in {@link #run(Map, Arena)}
  /// @throws IllegalStateException if this session is closed, or memory of the binding is
  public void run(Binding binding) {
    if (binding.session != this) {
      throw new IllegalArgumentException("this binding belongs to another session");
    }
    try (Slot slot = pool.take()) {
      if (deciding.length > 0 && !binding.request.holds(deciding, binding.inputs)) {
        follow(binding, slot);
      }
      Workspace workspace = binding.plan.isRetired() ? null : slot.workspace(binding.plan);
      if (workspace == null) {
        workspace = workspace(slot, binding.request);
        binding.plan = workspace.plan();
      }
      for (int i = 0; i < binding.inputs.length; i++) {
        copy(binding.inputs[i], workspace.input(i));
      }
      if (options.checks().refuseNan()) {
        Arguments.checkNumbers(workspace);
      }
      slot.run(workspace);
      for (int i = 0; i < binding.outputs.length; i++) {
        if (binding.outputs[i] != null) {
          copy(workspace.output(i), binding.outputs[i]);
        }
      }
    }
  }

  /// What decides shapes has changed: another plan is wanted.
  private void follow(Binding binding, Slot slot) {
    Request request = Request.of(binding.request.shapes(), deciding, binding.inputs);
    Plan plan = pool.plan(slot, request);
    for (int i = 0; i < binding.outputs.length; i++) {
      ValueInfo made = plan.outputs().get(i).info();
      ValueInfo bound = binding.plan.outputs().get(i).info();
      if (binding.outputs[i] != null && !made.shape().equals(bound.shape())) {
        throw new IllegalArgumentException(
            "output \""
                + made.name()
                + "\" is "
                + made.type()
                + made.shape()
                + " for what the inputs hold now, but was bound as "
                + bound.shape());
      }
    }
    binding.request = request;
    binding.plan = plan;
  }

  /// What became of each node, with every free axis 1.
  ///
  /// @throws IllegalArgumentException if the network cannot run on such inputs
  public List<NodeReport> explain() {
    return explain(Map.of());
  }

  /// What became of each node, for inputs of these shapes; free axes that they leave open are 1.
  /// Makes the plan, and no memory to run it. Nodes that a run has no work for have no row: their
  /// results follow from constants and shapes, or nobody reads them.
  ///
  /// @throws IllegalArgumentException if the network cannot run on such inputs: the message says
  ///   which free axes are not given
  public List<NodeReport> explain(Map<String, Shape> inputShapes) {
    if (deciding.length > 0) {
      throw new IllegalArgumentException(
          "what "
              + IntStream.of(deciding).mapToObj(graph.inputs()::get).toList()
              + " hold decides shapes: there is a plan only for given values");
    }
    return rows(Request.of(arguments.concrete(inputShapes))).stream().map(NodeReport::of).toList();
  }

  private List<NodePlan> rows(Request request) {
    try (Slot slot = pool.take()) {
      Plan plan = pool.plan(slot, request);
      forget();
      return plan.rows();
    }
  }

  private Workspace workspace(Slot slot, Request request) {
    Workspace workspace = pool.workspace(slot, request);
    forget();
    return workspace;
  }

  /// Runs the network `runs` times and measures each node.
  ///
  /// @param inputs every input by name
  /// @param runs how many times, at least 1; the first is not counted where there are several
  /// @throws IllegalArgumentException if an input is not the network's, or `runs` is less than 1
  public List<NodeTime> profile(Map<String, Tensor> inputs, int runs) {
    if (runs < 1) {
      throw new IllegalArgumentException("runs must be at least 1, but is " + runs);
    }
    Request request = request(inputs);
    try (Slot slot = pool.take()) {
      Workspace workspace = workspace(slot, request);
      Plan plan = workspace.plan();
      if (runs > 1) {
        copyIn(inputs, workspace);
        slot.run(workspace);
      }
      int counted = Math.max(1, runs - 1);
      long[] nanos = new long[plan.labels().size()];
      for (int i = 0; i < counted; i++) {
        copyIn(inputs, workspace); // anew: later values may lie where the inputs were
        slot.run(workspace, nanos);
      }
      Map<String, Double> byNode = new LinkedHashMap<>();
      for (int i = 0; i < nanos.length; i++) {
        byNode.merge(plan.labels().get(i), nanos[i] / (double) counted, Double::sum);
      }
      return byNode.entrySet().stream().map(e -> new NodeTime(e.getKey(), e.getValue())).toList();
    }
  }

  /// Refuses new runs and those still waiting, completes those that have begun, and frees
  /// everything. May be called twice.
  @Override
  public void close() {
    pool.close(constants);
  }

  private static void copyIn(Map<String, Tensor> inputs, Workspace workspace) {
    List<Plan.Port> ports = workspace.plan().inputs();
    for (int i = 0; i < ports.size(); i++) {
      copy(inputs.get(ports.get(i).info().name()).data(), workspace.input(i));
    }
  }

  private static void copy(MemorySegment from, MemorySegment to) {
    MemorySegment.copy(from, 0, to, 0, to.byteSize());
  }
}
