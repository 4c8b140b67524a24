/// Owns what tests of kernels share: seeds that can be replayed, random specs with the awkward ones
/// among them, and a runner that holds any backend to its contract on memory. It may call anything
/// of Octet. Start reading at {@link io.octet.testkit.SpecRunner}.
package io.octet.testkit;
