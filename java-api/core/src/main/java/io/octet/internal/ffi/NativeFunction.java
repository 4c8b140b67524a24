package io.octet.internal.ffi;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.octet.OctetException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The native functions that compute in a run. Their arguments lie in one block of native memory, a
/// word for each, and stay the same from run to run: a row of such calls is data.
public enum NativeFunction {
  /// primitive, stream, how many arguments, their array.
  DNNL_PRIMITIVE_EXECUTE("dnnl_primitive_execute"),
  /// convolution, call.
  FBGEMM_CONV_RUN("octet_fbgemm_conv_run"),
  /// linear layer, call.
  FBGEMM_LINEAR_RUN("octet_fbgemm_linear_run");

  private final String symbol;

  NativeFunction(String symbol) {
    this.symbol = symbol;
  }

  /// A block of arguments.
  ///
  /// @param arena owns it
  public static MemorySegment arguments(Arena arena, long... words) {
    return arena.allocateFrom(JAVA_LONG, words);
  }

  /// Calls the function. Allocates nothing.
  ///
  /// @param arguments as {@link #arguments} makes them; what they point to outlives the call
  /// @throws OctetException.NativeFailure in the library's words, for a status that is no success
  public void call(MemorySegment arguments) {
    int status =
        switch (this) {
          case DNNL_PRIMITIVE_EXECUTE ->
              DnnlBindings.primitiveExecute(
                  word(arguments, 0),
                  word(arguments, 1),
                  (int) word(arguments, 2),
                  word(arguments, 3));
          case FBGEMM_CONV_RUN -> FbgemmBindings.convRun(word(arguments, 0), word(arguments, 1));
          case FBGEMM_LINEAR_RUN ->
              FbgemmBindings.linearRun(word(arguments, 0), word(arguments, 1));
        };
    if (status != 0) {
      throw new OctetException.NativeFailure(symbol, status, failure(status));
    }
  }

  private static long word(MemorySegment arguments, int index) {
    return arguments.getAtIndex(JAVA_LONG, index);
  }

  private String failure(int status) {
    return switch (this) {
      case DNNL_PRIMITIVE_EXECUTE -> CStrings.read(DnnlBindings.status2str(status));
      case FBGEMM_CONV_RUN, FBGEMM_LINEAR_RUN -> Fbgemm.lastError();
    };
  }
}
