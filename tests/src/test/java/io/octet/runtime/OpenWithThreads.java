package io.octet.runtime;

import io.octet.OctetException.Unsupported;
import io.octet.graph.Graph;
import io.octet.testkit.SmallNets;

/// Opens a session that wants more threads than there may be, then one that wants two, and prints
/// what became of them.
final class OpenWithThreads {
  private OpenWithThreads() {}

  /// @param arguments runs at once, and threads inside each
  public static void main(String[] arguments) {
    Graph graph = SmallNets.int8(1);
    SessionOptions options =
        SessionOptions.builder()
            .threads(
                t ->
                    t.intraOp(Integer.parseInt(arguments[1]))
                        .maxConcurrentRuns(Integer.parseInt(arguments[0])))
            .build();
    for (int i = 0; i < 2; i++) {
      try (Session session = Session.open(graph, options)) {
        System.out.println("opened " + session.options());
      } catch (Unsupported e) {
        System.out.println("refused: " + e.getMessage());
      }
    }
    SessionOptions modest =
        options.toBuilder().threads(t -> t.intraOp(2).maxConcurrentRuns(1)).build();
    try (Session session = Session.open(graph, modest)) {
      new Expected(session, 1, 2);
      System.out.println("served");
    }
  }
}
