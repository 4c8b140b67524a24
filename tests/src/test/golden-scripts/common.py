"""What the golden scripts share: places, input grids, how an observer is recorded."""

import json
import pathlib
import warnings

import numpy as np
import torch
from torch.ao.quantization import QConfig, get_default_qconfig
from torch.ao.quantization.observer import HistogramObserver, ObserverBase

warnings.filterwarnings("ignore")
torch.backends.quantized.engine = "fbgemm"

RESOURCES = pathlib.Path(__file__).resolve().parent.parent / "resources"
GOLDEN = RESOURCES / "golden"
GRID = 32.0  # inputs are k / 32 with k int8: exact in float32, one byte each on disk


def grid_inputs(rng, count, *shape):
    """Normal samples on the grid, as the int8 that is stored."""
    return np.clip(np.rint(rng.standard_normal((count, *shape)) * GRID), -127, 127).astype(np.int8)


def to_float(grid):
    return torch.from_numpy(grid.astype(np.float32) / np.float32(GRID))


def save_npz(name, arrays, folder=GOLDEN):
    """A deflated npz whose bytes depend on the arrays alone (no time stamps)."""
    import io
    import zipfile

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for key, value in arrays.items():
            buffer = io.BytesIO()
            array = np.asarray(value)
            np.save(buffer, array if array.ndim == 0 else np.ascontiguousarray(array))
            out.writestr(zipfile.ZipInfo(key + ".npy"), buffer.getvalue(), zipfile.ZIP_DEFLATED)


def save_json(name, value, folder=GOLDEN):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(value, indent=1) + "\n")


def number(value):
    """A float32 as a JSON number (its exact double), or the words NaN, Infinity, -Infinity."""
    value = float(value)
    if np.isnan(value):
        return "NaN"
    return value if np.isfinite(value) else "Infinity" if value > 0 else "-Infinity"


def describe(observer):
    """Min, max, scale and zero point; for a histogram also the bins that the search kept."""
    scale, zero_point = observer.calculate_qparams()
    record = {
        "min": number(observer.min_val),
        "max": number(observer.max_val),
        "scale": number(scale),
        "zeroPoint": int(zero_point),
    }
    if isinstance(observer, HistogramObserver):
        new_min, new_max = observer._non_linear_param_search()
        width = (float(observer.max_val) - float(observer.min_val)) / observer.bins
        if width > 0:
            record["startBin"] = round((float(new_min) - float(observer.min_val)) / width)
            record["endBin"] = round((float(new_max) - float(observer.min_val)) / width) - 1
        record["rangeMin"] = number(new_min)
        record["rangeMax"] = number(new_max)
    return record


def weights_of(prefix, module):
    """What a converted Conv or Linear carries: int8 weights, their scales, the float bias."""
    weight = module.weight()
    return {
        f"{prefix}.weight_int8": weight.int_repr().numpy(),
        f"{prefix}.weight_scale": weight.q_per_channel_scales().float().numpy(),
        f"{prefix}.weight_zero_point": weight.q_per_channel_zero_points().numpy().astype(np.int32),
        f"{prefix}.bias": module.bias().detach().numpy(),
    }


class FromDouble(HistogramObserver):
    """Lets a double network feed float32 observers, to see whether the chosen bins are robust."""

    def forward(self, x):
        super().forward(x.float())
        return x


class Jittered(HistogramObserver):
    """Adds the rounding noise of another order of summation; exact inputs and zeros stay exact."""

    def __init__(self, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.rng = np.random.default_rng(seed)

    def forward(self, x):
        on_grid = bool((x * GRID == torch.round(x * GRID)).all())
        if on_grid:
            return super().forward(x)
        relative, absolute = (
            torch.from_numpy(self.rng.uniform(-2e-7, 2e-7, x.shape).astype(np.float32))
            for _ in range(2)
        )
        noisy = x * (1 + relative) + absolute * x.std()
        super().forward(torch.where(x == 0, x, noisy))
        return x


def variants(backend):
    """The preset, and twins that must choose the same bins for a golden to be worth anything."""
    default = get_default_qconfig(backend)
    reduced = {"reduce_range": backend != "onednn"}
    twins = {
        f"jitter {seed}": QConfig(Jittered.with_args(seed=seed, **reduced), default.weight)
        for seed in range(3)
    }
    double = QConfig(FromDouble.with_args(**reduced), default.weight)
    return {"default": default, "double": double, **twins}


def assert_robust(reference, others):
    """A golden whose bins hang on one float32 rounding could not be matched by anybody else."""
    for label, records in others.items():
        for expected, got in zip(reference, records, strict=True):
            if (expected["startBin"], expected["endBin"]) != (got["startBin"], got["endBin"]):
                raise SystemExit(f"{label}: bins of {expected['name']} hang on rounding")
            if expected["zeroPoint"] != got["zeroPoint"]:
                raise SystemExit(f"{label}: zero point of {expected['name']} hangs on rounding")
            if abs(expected["scale"] - got["scale"]) > 8e-7 * expected["scale"]:
                raise SystemExit(f"{label}: scale of {expected['name']} hangs on rounding")


def activation_observers(module):
    """Distinct activation observers by identity, in order of registration."""
    seen = {}
    for name, child in module.named_modules(remove_duplicate=False):
        if isinstance(child, ObserverBase):
            seen.setdefault(id(child), (name, child))
    return list(seen.values())
