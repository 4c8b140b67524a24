package io.octet.internal.select;

import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Backend;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.KernelSpec;
import io.octet.internal.kernel.RefusalCode;

/// A backend that Octet knows by name and this build does not have. Whoever prefers it is told so
/// with every kernel, and the next in line serves.
///
/// @param reason one sentence for a person
public record AbsentBackend(String name, String reason) implements Backend {
  @Override
  public Answer offers(KernelSpec spec, KernelContext context) {
    return new Answer.Refused(RefusalCode.BACKEND_UNAVAILABLE, reason);
  }
}
