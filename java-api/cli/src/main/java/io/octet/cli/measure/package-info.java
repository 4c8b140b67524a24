/// What the verbs measure: accuracy, latency, quantization noise. It calls `io.octet.runtime` and
/// `io.octet.io`, and prints nothing. Start at [io.octet.cli.measure.TopOne] and
/// [io.octet.cli.measure.Race].
package io.octet.cli.measure;
