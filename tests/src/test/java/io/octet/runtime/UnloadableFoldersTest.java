package io.octet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.octet.testkit.ChildJvm;
import io.octet.testkit.Machine;
import io.octet.testkit.SmallNets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Machines that were hardened: home and temporary folder let no library be loaded from them, or
/// nothing be written. Each test mounts such folders for a process of its own.
class UnloadableFoldersTest {
  @TempDir Path folder;

  private Path home;
  private Path temporary;

  @BeforeEach
  void onlyWhereFoldersCanBeMounted() throws IOException {
    Machine.requireOnednn();
    boolean can = Files.isExecutable(Path.of("/usr/bin/unshare"));
    if (can) {
      can =
          ChildJvm.run(List.of("unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt")).exit()
              == 0;
    }
    assumeTrue(can, "SKIPPED: needs root and unshare, to mount a folder noexec");
    home = Files.createDirectory(folder.resolve("home"));
    temporary = Files.createDirectory(folder.resolve("tmp"));
  }

  /// Prints who runs the convolutions of an FP32 network, and what the explanation says of oneDNN.
  static final class Probe {
    private Probe() {}

    public static void main(String[] arguments) {
      try (Session session = Session.open(SmallNets.fp32(1))) {
        List<NodeReport> rows = session.explain();
        System.out.println(
            rows.stream()
                .filter(row -> row.op().equals("Conv"))
                .map(NodeReport::backend)
                .collect(Collectors.toSet()));
        rows.getFirst().refusals().forEach(refusal -> System.out.println("explain " + refusal));
      }
    }
  }

  /// What the probe says, standard error included, where those folders are mounted so.
  private List<String> under(String homeOptions, String temporaryOptions, String... properties) {
    List<String> all = new ArrayList<>();
    all.add("octet.cachePath="); // as a user has it
    all.add("user.home=" + home);
    all.add("java.io.tmpdir=" + temporary);
    all.addAll(List.of(properties));
    List<String> java = ChildJvm.command(System.getProperty("java.class.path"), all, Probe.class);
    String script =
        "mount -t tmpfs -o \"$1\" none \"$2\" && mount -t tmpfs -o \"$3\" none \"$4\" && shift 4"
            + " && unset XDG_CACHE_HOME && exec \"$@\" 2>&1";
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare",
                "-m",
                "sh",
                "-c",
                script,
                "sh",
                homeOptions,
                home.toString(),
                temporaryOptions,
                temporary.toString()));
    command.addAll(java);
    return ChildJvm.run(command).expect(0).lines().toList();
  }

  @Test
  void theTemporaryFolderServesWhereTheHomeDoesNot() {
    assertEquals(List.of("[onednn]"), under("noexec", "rw"));
    assertEquals(List.of("[onednn]"), under("ro", "rw"));
    assertEquals(List.of("[onednn]"), under("size=1m", "rw"));
  }

  @Test
  void aFolderThatIsSetServesWhereNeitherDoes() {
    String cache = "octet.cachePath=" + folder.resolve("cache");
    assertEquals(List.of("[onednn]"), under("noexec", "noexec", cache));
  }

  @Test
  void causeAndRemedyAreSaidWhereNeitherDoesThoughTheNetworkIsInFp32() {
    List<String> lines = under("noexec", "ro");
    assertTrue(lines.contains("[jvm]"), lines::toString);
    for (String who : List.of("WARNING", "explain")) {
      String said =
          lines.stream().filter(l -> l.startsWith(who)).findFirst().orElseGet(lines::toString);
      assertTrue(said.contains(home + "/.cache/octet: it is mounted noexec"), said);
      assertTrue(said.contains("Read-only file system"), said);
      assertTrue(said.contains("-Doctet.cachePath=FOLDER"), said);
      assertTrue(said.contains("-Doctet.libraryPath=FOLDER"), said);
    }
  }

  @Test
  void aFullDiskIsSaidWithTheNumbers() {
    List<String> lines = under("size=1m", "size=1m");
    String said = String.join("\n", lines);
    assertTrue(lines.contains("[jvm]"), said);
    assertTrue(said.matches("(?s).*[0-9,]+ bytes are needed, [0-9,]+ are free.*"), said);
  }
}
