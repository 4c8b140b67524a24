package io.octet.internal.kernel;

/// A source of kernels. Backends never import each other.
public interface Backend {
  /// "onednn", "jvm", "reference", ...
  String name();

  /// The kernels that it could make for `spec`, or why there is none. Never throws for a spec it
  /// cannot serve.
  Answer offers(KernelSpec spec, KernelContext context);
}
