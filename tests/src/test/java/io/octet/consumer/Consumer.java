package io.octet.consumer;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The project in tests/consumer, built outside the reactor against a local repository that holds
/// this build's artifacts and nothing else of Octet; third-party jars come from the user's own.
record Consumer(Path folder) {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final String VERSION = System.getProperty("octet.version");
  private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");

  /// What a process printed, on both streams, and its exit status.
  record Outcome(int status, String text) {}

  static Consumer build(Path folder) throws IOException, InterruptedException {
    Path repository = folder.resolve("repository");
    install(repository, "octet-parent", ROOT);
    install(repository, "octet-native", ROOT.resolve("native"));
    install(repository, "octet-core", ROOT.resolve("java-api/core"));
    install(repository, "octet-platform", ROOT.resolve("java-api/platform"));
    String plugins = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:resolve-plugins";
    maven(plugins); // into the user's repository, so that the next build downloads nothing
    maven(
        "package",
        "-o",
        "-Dmaven.repo.local=" + repository,
        "-Dmaven.repo.local.tail=" + System.getProperty("octet.localRepository"),
        "-Doctet.version=" + VERSION,
        "-Dbuild.folder=" + folder);
    return new Consumer(folder);
  }

  /// Its jar and those that it depends on, for a class path or a module path.
  String path() throws IOException {
    String dependencies = Files.readString(folder.resolve("dependencies")).strip();
    return folder.resolve("consumer.jar") + File.pathSeparator + dependencies;
  }

  /// Runs Java with those arguments, native access denied wherever they do not allow it. Home and
  /// temporary folder are its own: libraries are unpacked there.
  Outcome java(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--illegal-native-access=deny");
    command.add("-Duser.home=" + folder.resolve("home"));
    command.add("-Djava.io.tmpdir=" + Files.createDirectories(folder.resolve("tmp")));
    command.addAll(List.of(arguments));
    return run(folder, command);
  }

  /// The module that holds oneDNN's binaries for this system.
  static String dnnlModule() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String system = WINDOWS ? "windows" : os.startsWith("mac") ? "macosx" : "linux";
    String arch = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "x86_64";
    return "org.bytedeco.dnnl." + system + "." + arch;
  }

  private static void install(Path repository, String artifact, Path module) throws IOException {
    Path target = repository.resolve("io/octet").resolve(artifact).resolve(VERSION);
    Files.createDirectories(target);
    String name = artifact + "-" + VERSION;
    Files.copy(module.resolve("pom.xml"), target.resolve(name + ".pom"));
    Path jar = module.resolve("target").resolve(name + ".jar");
    if (Files.exists(jar)) {
      Files.copy(jar, target.resolve(name + ".jar"));
    }
  }

  private static void maven(String goal, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ROOT.resolve(WINDOWS ? "mvnw.cmd" : "mvnw").toString());
    command.addAll(List.of("-B", "-ntp", "-f", ROOT.resolve("tests/consumer/pom.xml").toString()));
    command.addAll(List.of(options));
    command.add(goal);
    Outcome outcome = run(ROOT, command);
    if (outcome.status() != 0) {
      throw new IllegalStateException(command + " failed:\n" + outcome.text());
    }
  }

  private static Outcome run(Path folder, List<String> command)
      throws IOException, InterruptedException {
    Path log = Files.createTempFile("consumer", ".log");
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    if (!process.waitFor(5, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IllegalStateException(command + " hangs:\n" + Files.readString(log));
    }
    String text = Files.readString(log);
    Files.delete(log);
    return new Outcome(process.exitValue(), text);
  }

  /// Removes what an earlier build left in the folder.
  static Path emptied(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    return Files.createDirectories(folder);
  }
}
