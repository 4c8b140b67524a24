package io.octet.cli;

import java.util.Map;

/// What a verb found out, for machines and for people.
///
/// @param json the one JSON object of `--json`
/// @param text the same for people, lines ending in a line break
/// @param exit [Exit#DONE], or [Exit#REFUSED] where a gate failed
record VerbResult(Map<String, Object> json, String text, int exit) {
  static VerbResult of(Map<String, Object> json, String text) {
    return new VerbResult(json, text, Exit.DONE);
  }
}
