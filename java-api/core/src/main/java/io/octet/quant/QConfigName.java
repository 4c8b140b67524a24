package io.octet.quant;

import io.octet.quant.QConfig.Preset;
import io.octet.quant.observe.ObserverKind;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;

/// Reads the names of configurations: a preset's word, or what calibration tables called it before
/// they held the configuration itself ("fbgemm-fx-min_max"). Nothing writes the longer ones any
/// more.
final class QConfigName {
  private QConfigName() {}

  static QConfig read(String name) {
    Deque<String> words = new ArrayDeque<>(Arrays.asList(name.split("-", -1)));
    Optional<Preset> preset = preset(words.remove());
    if (preset.isEmpty()) {
      throw unknown(name);
    }
    QConfig.Builder builder = preset.get().qconfig().toBuilder();
    if ("fx".equals(words.peek())) {
      words.remove();
      builder.fx();
    }
    if (!words.isEmpty()) {
      builder.observer(observer(words.remove()).orElseThrow(() -> unknown(name)));
    }
    if (!words.isEmpty()) {
      throw unknown(name);
    }
    return builder.build();
  }

  private static Optional<Preset> preset(String word) {
    return Arrays.stream(Preset.values()).filter(p -> p.word().equals(word)).findFirst();
  }

  /// The histogram is every preset's, so no name says it.
  private static Optional<ObserverKind> observer(String word) {
    return switch (word) {
      case "min_max" -> Optional.of(ObserverKind.MIN_MAX);
      case "moving_average" -> Optional.of(ObserverKind.MOVING_AVERAGE);
      default -> Optional.empty();
    };
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        "no qconfig is called \"" + name + "\"; there are auto, fbgemm, x86 and onednn");
  }
}
