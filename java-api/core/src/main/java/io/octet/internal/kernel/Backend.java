package io.octet.internal.kernel;

/// A source of kernels. Backends never import each other.
public interface Backend {
  /// "onednn", "jvm", "reference", ...
  String name();

  /// Makes a kernel for `spec`, or says why not. Never throws for a spec it cannot serve.
  Support create(KernelSpec spec, KernelContext context);
}
