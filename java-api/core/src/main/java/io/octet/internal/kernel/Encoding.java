package io.octet.internal.kernel;

import io.octet.tensor.QuantParams;

/// What the elements of a value stand for. A type says how wide they are, and no more: bytes are
/// not quantization.
public sealed interface Encoding {
  /// Themselves: floats, indices, truth values, raw sums, and bytes that nobody gave a scale.
  record Plain() implements Encoding {
    @Override
    public String toString() {
      return "plain";
    }
  }

  /// Real numbers, by parameters that are known when the kernel is made.
  ///
  /// @param params of the value's type, which has 8 bits
  /// @param largest what no element exceeds, counted from the smallest of its type: {@link
  ///   #UNBOUNDED}, or less where something clamps the value
  record Quantized(QuantParams params, int largest) implements Encoding {
    /// Checks the bound.
    public Quantized {
      if (largest < 0 || largest > UNBOUNDED) {
        throw new IllegalArgumentException("largest must be within [0, 255], but is " + largest);
      }
    }
  }

  /// Real numbers, by a scale and a zero point that arrive at run time.
  record Dynamic() implements Encoding {
    @Override
    public String toString() {
      return "dynamic";
    }
  }

  /// What 8 bits can hold.
  int UNBOUNDED = 255;

  /// The only one of its kind.
  Encoding PLAIN = new Plain();

  /// The only one of its kind.
  Encoding DYNAMIC = new Dynamic();
}
