package io.octet.onnx;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/// The nodes of a file that make what its outputs need, each behind those that it reads. The others
/// are never looked at: what nobody reads may be of any type and operator. Branches that are taken
/// are asked for later.
final class LiveNodes {
  private final Set<String> read = new HashSet<>();

  /// Whether a live node reads `value`, or it is an output.
  boolean reads(String value) {
    return read.contains(value);
  }

  /// Those of `nodes` that make what is wanted, in order. Nodes that wait for themselves come last:
  /// the graph refuses them.
  ///
  /// @param wanted names of values
  List<NodeProto> of(List<NodeProto> nodes, Collection<String> wanted) {
    return new Scope(nodes).live(wanted);
  }

  /// One graph of the file.
  private final class Scope {
    private final List<NodeProto> all;
    private final List<Set<String>> inputs;
    private final Map<String, List<Integer>> makers = new HashMap<>();
    private final BitSet live = new BitSet();

    Scope(List<NodeProto> nodes) {
      all = nodes;
      inputs = nodes.stream().map(Renaming::reads).toList();
      for (int i = 0; i < all.size(); i++) {
        for (String output : all.get(i).getOutputList()) {
          makers.computeIfAbsent(output, _ -> new ArrayList<>(1)).add(i);
        }
      }
    }

    List<NodeProto> live(Collection<String> wanted) {
      Deque<String> open = new ArrayDeque<>();
      Set<String> seen = new HashSet<>();
      wanted.forEach(value -> need(value, seen, open));
      while (!open.isEmpty()) {
        for (int maker : makers.getOrDefault(open.remove(), List.of())) {
          if (!live.get(maker)) {
            live.set(maker);
            inputs.get(maker).forEach(input -> need(input, seen, open));
          }
        }
      }
      return inOrder();
    }

    private void need(String value, Set<String> seen, Deque<String> open) {
      if (!value.isEmpty() && seen.add(value)) {
        read.add(value);
        open.add(value);
      }
    }

    /// Kahn's algorithm, stable.
    private List<NodeProto> inOrder() {
      Map<String, List<Integer>> waiting = new HashMap<>();
      int[] missing = new int[all.size()];
      PriorityQueue<Integer> next = new PriorityQueue<>();
      live.stream()
          .forEach(
              i -> {
                for (String input : inputs.get(i)) {
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
}
