package io.octet.nn;

import io.octet.graph.op.Movement;
import io.octet.graph.op.Normalization;
import io.octet.graph.op.Pooling;
import io.octet.graph.op.Unary;
import io.octet.graph.op.Window;
import io.octet.nn.Layer.AvgPool2d;
import io.octet.nn.Layer.BatchNorm2d;
import io.octet.nn.Layer.Branches;
import io.octet.nn.Layer.Conv2d;
import io.octet.nn.Layer.Linear;
import io.octet.nn.Layer.MaxPool2d;
import io.octet.nn.Layer.Named;
import io.octet.nn.Layer.Operator;
import io.octet.nn.Layer.Parameters;
import io.octet.nn.Layer.Residual;
import io.octet.nn.Layer.Sequential;
import java.util.List;

/// PyTorch's words for layers, meant for a static import:
///
/// ```java
/// Graph net =
///     sequential(
///             conv2d(3, 16, 3).padding(1),
///             relu(),
///             maxPool2d(2),
///             flatten(),
///             linear(16 * 16 * 16, 10))
///         .input(3, 32, 32);
/// ```
public final class Layers {
  private Layers() {}

  /// Layers one behind the other.
  public static Sequential sequential(Layer... layers) {
    return new Sequential(List.of(layers), 0);
  }

  /// The layer under a name of its own: `named("conv1", conv2d(3, 64, 7))` has "conv1.weight". With
  /// the name "" its parts are called as if they stood one level higher.
  public static Layer named(String name, Layer layer) {
    return new Named(name, layer);
  }

  /// `body(x) + x`.
  public static Residual residual(Layer body) {
    return residual(body, identity());
  }

  /// `body(x) + shortcut(x)`.
  public static Residual residual(Layer body, Layer shortcut) {
    return new Residual(body, shortcut);
  }

  /// The results of all branches, joined along the channels.
  public static Branches concat(Layer... branches) {
    return new Branches(List.of(branches));
  }

  /// A 2-D convolution with a square kernel, stride 1, no padding, a bias.
  public static Conv2d conv2d(int in, int out, int kernel) {
    return conv2d(in, out, kernel, kernel);
  }

  /// A 2-D convolution, stride 1, no padding, a bias.
  public static Conv2d conv2d(int in, int out, int height, int width) {
    return new Conv2d(in, out, Window.of(height, width), 1, true, Parameters.NONE);
  }

  /// A fully connected layer with a bias.
  public static Linear linear(int in, int out) {
    return new Linear(in, out, true, Parameters.NONE);
  }

  /// Batch normalization in inference mode, epsilon 1e-5.
  public static BatchNorm2d batchNorm2d(int channels) {
    return new BatchNorm2d(channels, 1e-5f, Parameters.NONE);
  }

  /// Largest value under a square window whose step is its size.
  public static MaxPool2d maxPool2d(int kernel) {
    return new MaxPool2d(Window.of(kernel, kernel).stride(kernel, kernel), false);
  }

  /// Mean under a square window whose step is its size.
  public static AvgPool2d avgPool2d(int kernel) {
    return new AvgPool2d(Window.of(kernel, kernel).stride(kernel, kernel), false, true);
  }

  /// Mean of the whole image: [N,C,H,W] to [N,C,1,1].
  ///
  /// @param size 1; other sizes depend on the image and are not offered
  public static Layer adaptiveAvgPool2d(int size) {
    if (size != 1) {
      throw new IllegalArgumentException("adaptiveAvgPool2d size must be 1, but is " + size);
    }
    return new Operator(new Pooling.GlobalAveragePool());
  }

  /// max(x, 0).
  public static Layer relu() {
    return new Operator(new Unary.Relu());
  }

  /// min(max(x, 0), 6).
  public static Layer relu6() {
    return new Operator(new Unary.Clip(0, 6));
  }

  /// x where positive, else 0.01 x.
  public static Layer leakyRelu() {
    return leakyRelu(0.01f);
  }

  /// x where positive, else `slope` x.
  public static Layer leakyRelu(float slope) {
    return new Operator(new Unary.LeakyRelu(slope));
  }

  /// 1 / (1 + exp(-x)).
  public static Layer sigmoid() {
    return new Operator(new Unary.Sigmoid());
  }

  /// max(0, min(1, x / 6 + 0.5)).
  public static Layer hardsigmoid() {
    return new Operator(new Unary.HardSigmoid(1f / 6f, 0.5f));
  }

  /// x * hardsigmoid(x).
  public static Layer hardswish() {
    return new Operator(new Unary.HardSwish());
  }

  /// Hyperbolic tangent.
  public static Layer tanh() {
    return new Operator(new Unary.Tanh());
  }

  /// exp(x) / sum(exp(x)) along axis `dim`, negative ones counting from the end.
  public static Layer softmax(int dim) {
    return new Operator(new Normalization.Softmax(dim));
  }

  /// All axes but the batch as one.
  public static Layer flatten() {
    return new Operator(new Movement.Flatten(1));
  }

  /// Its input.
  public static Layer identity() {
    return new Operator(new Movement.Identity());
  }

  /// Its input: networks are built for inference. `p`, the training's probability, is not used.
  public static Layer dropout(double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("dropout probability must be 0 to 1, but is " + p);
    }
    return new Operator(new Movement.Dropout());
  }
}
