/// Octet's files: arrays as npy and npz, images and labels as IDX, calibration tables and reports
/// as JSON. It calls `io.octet.tensor`, `io.octet.graph` and `io.octet.quant`, and it is the only
/// user of the JSON library. Start at [io.octet.io.DataFiles].
package io.octet.io;
