package io.octet.internal.kernel.onednn;

import static io.octet.internal.ffi.DnnlConstants.ARG_WEIGHTS;
import static io.octet.internal.ffi.DnnlConstants.QUERY_WEIGHTS_MD;

import io.octet.internal.kernel.Answer;
import io.octet.internal.kernel.Constant;
import io.octet.internal.kernel.KernelContext;
import io.octet.internal.kernel.Offer;
import io.octet.internal.kernel.WeightsCache;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/// What oneDNN is asked for. It is gathered in a draft to find out what oneDNN has, and once more
/// where that is made later than at once: an offer holds nothing native.
///
/// @param question creates the descriptor
/// @param right whether an implementation computes what it should
/// @param packing constant weights; null where there are none
/// @param arguments those that carry tensors
record Operation(
    Question question, Predicate<PrimitiveDesc> right, Packing packing, int... arguments) {
  /// oneDNN's answer.
  @FunctionalInterface
  interface Question extends Function<Attributes, Optional<PrimitiveDesc>> {}

  /// Writes an operation into a draft.
  @FunctionalInterface
  interface Writer extends Function<KernelDraft, Operation> {}

  /// Without constant weights; every implementation is right.
  Operation(Question question, int... arguments) {
    this(question, desc -> true, null, arguments);
  }

  /// Constant weights, to be packed as an implementation wants them.
  ///
  /// @param plain describes them as they are
  record Packing(Constant weights, MemoryDesc plain) {
    MemorySegment share(WeightsCache packed, Primitive primitive) {
      return PackedTensor.share(packed, weights, plain, primitive.argument(ARG_WEIGHTS));
    }
  }

  boolean serves(PrimitiveDesc desc) {
    return right.test(desc) && (packing == null || PackedTensor.canPack(packing.plain, desc));
  }

  long packedBytes(PrimitiveDesc desc) {
    return packing == null ? 0 : desc.bytes(QUERY_WEIGHTS_MD, 0);
  }

  /// What oneDNN offers. It looks for the first implementation alone: to walk all of them takes as
  /// long as to compile one.
  static Answer answer(KernelContext context, Writer writer) {
    KernelDraft draft = new KernelDraft(context);
    Operation operation = null;
    List<Offer> first = List.of();
    try {
      operation = writer.apply(draft);
      KernelDraft.Found found = draft.find(operation, 1);
      first = offers(found, writer);
      if (first.isEmpty()) {
        return found.refusal();
      }
    } finally {
      if (first.isEmpty()) {
        draft.close();
      }
    }
    Operation asked = operation;
    Offer offer = first.getFirst();
    Offer.Maker maker = c -> draft.serves(c) ? draft.make(asked) : offer.make(c);
    return new Answer.Offers(offer.by(maker), () -> others(context, writer), draft::close);
  }

  private static List<Offer> others(KernelContext context, Writer writer) {
    try (KernelDraft draft = new KernelDraft(context)) {
      List<Offer> all = offers(draft.find(writer.apply(draft), Integer.MAX_VALUE), writer);
      return all.subList(1, all.size());
    }
  }

  private static List<Offer> offers(KernelDraft.Found found, Writer writer) {
    List<Offer> offers = new ArrayList<>();
    for (Map.Entry<String, Long> one : found.packedBytes().entrySet()) {
      String name = one.getKey();
      offers.add(new Offer(name, offers.size(), one.getValue(), c -> make(c, writer, name)));
    }
    return offers;
  }

  private static OnednnKernel make(KernelContext context, Writer writer, String implementation) {
    try (KernelDraft draft = new KernelDraft(context)) {
      Operation operation = writer.apply(draft);
      draft.seek(operation, implementation);
      return draft.make(operation);
    }
  }
}
