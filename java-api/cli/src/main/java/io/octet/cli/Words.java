package io.octet.cli;

import io.octet.onnx.WriteOptions;
import io.octet.quant.QConfig.WeightScales;
import io.octet.quant.observe.ObserverKind;
import io.octet.runtime.FallbackPolicy;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;

/// Constants as words of the command line, in lower case: picocli would take their own spelling
/// alone.
abstract class Words<E extends Enum<E>> implements CommandLine.ITypeConverter<E> {
  private final List<E> constants;

  private Words(E[] constants) {
    this.constants = List.of(constants);
  }

  @Override
  public final E convert(String word) {
    return constants.stream()
        .filter(c -> word(c).equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new CommandLine.TypeConversionException(
                    "expected " + list() + ", but came \"" + word + "\""));
  }

  /// "allow, warn or fail".
  private String list() {
    String[] words = constants.stream().map(Words::word).toArray(String[]::new);
    int last = words.length - 1;
    return String.join(", ", Arrays.copyOf(words, last)) + " or " + words[last];
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  static final class Policy extends Words<FallbackPolicy> {
    Policy() {
      super(FallbackPolicy.values());
    }
  }

  static final class Observer extends Words<ObserverKind> {
    Observer() {
      super(ObserverKind.values());
    }
  }

  static final class Format extends Words<WriteOptions.Format> {
    Format() {
      super(WriteOptions.Format.values());
    }
  }

  static final class Profile extends Words<WriteOptions.Profile> {
    Profile() {
      super(WriteOptions.Profile.values());
    }
  }

  static final class Weights extends Words<WeightScales> {
    Weights() {
      super(WeightScales.values());
    }
  }
}
