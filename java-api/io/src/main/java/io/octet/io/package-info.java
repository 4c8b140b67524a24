/// Octet's files: arrays as npy and npz, images and labels as IDX, calibration tables and reports
/// as JSON. It calls `io.octet.quant` and what that calls, writes through `io.octet.internal.file`,
/// and it is the only user of the JSON library. Start at [io.octet.io.DataFiles].
package io.octet.io;
