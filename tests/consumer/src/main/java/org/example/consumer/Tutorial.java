package org.example.consumer;

import io.octet.cpu.Cpu;
import io.octet.tensor.Tensor;

/// The tutorial network as a stranger would run it.
final class Tutorial {
  private Tutorial() {}

  public static void main(String[] args) {
    System.out.println(Tensor.of(new float[] {1, 2, 3}, 3));
    System.out.println(Cpu.backends());
    System.out.println(Cpu.verdict().path());
  }
}
