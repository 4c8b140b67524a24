package io.octet.runtime;

/// How long a node took in a profiled run.
///
/// @param name as in {@link NodeReport#name()}
/// @param nanos mean over the runs, with the copies and conversions made for it
public record NodeTime(String name, double nanos) {}
