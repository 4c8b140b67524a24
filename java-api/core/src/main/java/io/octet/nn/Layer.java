package io.octet.nn;

import io.octet.graph.Graph;
import io.octet.graph.op.Op;
import io.octet.graph.op.Window;
import io.octet.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// A part of a network, in PyTorch's vocabulary; {@link Layers} makes them. Layers are immutable:
/// `conv2d(3, 16, 3).padding(1)` is another layer. What has weights takes them as arrays in
/// PyTorch's order, or draws them when the network is built.
public sealed interface Layer {

  /// torch.nn.Conv2d. Weights are [out, in / groups, height, width].
  ///
  /// @param in input channels
  /// @param out output channels
  /// @param window kernel, stride, padding and dilation
  /// @param groups blocked connections from input to output channels; divides both
  /// @param hasBias whether a bias is added
  /// @param parameters given weights
  record Conv2d(int in, int out, Window window, int groups, boolean hasBias, Parameters parameters)
      implements Layer {
    /// Checks what can be checked before the image is known.
    public Conv2d {
      if (in < 1 || out < 1 || groups < 1 || in % groups != 0 || out % groups != 0) {
        throw new IllegalArgumentException(
            "conv2d(" + in + ", " + out + "): channels must divide into " + groups + " groups");
      }
    }

    /// This layer with zeros around the image.
    public Conv2d padding(int all) {
      return padding(all, all);
    }

    /// This layer with zeros above and below, and on the left and right.
    public Conv2d padding(int height, int width) {
      return with(window.pads(height, width, height, width));
    }

    /// This layer with a step.
    public Conv2d stride(int step) {
      return with(window.stride(step, step));
    }

    /// This layer with distances between taps.
    public Conv2d dilation(int distance) {
      return with(window.dilation(distance, distance));
    }

    /// This layer in groups: each sees its share of the input channels.
    public Conv2d groups(int count) {
      return new Conv2d(in, out, window, count, hasBias, parameters);
    }

    /// This layer with a bias or without.
    public Conv2d bias(boolean present) {
      return new Conv2d(in, out, window, groups, present, parameters);
    }

    /// This layer with given weights; a bias that is left out is drawn unless `bias(false)`.
    public Conv2d weights(float... weight) {
      return new Conv2d(in, out, window, groups, hasBias, parameters.with("weight", weight));
    }

    /// This layer with given weights and bias.
    public Conv2d weights(float[] weight, float[] bias) {
      Parameters given = parameters.with("weight", weight).with("bias", bias);
      return new Conv2d(in, out, window, groups, true, given);
    }

    private Conv2d with(Window other) {
      return new Conv2d(in, out, other, groups, hasBias, parameters);
    }
  }

  /// torch.nn.Linear over rows [N, in]. Weights are [out, in].
  ///
  /// @param in input features
  /// @param out output features
  /// @param hasBias whether a bias is added
  /// @param parameters given weights
  record Linear(int in, int out, boolean hasBias, Parameters parameters) implements Layer {
    /// Refuses layers without features.
    public Linear {
      if (in < 1 || out < 1) {
        throw new IllegalArgumentException("linear(" + in + ", " + out + ") has no features");
      }
    }

    /// This layer with a bias or without.
    public Linear bias(boolean present) {
      return new Linear(in, out, present, parameters);
    }

    /// This layer with given weights; a bias that is left out is drawn unless `bias(false)`.
    public Linear weights(float... weight) {
      return new Linear(in, out, hasBias, parameters.with("weight", weight));
    }

    /// This layer with given weights and bias.
    public Linear weights(float[] weight, float[] bias) {
      return new Linear(in, out, true, parameters.with("weight", weight).with("bias", bias));
    }
  }

  /// torch.nn.BatchNorm2d in inference mode. Without given weights it is PyTorch's fresh layer:
  /// weight 1, bias 0, mean 0, variance 1.
  ///
  /// @param channels number of channels
  /// @param epsilon added to the variance
  /// @param parameters given weights
  record BatchNorm2d(int channels, float epsilon, Parameters parameters) implements Layer {
    /// This layer with another epsilon.
    public BatchNorm2d epsilon(float value) {
      return new BatchNorm2d(channels, value, parameters);
    }

    /// This layer with given weights and statistics, each one value for each channel.
    public BatchNorm2d weights(float[] weight, float[] bias, float[] mean, float[] variance) {
      Parameters given =
          parameters
              .with("weight", weight)
              .with("bias", bias)
              .with("running_mean", mean)
              .with("running_var", variance);
      return new BatchNorm2d(channels, epsilon, given);
    }
  }

  /// torch.nn.MaxPool2d.
  ///
  /// @param window kernel, stride, padding and dilation
  /// @param ceil whether a last window may reach beyond the image
  record MaxPool2d(Window window, boolean ceil) implements Layer {
    /// This layer with another step than its kernel's size.
    public MaxPool2d stride(int step) {
      return new MaxPool2d(window.stride(step, step), ceil);
    }

