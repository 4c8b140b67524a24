package io.octet.onnx;

import java.util.Objects;

/// How a quantized graph is written. A float graph is the same in any form.
///
/// @param format in which operators
/// @param profile who must be able to read it
/// @param largest bytes of weights that the model's file holds, at least 0: what has more keeps
///   them in a file beside it, which is called as the model with ".data" behind it
public record WriteOptions(Format format, Profile profile, long largest) {
  /// A protobuf message has less than 2 GiB; the rest is for nodes and names.
  private static final long MOST = Integer.MAX_VALUE - (1L << 26);

  /// The operators of a quantized graph.
  public enum Format {
    /// QuantizeLinear and DequantizeLinear around operators over reals: what every runtime reads.
    QDQ,
    /// Operators over integers, QLinearConv, QLinearMatMul, and those of com.microsoft that ONNX
    /// Runtime's own quantizer writes: QLinearAdd, QLinearMul, QLinearConcat, QLinearLeakyRelu,
    /// QLinearSigmoid, QLinearAveragePool, QLinearGlobalAveragePool, QGemm. ONNX Runtime has them
    /// for inputs and results of one type alone, so activations that are u8 here and s8 there keep
    /// their QDQ nodes, as does whatever has no such operator.
    QOPERATOR
  }

  /// Who reads the file.
  public enum Profile {
    /// Any runtime that knows ONNX.
    ANY,
    /// NVIDIA's TensorRT: every zero point 0, s8 alone, weights within [-127, 127], positive scales
    /// that are constants, one scale for an activation, biases as floats. What does not fit is
    /// refused when it is written.
    TENSORRT
  }

  /// QDQ, for any runtime.
  public static final WriteOptions DEFAULT = new WriteOptions(Format.QDQ, Profile.ANY);

  /// Weights beside the model where one file does not hold them.
  ///
  /// @throws IllegalArgumentException if the profile's runtime does not know the format
  public WriteOptions(Format format, Profile profile) {
    this(format, profile, MOST);
  }

  /// @throws IllegalArgumentException if the profile's runtime does not know the format, or no file
  ///   holds `largest` bytes of weights
  public WriteOptions {
    Objects.requireNonNull(format, "format");
    Objects.requireNonNull(profile, "profile");
    if (format == Format.QOPERATOR && profile == Profile.TENSORRT) {
      throw new IllegalArgumentException("TensorRT reads QDQ files, not QOperator ones");
    }
    if (largest < 0 || largest > MOST) {
      throw new IllegalArgumentException("largest must be 0 to " + MOST + ", not " + largest);
    }
  }

  /// These with another format.
  public WriteOptions format(Format other) {
    return new WriteOptions(other, profile, largest);
  }

  /// These with another profile.
  public WriteOptions profile(Profile other) {
    return new WriteOptions(format, other, largest);
  }

  /// These with another size from which on weights stand beside the model.
  public WriteOptions largest(long bytes) {
    return new WriteOptions(format, profile, bytes);
  }
}
