package io.octet.internal.pass;

import static io.octet.nn.Layers.batchNorm2d;
import static io.octet.nn.Layers.conv2d;
import static io.octet.nn.Layers.flatten;
import static io.octet.nn.Layers.linear;
import static io.octet.nn.Layers.maxPool2d;
import static io.octet.nn.Layers.relu;
import static io.octet.nn.Layers.relu6;
import static io.octet.nn.Layers.residual;
import static io.octet.nn.Layers.sequential;
import static io.octet.nn.Layers.sigmoid;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.octet.graph.Graph;
import io.octet.graph.Node;
import io.octet.graph.op.ValueInfo;
import io.octet.tensor.DataType;
import io.octet.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

final class GroupsTest {
  private static List<List<String>> names(Groups groups) {
    return groups.all().stream().map(g -> g.nodes().stream().map(Node::name).toList()).toList();
  }

  @Test
  void layersTakeTheActivationBehindThem() {
    Graph net =
        sequential(
                conv2d(3, 8, 3).padding(1),
                batchNorm2d(8),
                relu(),
                residual(sequential(conv2d(8, 8, 1), relu6(), conv2d(8, 8, 1))),
                relu(),
                maxPool2d(2),
                relu(),
                conv2d(8, 4, 1),
                sigmoid(),
                flatten(),
                linear(4 * 16, 10))
            .input(3, 8, 8);
    Prepared prepared = Prepare.prepare(net);
    assertEquals(
        List.of(
            List.of("0", "2"),
            List.of("3.body.0", "3.body.1"),
            List.of("3.body.2"),
            List.of("3.add", "4"),
            List.of("7"),
            List.of("10")),
        names(prepared.torchsGroups()));
    assertEquals(List.of("8"), names(prepared.groups()).getLast());
    assertEquals(
        List.of("3.body.1"),
        prepared.groups().all().get(1).behind().stream().map(Node::name).toList());
    assertTrue(prepared.groups().all().get(3).layer().isEmpty());
    assertEquals(List.of("3.body.2", "2"), prepared.groups().all().get(3).dataInputs());
    for (Group group : prepared.groups().all()) {
      group.nodes().forEach(n -> assertEquals(group, prepared.groups().of(n).orElseThrow()));
    }
  }

  @Test
  void aValueThatIsAnOutputEndsItsGroup() {
    Graph net = sequential(conv2d(3, 8, 1), relu()).input(3, 8, 8);
    ValueInfo inner = new ValueInfo("0", DataType.F32, Shape.batched("N", 8, 8, 8));
    Graph both = net.withOutputs(List.of(inner, net.outputs().getFirst()));
    assertEquals(List.of(List.of("0")), names(Groups.of(new Inferred(both), false)));
  }

  @Test
  void aValueThatTwoReadEndsItsGroup() {
    Graph net = sequential(conv2d(3, 3, 1), residual(relu())).input(3, 8, 8);
    assertEquals(
        List.of(List.of("0"), List.of("1.add")), names(Groups.of(new Inferred(net), false)));
  }
}
