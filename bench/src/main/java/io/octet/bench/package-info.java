/// Benchmarks of whole networks beside oneDNN's bare primitives and beside other engines. They may
/// call anything of Octet; nothing calls them. Start at [io.octet.bench.NetsBenchmark].
package io.octet.bench;
