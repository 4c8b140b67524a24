package io.octet.graph.op;

import static io.octet.tensor.DataType.F32;
import static io.octet.tensor.DataType.F64;
import static io.octet.tensor.DataType.S64;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/// What gives data another size along some axes by interpolation.
public sealed interface Resampling extends Op {
  /// Inputs: X, optional roi (beginnings of all axes, then ends, as parts of their sizes: only
  /// {@link Coordinates#TF_CROP_AND_RESIZE} reads it), and scales or sizes, one for each of `axes`.
  ///
  /// @param mode how values between pixels are made
  /// @param coordinates where the pixels of the output lie in the input
  /// @param nearest which pixel is the nearest, where the mode takes that
  /// @param cubicA the coefficient of the cubic mode
  /// @param excludeOutside whether pixels beyond the borders weigh nothing; else the border goes on
  /// @param extrapolation what lies beyond the borders with {@link Coordinates#TF_CROP_AND_RESIZE}
  /// @param antialias whether all pixels that one of a smaller output covers count
  /// @param policy what sizes mean
  /// @param axes which axes scales and sizes are of; all of them where there are none
  record Resize(
      Mode mode,
      Coordinates coordinates,
      Nearest nearest,
      float cubicA,
      boolean excludeOutside,
      float extrapolation,
      boolean antialias,
      Policy policy,
      List<Integer> axes)
      implements Resampling {
    /// Copies the list, and refuses to smooth what takes one pixel.
    public Resize {
      axes = List.copyOf(axes);
      if (antialias && mode == Mode.NEAREST) {
        throw new IllegalArgumentException("antialias needs mode linear or cubic");
      }
    }

    /// Of all axes, with ONNX's defaults.
    public static Resize of(Mode mode, Coordinates coordinates, Nearest nearest) {
      return new Resize(
          mode, coordinates, nearest, -0.75f, false, 0, false, Policy.STRETCH, List.of());
    }

    /// The places of scales and sizes among the axes of data of that rank.
    ///
    /// @throws io.octet.OctetException.InvalidModel if they are none
    private List<Integer> places(Operands in) {
      int rank = in.shape(0).rank();
      if (axes.isEmpty()) {
        return IntStream.range(0, rank).boxed().toList();
      }
      List<Integer> places = axes.stream().map(axis -> in.axis(0, axis)).toList();
      if (new HashSet<>(places).size() < places.size()) {
        throw in.invalid("axes " + axes + " name one twice");
      }
      return places;
    }

    /// The scale of each axis of data of shape `x`.
    ///
    /// @param y the output's shape
    /// @param scales null where there are sizes
    /// @param sizes of which nothing is needed but with a policy; null otherwise
    public float[] scales(Shape x, Shape y, Tensor scales, Tensor sizes) {
      float[] all = new float[x.rank()];
      Arrays.fill(all, 1);
      List<Integer> places =
          axes.isEmpty()
              ? IntStream.range(0, x.rank()).boxed().toList()
              : axes.stream().map(axis -> x.axis(axis).orElseThrow()).toList();
      for (int i = 0; i < places.size(); i++) {
        int axis = places.get(i);
        float stretched = (float) y.size(axis) / x.size(axis);
        all[axis] =
            scales != null
                ? scales.getFloat(i)
                : policy == Policy.STRETCH ? stretched : (float) sizes.getInteger(i) / x.size(axis);
      }
      if (scales == null && policy != Policy.STRETCH) {
        float one = all[places.getFirst()];
        for (int axis : places) {
          one = policy == Policy.NOT_LARGER ? Math.min(one, all[axis]) : Math.max(one, all[axis]);
        }
        for (int axis : places) {
          all[axis] = one;
        }
      }
      return all;
    }

    /// Beginnings of all axes, then ends, as parts of their sizes.
    ///
    /// @param roi null where there is none
    public float[] region(int rank, Tensor roi) {
      float[] region = new float[2 * rank];
      Arrays.fill(region, rank, 2 * rank, 1);
      if (roi == null || coordinates != Coordinates.TF_CROP_AND_RESIZE) {
        return region;
      }
      int count = axes.isEmpty() ? rank : axes.size();
      for (int i = 0; i < count; i++) {
        int axis = axes.isEmpty() ? i : Math.floorMod(axes.get(i), rank);
        region[axis] = (float) roi.getReal(i);
        region[rank + axis] = (float) roi.getReal(count + i);
      }
      return region;
    }
  }

  /// How values between pixels are made.
  enum Mode {
    /// The nearest pixel.
    NEAREST,
    /// Two pixels along each axis.
    LINEAR,
    /// Four pixels along each axis.
    CUBIC
  }

  /// Where pixel `x` of the output lies in the input: ONNX's formulas.
  enum Coordinates {
    /// `(x + 0.5) / scale - 0.5`.
    HALF_PIXEL,
    /// The same, with the middle of the output in that of the input.
    HALF_PIXEL_SYMMETRIC,
    /// The same as the first, but 0 where the output has one pixel.
    PYTORCH_HALF_PIXEL,
    /// The outermost pixels lie upon each other.
    ALIGN_CORNERS,
    /// `x / scale`.
    ASYMMETRIC,
    /// `(x + 0.5) / scale`, of opset 11 alone.
    TF_HALF_PIXEL_FOR_NN,
    /// The outermost pixels lie upon the borders of a region.
    TF_CROP_AND_RESIZE
  }

  /// Which pixel is the nearest.
  enum Nearest {
    /// The nearer one, of two the one before.
    ROUND_PREFER_FLOOR,
    /// The nearer one, of two the one behind.
    ROUND_PREFER_CEIL,
    /// The one before.
    FLOOR,
    /// The one behind.
    CEIL
  }

