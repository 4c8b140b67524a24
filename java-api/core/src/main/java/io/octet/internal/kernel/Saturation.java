package io.octet.internal.kernel;

import io.octet.tensor.DataType;
import io.octet.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// What constant weights alone say about int8 sums. An instruction set without VNNI multiplies
/// unsigned by signed bytes and adds two neighbouring products in 16 bits, saturating, before it
/// widens: it is exact where `-32768 <= xMax * (w1 + w2) <= 32767` for all w1 and w2 that it adds
/// ({@link Pairs}), counting only weights of one sign, for the other input can be 0.
///
/// A channel that is not safe is made so by two weights in the place of one: `w = a + b`, both
/// within [-64, 64], where no pair of products passes 255 * 128. Products summed in int32 over an
/// input that holds each value twice are `x * a + x * b`, exactly those of `w`.
public final class Saturation {
  /// Which weights of an output channel a kernel adds in 16 bits. The weights of a convolution are
  /// taken tap after tap, the channels of each tap in a row.
  public enum Pairs {
    /// Whichever two: safe for every kernel.
    ANY_TWO,
    /// The first and the second, the third and the fourth, and so on.
    NEIGHBOURS,
    /// The same within each tap by itself: the last one of an odd number is added to none.
    NEIGHBOURS_IN_A_TAP
  }

  private static final int NAMED_CHANNELS = 4;

  private Saturation() {}

  /// The output channels, ascending, in which two weights could saturate.
  ///
  /// @param weights S8: [M,K] or [M,C,kH,kW]
  /// @param largestInput the largest unsigned value that the input *can hold* ({@link
  ///   TensorDesc#largest}; s8 becomes unsigned by adding 128)
  /// @param pairs those that the kernel adds
  public static List<Integer> unsafeChannels(Tensor weights, int largestInput, Pairs pairs) {
    List<Integer> found = new ArrayList<>();
    MemorySegment values = values(weights);
    long perChannel = perChannel(weights);
    for (int channel = 0; channel * perChannel < values.byteSize(); channel++) {
      MemorySegment own = values.asSlice(channel * perChannel, perChannel);
      boolean unsafe =
          switch (pairs) {
            case ANY_TWO -> anyTwoAreUnsafe(own, largestInput);
            case NEIGHBOURS ->
                neighboursAreUnsafe(own, weights.shape().size(1), perChannel, largestInput);
            case NEIGHBOURS_IN_A_TAP ->
                neighboursAreUnsafe(
                    own, weights.shape().size(1), weights.shape().size(1), largestInput);
          };
      if (unsafe) {
        found.add(channel);
      }
    }
    return found;
  }

  /// @param inputs number of input channels
  /// @param run how many weights in a row are paired by themselves
  private static boolean neighboursAreUnsafe(
      MemorySegment channel, long inputs, long run, int largestInput) {
    long taps = channel.byteSize() / inputs;
    for (long start = 0; start < channel.byteSize(); start += run) {
      for (long i = start; i < start + run; i += 2) {
        int first = channel.get(ValueLayout.JAVA_BYTE, i % inputs * taps + i / inputs);
        long next = i + 1;
        int second =
            next < start + run
                ? channel.get(ValueLayout.JAVA_BYTE, next % inputs * taps + next / inputs)
                : 0;
        int positive = Math.max(0, first) + Math.max(0, second);
        int negative = Math.min(0, first) + Math.min(0, second);
        if (saturates(positive, negative, largestInput)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean saturates(int positive, int negative, int largestInput) {
    return largestInput * positive > Short.MAX_VALUE || largestInput * negative < Short.MIN_VALUE;
  }

  private static boolean anyTwoAreUnsafe(MemorySegment channel, int largestInput) {
    int largest = 0;
    int second = 0;
    int smallest = 0;
    int nextSmallest = 0;
    for (long i = 0; i < channel.byteSize(); i++) {
      int w = channel.get(ValueLayout.JAVA_BYTE, i);
      second = Math.max(second, Math.min(largest, w));
      largest = Math.max(largest, w);
      nextSmallest = Math.min(nextSmallest, Math.max(smallest, w));
      smallest = Math.min(smallest, w);
    }
    return saturates(largest + second, smallest + nextSmallest, largestInput);
  }

  /// "all 16 output channels", "output channels 3, 4, 7, 9 and 2 more": for refusals.
  ///
  /// @param channels at least one
  /// @param of how many channels there are
  public static String describe(List<Integer> channels, int of) {
    if (channels.size() == of) {
      return of == 1 ? "the only output channel" : "all " + of + " output channels";
    }
    String named =
        channels.stream()
            .limit(NAMED_CHANNELS)
            .map(String::valueOf)
            .collect(Collectors.joining(", "));
    int more = channels.size() - NAMED_CHANNELS;
    return (channels.size() == 1 ? "output channel " : "output channels ")
        + named
        + (more > 0 ? " and " + more + " more" : "");
  }

  /// The part `a` of `w = a + b`; `b` is what remains. Both have the sign of `w`, and are within
  /// [-64, 64].
  public static int firstPart(int w) {
    return (w + 1) >> 1;
  }

  /// The weights with both parts of each one after the other, along the input channels (axis 1):
  /// [M,K] becomes [M,2K], [M,C,kH,kW] becomes [M,2C,kH,kW]. It goes with an input that holds each
  /// of its channels twice in a row; groups stay groups.
  public static Tensor split(Tensor weights) {
    long[] sizes = weights.shape().sizes();
    int taps = 1;
    for (int axis = 2; axis < sizes.length; axis++) {
      taps = Math.multiplyExact(taps, Math.toIntExact(sizes[axis]));
    }
    byte[] whole = weights.toBytes();
    byte[] parts = new byte[Math.multiplyExact(2, whole.length)];
    for (int i = 0; i < whole.length; i++) {
      int first = i / taps * 2 * taps + i % taps;
      parts[first] = (byte) firstPart(whole[i]);
      parts[first + taps] = (byte) (whole[i] - parts[first]);
    }
    sizes[1] *= 2;
    return Tensor.of(DataType.S8, parts, sizes);
  }

  /// The largest absolute sum of one output channel over any u8 activations.
  public static long largestSum(Tensor weights) {
    MemorySegment values = values(weights);
    long perChannel = perChannel(weights);
    long largest = 0;
    for (long start = 0; start < values.byteSize(); start += perChannel) {
      long positive = 0;
      long negative = 0;
      for (long i = start; i < start + perChannel; i++) {
        int w = values.get(ValueLayout.JAVA_BYTE, i);
        positive += Math.max(0, w);
        negative -= Math.min(0, w);
      }
      largest = Math.max(largest, Math.max(positive, negative));
    }
    return largest * Encoding.UNBOUNDED;
  }

  private static MemorySegment values(Tensor weights) {
    if (weights.type() != DataType.S8) {
      throw new IllegalArgumentException("weights must be s8, but are " + weights);
    }
    return weights.data();
  }

  private static long perChannel(Tensor weights) {
    return Math.max(1, weights.elements() / Math.max(1, weights.shape().size(0)));
  }
}
