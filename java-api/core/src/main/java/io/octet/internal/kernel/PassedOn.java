package io.octet.internal.kernel;

/// A kernel that is another one, for whoever changes or watches a part of it.
public abstract class PassedOn implements Kernel {
  private final Kernel kernel;

  /// Passes everything on to `kernel`, which becomes this one's.
  protected PassedOn(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public String backend() {
    return kernel.backend();
  }

  @Override
  public String implementation() {
    return kernel.implementation();
  }

  @Override
  public long scratchBytes() {
    return kernel.scratchBytes();
  }

  @Override
  public int inPlaceInput() {
    return kernel.inPlaceInput();
  }

  @Override
  public Call bind(Buffers buffers) {
    return kernel.bind(buffers);
  }

  @Override
  public void close() {
    kernel.close();
  }
}
