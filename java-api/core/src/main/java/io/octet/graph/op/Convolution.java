package io.octet.graph.op;

import static io.octet.tensor.DataType.F32;
import static io.octet.tensor.DataType.S32;
import static io.octet.tensor.DataType.S8;
import static io.octet.tensor.DataType.U8;

import io.octet.graph.op.Traits.Axes;
import io.octet.graph.op.Traits.Values;
import io.octet.graph.op.Window.AutoPad;
import io.octet.tensor.Dim;
import io.octet.tensor.Shape;
import java.util.List;
import java.util.Set;

/// Sums of products over a window that slides along the spatial axes.
public sealed interface Convolution extends Op {
  /// Convolution over one spatial axis or more. Inputs: X [N,C,...], W [M,C/groups,...] of the
  /// window's size, optional B `[M]`.
  record Conv(Window window, int groups) implements Convolution {
    /// Refuses fewer than one group.
    public Conv {
      requireGroups(groups);
    }
  }

  /// What {@link Conv} is the gradient of: each pixel of the input, times the weights, is added to
  /// the output under its window. Inputs: X [N,C,...], W [C,M/groups,...] of the window's size,
  /// optional B `[M]`. The output has `stride * (size - 1) + extent + outputPadding - pads` pixels
  /// along each axis, unless `outputShape` says how many.
  ///
  /// @param window slides over the output, and its pads are taken off that
  /// @param outputPadding pixels more at the end of each spatial axis, at least 0
  /// @param outputShape sizes of the spatial axes of the output, from which the pads follow; empty
  ///   where the sizes follow from the pads
  record ConvTranspose(
      Window window, int groups, List<Integer> outputPadding, List<Integer> outputShape)
      implements Convolution {
    /// Refuses fewer than one group, and lists of another length than the window has axes.
    public ConvTranspose {
      requireGroups(groups);
      outputPadding = List.copyOf(outputPadding);
      outputShape = List.copyOf(outputShape);
      int axes = window.axes();
      if (outputPadding.size() != axes || outputPadding.stream().anyMatch(p -> p < 0)) {
        throw new IllegalArgumentException("output_padding is " + outputPadding);
      }
      if (!outputShape.isEmpty()
          && (outputShape.size() != axes || outputShape.stream().anyMatch(s -> s < 1))) {
        throw new IllegalArgumentException("output_shape is " + outputShape);
      }
    }

    /// The window with explicit pads for an image [N,C,...] of known sizes. What is missing behind
    /// the image to the output's size is no negative pad: the output's own shape says it.
    public Window resolve(Shape x) {
      if (outputShape.isEmpty() && window.autoPad() == AutoPad.NOTSET) {
        return window;
      }
      int axes = window.axes();
      int[] pads = new int[2 * axes];
      for (int axis = 0; axis < axes; axis++) {
        Dim in = x.dim(2 + axis);
        long missing = whole(axis, in).minus(output(axis, in)).number().orElseThrow();
        int all = Math.toIntExact(Math.max(0, missing));
        pads[axis] = window.autoPad() == AutoPad.SAME_UPPER ? all / 2 : all - all / 2;
        pads[axes + axis] = all - pads[axis];
      }
      return window.pads(pads);
    }

    /// Pixels of the output along a spatial axis, for `in` of the input.
    Dim output(int axis, Dim in) {
      if (!outputShape.isEmpty()) {
        return Dim.of(outputShape.get(axis));
      }
      return switch (window.autoPad()) {
        case SAME_UPPER, SAME_LOWER -> in.times(Dim.of(window.strides().get(axis)));
        case NOTSET, VALID ->
            whole(axis, in)
                .plus(-(long) window.padsBefore().get(axis) - window.padsAfter().get(axis));
      };
    }

    /// Pixels before pads are taken off.
    private Dim whole(int axis, Dim in) {
      return in.plus(-1)
          .times(Dim.of(window.strides().get(axis)))
          .plus((long) window.extent(axis) + outputPadding.get(axis));
    }
  }

  /// {@link Conv} of 8-bit integers less their zero points, in 32 bits; padding is the zero point.
  /// Inputs: x, w, optional zero point of x, optional zero point of w (one, or one for each
  /// filter).
  record ConvInteger(Window window, int groups) implements Convolution {
    /// Refuses fewer than one group.
    public ConvInteger {
      requireGroups(groups);
    }
  }

  private static void requireGroups(int groups) {
    if (groups < 1) {
      throw new IllegalArgumentException("groups must be at least 1, but is " + groups);
    }
  }

  /// The window that slides.
  Window window();

  /// Groups of channels that know nothing of one another.
  int groups();

  /// The axis of the weights along which output channels lie: all of them, or those of a group.
  default int outputAxis() {
    return switch (this) {
      case Conv _, ConvInteger _ -> 0;
      case ConvTranspose _ -> 1;
    };
  }

