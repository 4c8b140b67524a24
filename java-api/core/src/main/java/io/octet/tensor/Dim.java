package io.octet.tensor;

/// One axis of a {@link Shape}: a number, or a name for a number that is known only when a model
/// runs.
public sealed interface Dim {
  /// An axis of known size, at least 0.
  record Fixed(long size) implements Dim {
    /// Refuses a negative size.
    public Fixed {
      if (size < 0) {
        throw new IllegalArgumentException("a dimension must be at least 0, but is " + size);
      }
    }

    @Override
    public String toString() {
      return Long.toString(size);
    }
  }

  /// A free axis, such as the batch. Two axes of one name have one size.
  record Symbol(String name) implements Dim {
    /// Refuses a blank name.
    public Symbol {
      if (name.isBlank()) {
        throw new IllegalArgumentException("a symbolic dimension needs a name");
      }
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