  /// What sizes mean.
  enum Policy {
    /// Those are the sizes.
    STRETCH,
    /// One scale for all, so that no axis is larger.
    NOT_LARGER,
    /// One scale for all, so that no axis is smaller.
    NOT_SMALLER
  }

  /// How values between pixels are made.
  Mode mode();

  /// Where the pixels of the output lie in the input.
  Coordinates coordinates();

  /// Which pixel is the nearest.
  Nearest nearest();

  /// The coefficient of the cubic mode.
  float cubicA();

  /// Whether pixels beyond the borders weigh nothing.
  boolean excludeOutside();

  /// What lies beyond the borders of a region.
  float extrapolation();

  /// Whether all pixels that one of a smaller output covers count.
  boolean antialias();

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        Signature.of("Resize")
            .since(10)
            .alsoInt8()
            .in("T", "X")
            .optional("R", "roi")
            .optional("S", "scales")
            .optional("I", "sizes")
            .out("T", "Y")
            .where("T", Signature.ANY)
            .where("R", F32, F64)
            .where("S", F32)
            .where("I", S64));
  }

  @Override
  default Traits traits() {
    return switch (this) {
      case Resize r -> {
        boolean extrapolates = r.coordinates() == Coordinates.TF_CROP_AND_RESIZE;
        Values values =
            extrapolates || r.mode() == Mode.CUBIC
                ? Values.NEW
                : r.mode() == Mode.NEAREST ? Values.PICKED : Values.AVERAGED;
        yield Traits.of(values, Axes.SPATIAL, signature().int8());
      }
    };
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    return switch (this) {
      case Resize r -> in.result(in.type(0), resized(in, r));
    };
  }

  private static Shape resized(Operands in, Resize op) {
    List<Integer> places = op.places(in);
    boolean scaled = in.has(2);
    if (scaled == in.has(3)) {
      throw in.invalid("needs either scales or sizes");
    }
    requireRegion(in, op, places.size());
    Shape y = in.shape(0);
    List<Dim> sizes = scaled ? scaled(in, places) : sized(in, op, places);
    for (int i = 0; i < places.size(); i++) {
      Dim size = sizes.get(i);
      long number = size.number().orElse(1);
      if (number < 1 || number > Window.LARGEST_IMAGE) {
        throw in.invalid("axis " + places.get(i) + " of " + in.shape(0) + " is resized to " + size);
      }
      if (y.dim(places.get(i)).number().orElse(1) == 0) {
        throw in.invalid("axis " + places.get(i) + " of " + in.shape(0) + " has nothing to resize");
      }
      y = y.with(places.get(i), size);
    }
    in.requireShort(y.dims());
    return y;
  }

  private static void requireRegion(Operands in, Resize op, int axes) {
    if (op.coordinates() != Coordinates.TF_CROP_AND_RESIZE) {
      return;
    }
    if (!in.has(1)) {
      throw in.invalid("needs a roi");
    }
    in.requireVector(1, "roi", Dim.of(2L * axes));
  }

  private static List<Dim> scaled(Operands in, List<Integer> places) {
    in.requireVector(2, "scales", Dim.of(places.size()));
    Tensor scales = in.decided(2).orElse(null);
    if (scales == null) {
      Dim unknown = new Dim.Unknown("its scales \"" + in.get(2).name() + "\" are not a constant");
      return Collections.nCopies(places.size(), unknown);
    }
    List<Dim> sizes = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      float scale = scales.getFloat(i);
      if (!(scale > 0) || scale == Float.POSITIVE_INFINITY) {
        throw in.invalid("scale " + scale + " of axis " + places.get(i));
      }
      sizes.add(scaled(in.shape(0).dim(places.get(i)), scale));
    }
    return sizes;
  }

  /// floor(size * scale), in float as ONNX says.
  private static Dim scaled(Dim size, float scale) {
    if (size.number().isPresent()) {
      return Dim.of((long) Math.floor(size.number().getAsLong() * scale));
    }
    if (scale == (long) scale) {
      return size.times(Dim.of((long) scale));
    }
    float inverse = 1 / scale;
    return inverse == (long) inverse && 1 / inverse == scale
        ? size.dividedBy(Dim.of((long) inverse))
        : new Dim.Unknown(size + " times " + scale);
  }

  private static List<Dim> sized(Operands in, Resize op, List<Integer> places) {
    List<Dim> sizes = in.sizes(3, "sizes");
    if (sizes.size() != places.size()) {
      throw in.invalid(sizes.size() + " sizes for " + places.size() + " axes");
    }
    if (op.policy() == Policy.STRETCH) {
      return sizes;
    }
    double one = op.policy() == Policy.NOT_LARGER ? Double.POSITIVE_INFINITY : 0;
    for (int i = 0; i < places.size(); i++) {
      Dim from = in.shape(0).dim(places.get(i));
      if (from.number().orElse(0) == 0 || sizes.get(i).number().isEmpty()) {
        Dim unknown = new Dim.Unknown("a scale that is common to sizes which are not known");
        return places.stream().map(_ -> unknown).toList();
      }
      double scale = (float) sizes.get(i).number().getAsLong() / from.number().getAsLong();
      one = op.policy() == Policy.NOT_LARGER ? Math.min(one, scale) : Math.max(one, scale);
    }
    List<Dim> common = new ArrayList<>();
    for (int axis : places) {
      common.add(Dim.of((long) (one * in.shape(0).dim(axis).number().getAsLong() + 0.5)));
    }
    return common;
  }
}
