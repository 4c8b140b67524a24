package io.octet.internal.ffi;

import io.octet.internal.ffi.Availability.Unavailable;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// The instruction sets of x86 that oneDNN distinguishes (`dnnl_cpu_isa_t`), weakest first.
public enum DnnlIsa {
  /// Every processor but those of x86: there oneDNN gives the same numbers to sets of Arm's.
  DEFAULT(0x0),
  SSE41(0x1),
  AVX(0x3),
  AVX2(0x7),
  AVX2_VNNI(0xf),
  AVX2_VNNI_2(0x1f),
  AVX512_CORE(0x27),
  AVX512_CORE_VNNI(0x67),
  AVX512_CORE_BF16(0xe7),
  AVX512_CORE_FP16(0x1ef),
  AVX512_CORE_AMX(0xfef),
  AVX512_CORE_AMX_FP16(0x1fef),
  AVX10_2(0x201ff),
  AVX10_2_AMX_2(0x22fff);

  /// The process property that caps what oneDNN may use, by one of these names in lower case.
  public static final String CAP_PROPERTY = "octet.maxIsa";

  private static final int AVX2_VNNI_BIT = 0x8;
  private static final int AVX512_VNNI_BIT = 0x40;

  private final int value;

  DnnlIsa(int value) {
    this.value = value;
  }

  /// What oneDNN uses in this process: the processor's, unless `octet.maxIsa` or oneDNN's own
  /// variable ONEDNN_MAX_CPU_ISA caps it. The first call fixes it. A cap says nothing about a
  /// processor that is not of x86.
  ///
  /// @throws IllegalStateException where oneDNN is unavailable
  /// @throws IllegalArgumentException where `octet.maxIsa` is no name of an instruction set
  public static DnnlIsa effective() {
    return Holder.effective();
  }

  /// What `octet.maxIsa` says; empty where it is not set.
  ///
  /// @throws IllegalArgumentException where it is no name of an instruction set
  public static Optional<DnnlIsa> cap() {
    String name = System.getProperty(CAP_PROPERTY, "");
    return name.isBlank() ? Optional.empty() : Optional.of(parse(name));
  }

  /// Whether this set has all that the other has.
  public boolean includes(DnnlIsa other) {
    return (value & other.value) == other.value;
  }

  /// Whether int8 products are summed in int32 by one instruction, without saturation between.
  public boolean hasVnni() {
    return (value & (AVX2_VNNI_BIT | AVX512_VNNI_BIT)) != 0;
  }

  /// Whether oneDNN's kernels for this set add two int8 products in 16 bits, where they may
  /// saturate.
  public boolean addsIn16Bits() {
    return this != DEFAULT && !hasVnni();
  }

  /// oneDNN's name for it, as `octet.maxIsa` takes it.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static DnnlIsa parse(String name) {
    return Arrays.stream(values())
        .filter(isa -> isa.text().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    CAP_PROPERTY + " is \"" + name + "\", expected one of " + names()));
  }

  /// The set with that value; one that this file does not know counts as the largest it contains.
  static DnnlIsa of(int value) {
    DnnlIsa largest = DEFAULT;
    for (DnnlIsa isa : values()) {
      if ((isa.value & value) == isa.value) {
        largest = isa;
      }
    }
    return largest;
  }

  private static String names() {
    return Arrays.stream(values()).skip(1).map(DnnlIsa::text).collect(Collectors.joining(", "));
  }

  private static final class Holder {
    private static final boolean X86 = Platform.HERE.isX86();
    private static DnnlIsa effective;

    static synchronized DnnlIsa effective() {
      if (effective == null) {
        if (Natives.onednn() instanceof Unavailable(String reason)) {
          throw new IllegalStateException("oneDNN is unavailable: " + reason);
        }
        DnnlIsa.cap().filter(_ -> X86).ifPresent(Holder::cap);
        effective = X86 ? of(DnnlBindings.getEffectiveCpuIsa()) : DEFAULT;
      }
      return effective;
    }

    /// oneDNN takes a cap only before its first query of the processor. One that stands already is
    /// as good where it allows no more: another class loader's Octet has set it.
    private static void cap(DnnlIsa isa) {
      int status = DnnlBindings.setMaxCpuIsa(isa.value);
      if (status != DnnlConstants.SUCCESS) {
        DnnlIsa standing = of(DnnlBindings.getEffectiveCpuIsa());
        if (!isa.includes(standing)) {
          throw new IllegalStateException(
              CAP_PROPERTY
                  + "="
                  + isa.text()
                  + " came too late: oneDNN is in use, with "
                  + standing.text()
                  + " (status "
                  + status
                  + "); set it when the process starts");
        }
      }
    }
  }
}