  /// What each member takes and gives.
  static List<Signature> signatures() {
    return List.of(
        conv("Conv").alsoInt8(),
        conv("ConvTranspose").alsoInt8(),
        Signature.of("ConvInteger")
            .since(10)
            .in("T1", "x")
            .in("T2", "w")
            .optional("T1", "zero point of x")
            .optional("T2", "zero point of w")
            .out("T3", "y")
            .where("T1", U8, S8)
            .where("T2", U8, S8)
            .where("T3", S32));
  }

  private static Signature conv(String name) {
    return Signature.of(name).in("T", "X", "W").optional("T", "B").out("T", "Y").where("T", F32);
  }

  @Override
  default Traits traits() {
    return new Traits(Values.NEW, Axes.SPATIAL, signature().int8(), Set.of(1, 2));
  }

  @Override
  default List<ValueInfo> results(Operands in) {
    Shape x = in.image(window().axes());
    Shape w = weights(in);
    return in.result(
        this instanceof ConvInteger ? S32 : in.type(0),
        switch (this) {
          case Conv _ -> {
            requireOutputs(in, x, w);
            in.requireVector(2, "bias", w.dim(0));
            yield window().slide(in, x, false).with(1, w.dim(0));
          }
          case ConvInteger _ -> {
            requireOutputs(in, x, w);
            requireZeros(in, 2, Dim.of(1));
            requireZeros(in, 3, w.dim(0));
            yield window().slide(in, x, false).with(1, w.dim(0));
          }
          case ConvTranspose op -> {
            requireChannels(in, x, w.dim(0));
            if (w.dim(0) instanceof Dim.Fixed(long c) && c % op.groups() != 0) {
              throw in.invalid(c + " input channels do not divide into " + op.groups() + " groups");
            }
            Dim outputs = w.dim(1).times(Dim.of(op.groups()));
            in.requireVector(2, "bias", outputs);
            yield transposed(in, op, x).with(1, outputs);
          }
        });
  }

  private void requireOutputs(Operands in, Shape x, Shape w) {
    requireChannels(in, x, w.dim(1).times(Dim.of(groups())));
    if (w.dim(0) instanceof Dim.Fixed(long m) && m % groups() != 0) {
      throw in.invalid(m + " output channels do not divide into " + groups() + " groups");
    }
  }

  private static void requireZeros(Operands in, int index, Dim each) {
    Shape zeros = in.has(index) ? in.shape(index) : Shape.of();
    boolean one = zeros.isConcrete() && zeros.elements() == 1;
    if (!one && !(zeros.rank() == 1 && zeros.dim(0).mayEqual(each))) {
      throw in.invalid("zero points are " + zeros + ", there must be one or " + each);
    }
  }

  /// The weights' shape, which must be as the window says.
  private Shape weights(Operands in) {
    Shape w = in.shape(1);
    int axes = window().axes();
    if (w.rank() != 2 + axes) {
      throw in.invalid(
          "weights must have " + (2 + axes) + " axes (" + axes + "-D convolution), but are " + w);
    }
    for (int axis = 0; axis < axes; axis++) {
      if (!w.dim(2 + axis).mayEqual(Dim.of(window().kernel().get(axis)))) {
        Shape kernel = Shape.of(window().kernel().stream().mapToLong(k -> k).toArray());
        throw in.invalid("kernel is " + kernel + ", weights are " + w);
      }
    }
    return w;
  }

  private void requireChannels(Operands in, Shape x, Dim expected) {
    if (!x.dim(1).mayEqual(expected)) {
      throw in.invalid(
          "input has "
              + x.dim(1)
              + " channels, weights expect "
              + expected
              + (groups() == 1 ? "" : " in " + groups() + " groups")
              + (" (input " + x + ", weights " + in.shape(1) + ")"));
    }
  }

  /// The window must reach no further than whoever counts pixels in 32 bits.
  private static Shape transposed(Operands in, ConvTranspose op, Shape x) {
    Shape y = x;
    for (int axis = 0; axis < op.window().axes(); axis++) {
      Dim whole = op.whole(axis, x.dim(2 + axis));
      if (whole.number().orElse(1) > Window.LARGEST_IMAGE) {
        throw in.unsupported(
            "window "
                + op.window()
                + " makes "
                + whole
                + " pixels, at most "
                + Window.LARGEST_IMAGE
                + " are supported");
      }
      Dim out = op.output(axis, x.dim(2 + axis));
      if (out.number().orElse(1) <= 0) {
        throw in.invalid("window " + op.window() + " leaves nothing of input " + x);
      }
      y = y.with(2 + axis, out);
    }
    return y;
  }
}
