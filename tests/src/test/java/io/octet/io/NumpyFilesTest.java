package io.octet.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import io.octet.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Files that numpy wrote (make_arrays.py beside them), and files that numpy can read.
class NumpyFilesTest {
  private static final Map<String, DataType> TYPES =
      Map.of(
          "f2",
          DataType.F32,
          "f4",
          DataType.F32,
          "f8",
          DataType.F32,
          "i1",
          DataType.S8,
          "u1",
          DataType.U8,
          "i2",
          DataType.S32,
          "i4",
          DataType.S32,
          "i8",
          DataType.S64);

  @TempDir Path folder;

  static Path numpy(String name) {
    return Path.of("src/test/resources/io/octet/io").resolve(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"stored.npz", "deflated.npz", "fortran.npz"})
  void everyTypeIsReadInEveryForm(String file) throws IOException {
    Map<String, Tensor> arrays = Npz.read(numpy(file));
    assertEquals(TYPES.keySet(), arrays.keySet());
    arrays.forEach(
        (name, array) -> {
          assertEquals(TYPES.get(name), array.type(), name);
          assertEquals(Shape.of(3, 2, 5), array.shape(), name);
          assertRamp(array, 0, name);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"stored.npz", "deflated.npz", "fortran.npz"})
  void rowsReadInTurnsAreTheWholeArray(String file) throws IOException {
    Map<String, Rows> arrays = Npz.open(numpy(file));
    for (int row = 0; row < 3; row += 2) {
      for (Map.Entry<String, Rows> array : arrays.entrySet()) {
        Tensor rows = array.getValue().next(Math.min(2, 3 - row));
        assertEquals(Shape.of(Math.min(2, 3 - row), 2, 5), rows.shape());
        assertRamp(rows, row * 10, array.getKey());
      }
    }
    for (Rows rows : arrays.values()) {
      assertThrows(IllegalArgumentException.class, () -> rows.next(1));
      rows.close();
    }
  }

  private static void assertRamp(Tensor array, int first, String name) {
    int offset = array.type() == DataType.U8 ? 0 : -3;
    for (int i = 0; i < array.elements(); i++) {
      double value =
          array.type() == DataType.F32 ? array.getFloat(i) : (double) array.getInteger(i);
      assertEquals(first + i + offset, value, name + " element " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"version1.npy", "version2.npy", "version3.npy"})
  void everyVersionIsRead(String file) throws IOException {
    Tensor array = Npy.read(numpy(file));
    assertEquals(Shape.of(3, 2, 5), array.shape());
    assertRamp(array, 0, file);
  }

  @Test
  void aScalarAndAnEmptyArrayAreRead() throws IOException {
    assertEquals(2.5f, Npy.read(numpy("scalar.npy")).getFloat(0));
    assertEquals(Shape.of(0, 4), Npy.read(numpy("empty.npy")).shape());
  }

  @ParameterizedTest
  @ValueSource(strings = {"big_endian.npy", "structured.npy", "text.npy"})
  void anArrayOfAnotherTypeIsRefusedByName(String file) {
    MalformedFileException e =
        assertThrows(MalformedFileException.class, () -> Npy.read(numpy(file)));
    assertTrue(e.getMessage().contains(file), e.getMessage());
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    arrays.put("floats", Tensor.of(new float[] {1.5f, -0f, Float.NaN, 3e38f, 1e-45f, 0}, 2, 3));
    arrays.put("bytes", Tensor.of(DataType.U8, new byte[] {0, -1, 7}, 3));
    arrays.put("signed", Tensor.of(DataType.S8, new byte[] {-128, 127}, 1, 2));
    arrays.put("ints", Tensor.of(new int[] {Integer.MIN_VALUE, 5}, 2));
    arrays.put("longs", Tensor.of(new long[] {Long.MAX_VALUE}, 1, 1, 1));
    arrays.put("scalar", Tensor.scalar(4));
    arrays.put("none", Tensor.of(new float[0], 0, 7));
    Path file = folder.resolve("out.npz");
    Npz.write(file, arrays);
    Map<String, Tensor> back = Npz.read(file);
    assertEquals(arrays.keySet().toString(), back.keySet().toString());
    arrays.forEach(
        (name, array) -> {
          assertEquals(array.toString(), back.get(name).toString());
          assertEquals(-1, array.data().mismatch(back.get(name).data()), name);
        });
  }

  @Test
  void theHeaderIsTheOneThatNumpyWrites() throws IOException {
    Path file = folder.resolve("ramp.npy");
    Npy.write(file, Npy.read(numpy("version1.npy")));
    assertArrayEquals(Files.readAllBytes(numpy("version1.npy")), Files.readAllBytes(file));
  }

  @Test
  void theSameArraysGiveTheSameFile() throws IOException {
    Map<String, Tensor> arrays = Map.of("x", Tensor.of(new float[1000], 10, 100));
    Npz.write(folder.resolve("a.npz"), arrays);
    Npz.write(folder.resolve("b.npz"), arrays);
    assertEquals(-1, Files.mismatch(folder.resolve("a.npz"), folder.resolve("b.npz")));
  }
}
