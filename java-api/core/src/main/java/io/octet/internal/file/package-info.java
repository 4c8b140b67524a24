/// Files that are written whole or not at all. It calls the JDK alone, and io, onnx and the command
/// write through it. Start at [io.octet.internal.file.AtomicFile].
package io.octet.internal.file;
