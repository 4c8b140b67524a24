package io.octet.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.testkit.ChildJvm;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The command in a JVM that denies native access: refused, with the flag, and no stack trace.
class DeniedAccessTest {
  @Test
  void isRefusedAndNamesTheFlag() {
    String flag = "--enable-native-access=ALL-UNNAMED";
    List<String> command =
        new ArrayList<>(
            ChildJvm.command(
                System.getProperty("java.class.path"), List.of(), Main.class, "cpu", "--json"));
    assertTrue(command.remove(flag));
    String out = ChildJvm.run(command).expect(Exit.REFUSED);
    assertTrue(out.contains("\"exit\":" + Exit.REFUSED), out);
    assertTrue(out.contains(flag), out);
  }
}
