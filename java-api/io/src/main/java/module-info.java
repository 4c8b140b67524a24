/// Octet's files: calibration tables as JSON, npz and npy, IDX.
module io.octet.io {
  requires transitive io.octet;
  requires com.fasterxml.jackson.jr.ob;

  exports io.octet.io;
}
