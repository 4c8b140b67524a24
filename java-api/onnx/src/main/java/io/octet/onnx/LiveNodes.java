package io.octet.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/// The nodes of a file that make what its outputs need, each behind those that it reads. The others
/// are never looked at: what nobody reads may be of any type and operator.
final class LiveNodes {
  private final List<NodeProto> all;
  private final Map<String, List<Integer>> makers = new HashMap<>();
  private final Set<String> read = new HashSet<>();
  private final BitSet live = new BitSet();

  LiveNodes(GraphProto graph) {
    all = graph.getNodeList();
    for (int i = 0; i < all.size(); i++) {
      for (String output : all.get(i).getOutputList()) {
        makers.computeIfAbsent(output, _ -> new ArrayList<>(1)).add(i);
      }
    }
    Deque<String> open = new ArrayDeque<>();
    for (ValueInfoProto output : graph.getOutputList()) {
      need(output.getName(), open);
    }
    while (!open.isEmpty()) {
      for (int maker : makers.getOrDefault(open.remove(), List.of())) {
        if (!live.get(maker)) {
          live.set(maker);
          all.get(maker).getInputList().forEach(input -> need(input, open));
        }
      }
    }
  }

  private void need(String value, Deque<String> open) {
    if (!value.isEmpty() && read.add(value)) {
      open.add(value);
    }
  }

  /// Whether a live node reads `value`, or it is an output.
  boolean reads(String value) {
    return read.contains(value);
  }

  /// Kahn's algorithm, stable. Nodes that wait for themselves come last: the graph refuses them.
  List<NodeProto> inOrder() {
    Map<String, List<Integer>> waiting = new HashMap<>();
    int[] missing = new int[all.size()];
    PriorityQueue<Integer> next = new PriorityQueue<>();
    live.stream()
        .forEach(
            i -> {
              for (String input : Set.copyOf(all.get(i).getInputList())) {
                if (makers.containsKey(input) && !input.isEmpty()) {
                  waiting.computeIfAbsent(input, _ -> new ArrayList<>(1)).add(i);
                  missing[i]++;
                }
              }
              if (missing[i] == 0) {
                next.add(i);
              }
            });
    List<NodeProto> ordered = new ArrayList<>();
    BitSet left = (BitSet) live.clone();
    while (!next.isEmpty()) {
      int node = next.remove();
      ordered.add(all.get(node));
      left.clear(node);
      for (String output : all.get(node).getOutputList()) {
        List<Integer> readers = waiting.remove(output);
        for (int reader : readers == null ? List.<Integer>of() : readers) {
          if (--missing[reader] == 0) {
            next.add(reader);
          }
        }
      }
    }
    left.stream().forEach(i -> ordered.add(all.get(i)));
    return ordered;
  }
}
