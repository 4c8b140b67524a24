"""Makes the arrays of this folder with numpy 2: `python make_arrays.py`. Every array is known to
NumpyFilesTest: element i, counted in C order, is i - 3 (unsigned: i)."""
import io
import numpy as np
from numpy.lib import format as npy

SHAPE = (3, 2, 5)


def ramp(dtype):
    first = 0 if np.dtype(dtype).kind == "u" else -3
    return (np.arange(30) + first).astype(dtype).reshape(SHAPE)


TYPES = ["f2", "f4", "f8", "i1", "u1", "i2", "i4", "i8"]
np.savez("stored.npz", **{t: ramp(t) for t in TYPES})
np.savez_compressed("deflated.npz", **{t: ramp(t) for t in TYPES})
np.savez("fortran.npz", **{t: np.asfortranarray(ramp(t)) for t in TYPES})
for version in [(1, 0), (2, 0), (3, 0)]:
    with open(f"version{version[0]}.npy", "wb") as out:
        npy.write_array(out, ramp("f4"), version=version)
np.save("scalar.npy", np.float32(2.5))
np.save("empty.npy", np.zeros((0, 4), "f4"))
np.save("big_endian.npy", ramp(">f4"))
np.save("structured.npy", np.zeros(3, dtype=[("a", "f4"), ("b", "i4")]))
np.save("text.npy", np.array(["a", "b"]))
