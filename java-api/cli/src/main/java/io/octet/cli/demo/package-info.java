/// The demo: a trained network and real images that come along, calibrated, quantized, scored and
/// timed. It calls the library through exported packages, `io.octet.cli.measure` and
/// `io.octet.cli.report`. Start at [io.octet.cli.demo.Demo].
package io.octet.cli.demo;
