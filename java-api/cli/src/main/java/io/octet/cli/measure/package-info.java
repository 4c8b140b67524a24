/// What the verbs measure: accuracy, latency, quantization noise. It calls `io.octet.runtime`,
/// `io.octet.io` and the words for graphs and data, and prints nothing. Start at
/// [io.octet.cli.measure.TopOne] and [io.octet.cli.measure.Race].
package io.octet.cli.measure;
