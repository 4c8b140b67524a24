package io.octet.internal.plan;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// The free pieces of a memory that grows: each request takes the smallest piece that holds it, the
/// lowest of several, and what is given back joins its neighbours. Every call takes logarithmic
/// time.
final class Gaps {
  private final TreeMap<Long, Long> sizes = new TreeMap<>(); // by offset; no two touch
  private final TreeSet<Gap> bySize = new TreeSet<>();
  private long end;

  private record Gap(long size, long offset) implements Comparable<Gap> {
    @Override
    public int compareTo(Gap other) {
      return size != other.size
          ? Long.compare(size, other.size)
          : Long.compare(offset, other.offset);
    }
  }

  /// Bytes of the whole so far.
  long end() {
    return end;
  }

  /// The offset of `size` bytes that are the caller's now.
  long take(long size) {
    if (size == 0) {
      return 0;
    }
    Gap gap = bySize.ceiling(new Gap(size, 0));
    if (gap == null) {
      return grow(size);
    }
    remove(gap.offset(), gap.size());
    if (gap.size() > size) {
      add(gap.offset() + size, gap.size() - size);
    }
    return gap.offset();
  }

  /// At the end, from a last gap on that is too small.
  private long grow(long size) {
    Map.Entry<Long, Long> last = sizes.lastEntry();
    long offset = end;
    if (last != null && last.getKey() + last.getValue() == end) {
      offset = last.getKey();
      remove(last.getKey(), last.getValue());
    }
    end = Math.addExact(offset, size);
    return offset;
  }

  /// Gives back what {@link #take} gave.
  void free(long offset, long size) {
    if (size == 0) {
      return;
    }
    long from = offset;
    long to = offset + size;
    Map.Entry<Long, Long> below = sizes.floorEntry(offset);
    if (below != null && below.getKey() + below.getValue() == offset) {
      from = below.getKey();
      remove(below.getKey(), below.getValue());
    }
    Long above = sizes.get(to);
    if (above != null) {
      remove(to, above);
      to += above;
    }
    add(from, to - from);
  }

  private void add(long offset, long size) {
    sizes.put(offset, size);
    bySize.add(new Gap(size, offset));
  }

  private void remove(long offset, long size) {
    sizes.remove(offset);
    bySize.remove(new Gap(size, offset));
  }
}
