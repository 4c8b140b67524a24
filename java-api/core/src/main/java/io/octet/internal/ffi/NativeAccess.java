package io.octet.internal.ffi;

import java.lang.foreign.MemorySegment;

/// Says in one line what to do where the JVM denies native access.
final class NativeAccess {
  private NativeAccess() {}

  /// Passes where Octet may call native code, and throws an [IllegalCallerException] that contains
  /// the flag to add where the JVM was told to deny it.
  @SuppressWarnings("restricted")
  static void require() {
    try {
      MemorySegment.NULL.reinterpret(0); // the cheapest restricted call: it only asks
    } catch (IllegalCallerException denied) {
      throw new IllegalCallerException(
          "Octet calls oneDNN through the Foreign Function & Memory API, and this JVM denies native"
              + " access. Add "
              + flag(NativeAccess.class.getModule())
              + " to the java command.",
          denied);
    }
  }

  static String flag(Module module) {
    return "--enable-native-access=" + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
  }
}