    /// This layer with padding, which never wins.
    public MaxPool2d padding(int all) {
      return new MaxPool2d(window.pads(all, all, all, all), ceil);
    }

    /// This layer with PyTorch's ceil_mode.
    public MaxPool2d ceilMode(boolean on) {
      return new MaxPool2d(window, on);
    }
  }

  /// torch.nn.AvgPool2d.
  ///
  /// @param window kernel, stride and padding
  /// @param ceil whether a last window may reach beyond the image
  /// @param countIncludePad whether padding counts as zeros
  record AvgPool2d(Window window, boolean ceil, boolean countIncludePad) implements Layer {
    /// This layer with another step than its kernel's size.
    public AvgPool2d stride(int step) {
      return new AvgPool2d(window.stride(step, step), ceil, countIncludePad);
    }

    /// This layer with zeros around the image.
    public AvgPool2d padding(int all) {
      return new AvgPool2d(window.pads(all, all, all, all), ceil, countIncludePad);
    }

    /// This layer with PyTorch's ceil_mode.
    public AvgPool2d ceilMode(boolean on) {
      return new AvgPool2d(window, on, countIncludePad);
    }

    /// This layer with padding counted as zeros, or left out of the mean.
    public AvgPool2d countIncludePad(boolean on) {
      return new AvgPool2d(window, ceil, on);
    }
  }

  /// A layer of one operator without weights: relu, flatten, softmax and the like.
  ///
  /// @param op what it computes
  record Operator(Op op) implements Layer {}

  /// The input through one layer and through another, added: `body(x) + shortcut(x)`.
  ///
  /// @param body the long way, called "body" in names
  /// @param shortcut the short way, called "shortcut" in names
  record Residual(Layer body, Layer shortcut) implements Layer {}

  /// The input through several layers, the results joined along axis 1.
  ///
  /// @param branches called "0", "1", ... in names
  record Branches(List<Layer> branches) implements Layer {
    /// Copies the list.
    public Branches {
      branches = List.copyOf(branches);
      if (branches.isEmpty()) {
        throw new IllegalArgumentException("concat() needs at least one branch");
      }
    }
  }

  /// A layer that names its weights otherwise than by its position, as attributes of a PyTorch
  /// module do.
  ///
  /// @param name the name instead of the position; "" leaves that level out
  /// @param layer the layer
  record Named(String name, Layer layer) implements Layer {}

  /// torch.nn.Sequential: layers one behind the other. Weights are called as in PyTorch's
  /// state_dict: "0.weight", "3.1.bias".
  ///
  /// @param layers called "0", "1", ... in names
  /// @param seed where random weights begin
  record Sequential(List<Layer> layers, long seed) implements Layer {
    /// Copies the list.
    public Sequential {
      layers = List.copyOf(layers);
    }

    /// This network with other random weights. The same seed gives the same weights on every
    /// machine: PyTorch's default distribution (uniform within 1 / sqrt(fan-in)), drawn layer by
    /// layer, weight before bias, from {@link java.util.Random}, whose algorithm its contract
    /// fixes.
    public Sequential seed(long value) {
      return new Sequential(layers, value);
    }

    /// The network for images of `channels` x `height` x `width`, with a free batch axis "N". Its
    /// input is called "input" and its output "output".
    ///
    /// @throws io.octet.OctetException.InvalidModel if two layers do not fit: the message names one
    public Graph input(long channels, long height, long width) {
      return input(Shape.batched("N", channels, height, width));
    }

    /// The network for inputs of `shape`, batch axis included. Its input is called "input" and its
    /// output "output".
    ///
    /// @throws io.octet.OctetException.InvalidModel if two layers do not fit: the message names one
    public Graph input(Shape shape) {
      return new LayerGraph(seed).build(this, shape);
    }
  }

  /// Given weights by PyTorch's name; what is not given is drawn.
  ///
  /// @param entries at most one for each name
  record Parameters(List<Entry> entries) {
    /// None given.
    static final Parameters NONE = new Parameters(List.of());

    /// One given tensor.
    ///
    /// @param name "weight", "bias", "running_mean" or "running_var"
    /// @param values in memory order, copied
    public record Entry(String name, float[] values) {
      /// Copies the array.
      public Entry {
        values = values.clone();
      }
    }

    /// Copies the list.
    public Parameters {
      entries = List.copyOf(entries);
    }

    Parameters with(String name, float[] values) {
      List<Entry> changed = new ArrayList<>(entries);
      changed.removeIf(e -> e.name().equals(name));
      changed.add(new Entry(name, values));
      return new Parameters(changed);
    }
  }
}
