package io.octet.cpu;

/// Which way quantized layers run on this machine, and why.
///
/// @param path the way
/// @param reason one sentence for a person
public record Verdict(Path path, String reason) {

  /// The ways, best first.
  public enum Path {
    /// int8 at full speed: products are summed in int32 by one instruction.
    INT8_VNNI("int8-vnni"),
    /// int8 at reduced speed: what may saturate is split, goes to an exact kernel, or falls back.
    INT8_REDUCED("int8-reduced"),
    /// Quantized layers run in FP32.
    FP32("fp32");

    private final String text;

    Path(String text) {
      this.text = text;
    }

    /// The name in reports and JSON.
    public String text() {
      return text;
    }
  }
}
