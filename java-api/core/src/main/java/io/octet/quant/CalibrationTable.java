package io.octet.quant;

import io.octet.tensor.QuantParams;
import java.util.Arrays;
import java.util.List;

/// What calibration found out: for each observed value its range and the parameters chosen for it.
/// Plain data in a stable order; with the same graph it gives the same quantized graph on every
/// machine.
///
/// @param qconfig what it was calibrated under, its rules one for each node that is told something
/// @param batches how many batches were observed
/// @param values one entry for each observer, in the graph's order
/// @param raisedScales weight channels whose scale was raised so that their bias fits, or their
///   multiplier is exact
/// @param floatNodes operators that stay FP32, with the reason
/// @param warnings what the caller should look at, a sentence each
public record CalibrationTable(
    QConfig qconfig,
    long batches,
    List<Entry> values,
    List<RaisedScale> raisedScales,
    List<FloatNode> floatNodes,
    List<String> warnings) {

  /// Copies the lists.
  public CalibrationTable {
    values = List.copyOf(values);
    raisedScales = List.copyOf(raisedScales);
    floatNodes = List.copyOf(floatNodes);
    warnings = List.copyOf(warnings);
  }

  /// One observer's result.
  ///
  /// @param value the first value that has these parameters
  /// @param sharedBy other values that have them too: those that carry it through, or are joined
  ///   with it
  /// @param min smallest value seen
  /// @param max largest value seen
  /// @param low lower end of the range that was chosen
  /// @param high upper end of the range that was chosen
  /// @param params how the value is quantized
  /// @param histogram counts between min and max
  public record Entry(
      String value,
      List<String> sharedBy,
      float min,
      float max,
      float low,
      float high,
      QuantParams params,
      Histogram histogram) {
    /// Copies the list.
    public Entry {
      sharedBy = List.copyOf(sharedBy);
    }
  }

  /// Counts in equal bins between the smallest and the largest value seen.
  ///
  /// @param counts may be fractions, since bins are split when the range grows; empty where the
  ///   observer counts nothing
  public record Histogram(float[] counts) {
    /// Copies the array.
    public Histogram {
      counts = counts.clone();
    }

    @Override
    public float[] counts() {
      return counts.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Histogram that && Arrays.equals(counts, that.counts);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(counts);
    }
  }

  /// A channel whose bias does not fit int32 at the scale its weights would have, or whose product
  /// of scales would be no normal float: the scale is raised until it does. The one deviation from
  /// the presets' weight scales.
  ///
  /// @param node the layer
  /// @param weight name of its weights
  /// @param channel the output channel
  /// @param from the preset's scale
  /// @param to the scale that is used
  public record RaisedScale(String node, String weight, int channel, float from, float to) {}

  /// An operator that is not quantized.
  ///
  /// @param node its name
  /// @param op its operator
  /// @param reason why it stays FP32
  public record FloatNode(String node, String op, String reason) {}
}
