package io.octet.internal.kernel.onednn;

import io.octet.internal.ffi.DnnlIsa;
import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Answer.Offers;
import io.octet.internal.kernel.Answer.Refused;
import io.octet.internal.kernel.Constant;
import io.octet.internal.kernel.KernelSpec.Conv;
import io.octet.internal.kernel.KernelSpec.Linear;
import io.octet.internal.kernel.Offer;
import io.octet.internal.kernel.RefusalCode;
import io.octet.internal.kernel.Saturation;
import io.octet.internal.kernel.Saturation.Pairs;
import io.octet.internal.kernel.TensorDesc;
import io.octet.internal.kernel.Weights;
import io.octet.tensor.DataType;
import io.octet.tensor.QuantParams;
import io.octet.tensor.Shape;
import java.util.List;
import java.util.Objects;

/// The form in which a layer's input must reach oneDNN for exact int32 sums. With VNNI, and in
/// float, it goes as it is. Without VNNI oneDNN adds pairs of products in 16 bits, so where the
/// weights could saturate they are split, and each input channel is written twice; and it halves
/// the weights of an s8 convolution, so s8 is handed over as u8 with a zero point 128 higher.
///
/// @param shifted s8 becomes u8
/// @param unsafe the output channels because of which weights are split; empty where they are not
record SourceForm(boolean shifted, List<Integer> unsafe) {
  private static final int SHIFT = 128;

  static SourceForm of(Conv spec) {
    return of(spec.x(), spec.weights(), isDepthwise(spec));
  }

  /// A depthwise sum adds single products: it cannot saturate. One channel in one group is no such
  /// case, for there oneDNN makes channels of the taps.
  private static boolean isDepthwise(Conv spec) {
    return spec.groups() > 1
        && spec.groups() == spec.weights().channels()
        && spec.weights().values().shape().size(1) == 1;
  }

  /// Whether a kernel may add pairs of products of this convolution, in the form that it has here.
  static boolean canAddPairs(Conv spec) {
    return !isDepthwise(spec) || !DnnlIsa.effective().addsIn16Bits();
  }

  static SourceForm of(Linear spec) {
    return of(spec.x(), spec.weights(), false);
  }

  private static SourceForm of(TensorDesc x, Weights weights, boolean addsSingles) {
    if (!weights.isInt8() || !DnnlIsa.effective().addsIn16Bits()) {
      return new SourceForm(false, List.of());
    }
    return new SourceForm(
        x.type() == DataType.S8,
        addsSingles
            ? List.of()
            : Saturation.unsafeChannels(weights.values().tensor(), x.largest(), Pairs.ANY_TWO));
  }

  /// Whether the form is right for an int8 implementation of that name. With VNNI it is not for one
  /// that was made for an older instruction set: oneDNN has such ones further down its lists, they
  /// add products in 16 bits, and halve the weights of an s8 input.
  static boolean isPreparedFor(String implementation) {
    boolean old =
        implementation.endsWith(":sse41")
            || implementation.endsWith(":avx2")
            || implementation.endsWith(":avx512_core");
    return !old || DnnlIsa.effective().addsIn16Bits();
  }

  boolean isSplit() {
    return !unsafe.isEmpty();
  }

  /// Whether the weights could not saturate in a kernel that adds neighbours of a tap alone.
  static boolean isSafeInTaps(Conv spec) {
    return Saturation.unsafeChannels(
            spec.weights().values().tensor(), spec.x().largest(), Pairs.NEIGHBOURS_IN_A_TAP)
        .isEmpty();
  }

  /// The same with the weights in one piece.
  SourceForm whole() {
    return new SourceForm(shifted, List.of());
  }

  boolean isAsItIs() {
    return !shifted && !isSplit();
  }

  /// The name of an implementation that reads the input in this form.
  String named(String implementation) {
    return implementation + " (" + this + ")";
  }

  /// The same sums of the input in this form.
  Conv formed(Conv spec) {
    return new Conv(
        of(spec.x()),
        spec.y(),
        of(spec.weights()),
        spec.window(),
        spec.groups(),
        spec.transposed(),
        spec.post());
  }

  /// The same sums of the input in this form.
  Linear formed(Linear spec) {
    return new Linear(of(spec.x()), spec.y(), of(spec.weights()), spec.post());
  }

  /// That input in this form.
  TensorDesc of(TensorDesc x) {
    long[] sizes = x.shape().sizes();
    sizes[1] *= isSplit() ? 2 : 1;
    QuantParams quant =
        shifted
            ? QuantParams.perTensor(DataType.U8, x.quant().scale(), x.quant().zeroPoint() + SHIFT)
            : x.quant();
    return TensorDesc.quantized(x.layout(), Shape.of(sizes), quant);
  }

  private Weights of(Weights weights) {
    return isSplit()
        ? new Weights(split(weights.values()), weights.scales(), weights.bias())
        : weights;
  }

  private static Constant split(Constant weights) {
    long[] sizes = weights.shape().sizes();
    sizes[1] *= 2;
    return weights.form(SourceForm.class, DataType.S8, Shape.of(sizes), Saturation::split);
  }

  /// What serves the input as it comes, from what oneDNN answered for the input in this form.
  ///
  /// @param x as it comes
  /// @param outputs number of output channels
  Answer serve(Answer answer, TensorDesc x, int outputs) {
    return switch (answer) {
      case Offers offers ->
          offers.map(
              o ->
                  new Offer(
                      named(o.implementation()),
                      o.ordinal(),
                      o.packedBytes(),
                      c -> new RewrittenSource(o.make(c), x, this)));
      case Refused(RefusalCode code, String detail) ->
          isSplit()
              ? new Refused(
                  RefusalCode.WOULD_SATURATE,
                  "%s adds products in 16 bits, which %s could saturate; with split weights: %s"
                      .formatted(
                          DnnlIsa.effective().text(), Saturation.describe(unsafe, outputs), detail))
              : new Refused(code, "with a u8 input: " + detail);
    };
  }

  /// What a report adds to the implementation's name.
  @Override
  public String toString() {
    String split = isSplit() ? "split weights" : null;
    String unsigned = shifted ? "s8 as u8" : null;
    return String.join(
        ", ", java.util.stream.Stream.of(split, unsigned).filter(Objects::nonNull).toList());
  }
}
