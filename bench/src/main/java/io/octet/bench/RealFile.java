package io.octet.bench;

import io.octet.io.Npz;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A network that nobody made for Octet, and a real input for it. The small ones stand among the
/// tests' resources, the large ones in packages of the profile `files` or in a folder.
///
/// @param name of the file, without its ending
/// @param input of which kind its input is
/// @param kind how it becomes int8
record RealFile(String name, Input input, Kind kind) {
  /// What a file is in int8.
  enum Kind {
    /// Calibrated on its input; both run the file that Octet writes.
    CALIBRATED,
    /// Octet quantizes it without data; ONNX Runtime runs the file of the same name with `-q`.
    DYNAMIC,
    /// It is quantized already.
    QUANTIZED
  }

  /// The arrays that are its input.
  enum Input {
    BYTES,
    DIRECTION,
    LINE,
    MEL,
    PAGE,
    PHOTOGRAPH,
    SENTENCES,
    SPEECH
  }

  private static final int FOLDER_DEPTH = 3;

  /// All of them.
  static List<RealFile> all() {
    return List.of(
        new RealFile("ch_ppocr_mobile_v2.0_cls_infer", Input.DIRECTION, Kind.CALIBRATED),
        new RealFile("ch_PP-OCRv3_det_infer", Input.PAGE, Kind.CALIBRATED),
        new RealFile("ch_PP-OCRv4_det_infer", Input.PAGE, Kind.CALIBRATED),
        new RealFile("ch_PP-OCRv3_rec_infer", Input.LINE, Kind.CALIBRATED),
        new RealFile("ch_PP-OCRv4_rec_infer", Input.LINE, Kind.CALIBRATED),
        new RealFile("efficientnet_lite0", Input.PHOTOGRAPH, Kind.CALIBRATED),
        new RealFile("magika_standard_v3_3", Input.BYTES, Kind.CALIBRATED),
        new RealFile("silero_vad_16k_sequence", Input.SPEECH, Kind.CALIBRATED),
        new RealFile("smart-turn-v3.2-cpu", Input.MEL, Kind.QUANTIZED),
        new RealFile("all-minilm-l6-v2", Input.SENTENCES, Kind.DYNAMIC),
        new RealFile("bge-small-en-v1.5", Input.SENTENCES, Kind.DYNAMIC),
        new RealFile("e5-small-v2", Input.SENTENCES, Kind.DYNAMIC),
        new RealFile("all-minilm-l6-v2-q", Input.SENTENCES, Kind.QUANTIZED),
        new RealFile("bge-small-en-v1.5-q", Input.SENTENCES, Kind.QUANTIZED),
        new RealFile("e5-small-v2-q", Input.SENTENCES, Kind.QUANTIZED));
  }

  /// The file's bytes; nothing where neither the class path nor the folders have it.
  ///
  /// @param suffix behind its name
  /// @param folders looked through first
  Optional<byte[]> bytes(String suffix, List<Path> folders) {
    String file = name + suffix + ".onnx";
    try {
      for (Path folder : folders) {
        try (Stream<Path> files = Files.walk(folder, FOLDER_DEPTH)) {
          Optional<Path> found = files.filter(f -> f.endsWith(file)).findFirst();
          if (found.isPresent()) {
            return Optional.of(Files.readAllBytes(found.get()));
          }
        }
      }
      for (String place : List.of("/", "/models/", "/real/")) {
        try (InputStream in = RealFile.class.getResourceAsStream(place + file)) {
          if (in != null) {
            return Optional.of(in.readAllBytes());
          }
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What goes in, by name.
  Map<String, Tensor> inputs() {
    return switch (input) {
      case BYTES, DIRECTION, LINE, MEL, PAGE, SPEECH -> arrays();
      case PHOTOGRAPH -> photograph();
      case SENTENCES -> longest(arrays());
    };
  }

  private Map<String, Tensor> arrays() {
    URL file = RealFile.class.getResource("/real/" + input.name().toLowerCase() + ".npz");
    try {
      return Npz.read(Path.of(file.toURI()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The last sentence, the only one that needs no padding.
  private static Map<String, Tensor> longest(Map<String, Tensor> batch) {
    Map<String, Tensor> one = new HashMap<>();
    batch.forEach(
        (name, all) -> {
          long[] ids = all.toLongs();
          int tokens = (int) all.shape().size(1);
          long[] last = Arrays.copyOfRange(ids, ids.length - tokens, ids.length);
          one.put(name, Tensor.of(last, 1, tokens));
        });
    return one;
  }

  /// Smooth colours with edges: as far from noise as a photograph.
  private static Map<String, Tensor> photograph() {
    int size = 224;
    float[] pixels = new float[3 * size * size];
    for (int i = 0; i < pixels.length; i++) {
      int x = i % size;
      int y = i / size % size;
      int channel = i / size / size;
      double wave = Math.sin(x / (17.0 + channel)) + Math.cos(y / (23.0 - 3 * channel));
      boolean inside = Math.hypot(x - 120, y - 90) < 60;
      pixels[i] = (float) (0.4 * wave * (inside ? -1 : 1) + (inside ? 0.1 * channel : 0));
    }
    return Map.of("input", Tensor.of(pixels, 1, 3, size, size));
  }
}
