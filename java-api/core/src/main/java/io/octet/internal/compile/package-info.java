/// Owns the door: a graph and options go in, a plan comes out. It calls lower and tune. Start
/// reading at {@link io.octet.internal.compile.Compiler}.
package io.octet.internal.compile;
