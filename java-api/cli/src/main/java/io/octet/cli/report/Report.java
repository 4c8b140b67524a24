package io.octet.cli.report;

import java.util.List;

/// What a network was before quantization and what it is after.
///
/// @param network what the report calls it
/// @param data what it was scored on, such as "10,000 test images of Fashion-MNIST"
/// @param machine processor and verdict, a line each
/// @param fp32 before
/// @param int8 after
/// @param agreement the part of samples that both give the same class, 0 to 1
/// @param checks what was promised, and whether it held
/// @param layers a row each, in the order in which they run
/// @param activations the values that were quantized, in the same order
/// @param method how the numbers were taken, a sentence each
public record Report(
    String network,
    String data,
    List<String> machine,
    Side fp32,
    Side int8,
    double agreement,
    List<Check> checks,
    List<Layer> layers,
    List<Activation> activations,
    List<String> method) {

  /// Copies the lists.
  public Report {
    machine = List.copyOf(machine);
    checks = List.copyOf(checks);
    layers = List.copyOf(layers);
    activations = List.copyOf(activations);
    method = List.copyOf(method);
  }

  /// One of the two networks.
  ///
  /// @param top1 0 to 1
  /// @param bytes all parameters
  /// @param fileBytes the ONNX file
  /// @param p50Millis median latency of one sample
  public record Side(double top1, long bytes, long fileBytes, double p50Millis) {}

  /// A promise.
  ///
  /// @param text what was promised and what was found
  /// @param held whether it held
  public record Check(String text, boolean held) {}

  /// One layer.
  ///
  /// @param name its name in the graph
  /// @param op its operator, with those fused into its kernel
  /// @param dtype "int8" or "fp32"
  /// @param backend who runs it
  /// @param kernel the implementation in the backend's words
  /// @param fp32Micros its time in the FP32 network; NaN where it has no counterpart there
  /// @param micros its time in the int8 network; NaN where it was not measured
  /// @param sqnrDb signal to quantization noise of its output; NaN where it was not measured
  /// @param note why it runs in FP32; empty otherwise
  /// @param fellBack whether that is a fallback: the model quantizes it
  public record Layer(
      String name,
      String op,
      String dtype,
      String backend,
      String kernel,
      double fp32Micros,
      double micros,
      double sqnrDb,
      String note,
      boolean fellBack) {}

  /// One quantized value.
  ///
  /// @param name its name in the graph
  /// @param histogram what calibration saw
  /// @param low the smallest real that its integers stand for
  /// @param high the largest
  /// @param quantization its type, scale and zero point, in words
  public record Activation(
      String name, Histogram histogram, double low, double high, String quantization) {}
}
