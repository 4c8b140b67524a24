package io.octet.internal.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Linux's files, as machines and containers show them.
class ContainerMemoryTest {
  @TempDir Path root;

  private void file(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private OptionalLong bytes() {
    return new ContainerMemory(root).bytes();
  }

  @Test
  void withoutAGroupItIsTheMachines() throws IOException {
    file("proc/meminfo", "MemTotal:       24576 kB\nMemFree: 1 kB\n");
    file("proc/self/cgroup", "0::/\n");
    assertEquals(OptionalLong.of(24576 * 1024), bytes());
  }

  @Test
  void aContainerSeesItsLimitAtTheRoot() throws IOException {
    file("proc/meminfo", "MemTotal: 24576 kB\n");
    file("proc/self/cgroup", "0::/\n");
    file("sys/fs/cgroup/memory.max", "1048576\n");
    assertEquals(OptionalLong.of(1048576), bytes());
  }

  @Test
  void theLeastOfAServiceAndItsSliceCounts() throws IOException {
    file("proc/meminfo", "MemTotal: 24576 kB\n");
    file("proc/self/cgroup", "0::/system.slice/octet.service\n");
    file("sys/fs/cgroup/system.slice/octet.service/memory.max", "max\n");
    file("sys/fs/cgroup/system.slice/memory.max", "2097152\n");
    assertEquals(OptionalLong.of(2097152), bytes());
  }

  @Test
  void theFirstVersionHasAFolderForMemory() throws IOException {
    file("proc/meminfo", "MemTotal: 24576 kB\n");
    file("proc/self/cgroup", "9:cpu:/docker/abc\n7:memory:/docker/abc\n");
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "3145728\n");
    assertEquals(OptionalLong.of(3145728), bytes());
  }

  @Test
  void anotherSystemHasNoSuchFiles() {
    assertEquals(OptionalLong.empty(), bytes());
    assertTrue(ContainerMemory.besideTheHeap() > 0);
  }
}
