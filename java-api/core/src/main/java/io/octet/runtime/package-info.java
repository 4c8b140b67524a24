/// Owns running: sessions that many threads share, bindings without allocation, the explanation of
/// a plan, and calibration runs. It calls internal.compile and quant. Start reading at {@link
/// io.octet.runtime.Session}.
package io.octet.runtime;
