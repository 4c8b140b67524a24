package io.octet.internal.ffi;

import java.util.List;

/// The libraries of one jar. They are unpacked into one folder, where they find each other.
record Bundle(String label, List<Item> items) {
  /// @param name the file's
  record Item(String name, Resource resource) {}

  Bundle {
    items = List.copyOf(items);
  }

  /// A folder's name that tells the content of every file: another build of the same version, its
  /// files' sizes and times the same, gets another folder.
  String folder() {
    StringBuilder text = new StringBuilder(label);
    items.forEach(item -> text.append("-%08x".formatted(item.resource().crc())));
    return text.toString();
  }

  Resource resource(String name) {
    return items.stream()
        .filter(item -> item.name().equals(name))
        .findFirst()
        .orElseThrow()
        .resource();
  }
}
