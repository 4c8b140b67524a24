"""The tutorial network through PyTorch's eager and FX flows: tutorial_*.npz and tutorial_*.json."""

import numpy as np
import torch
from torch import nn
from torch.ao.quantization import DeQuantStub, QuantStub

from common import grid_inputs, save_json, save_npz
from networks import float_output, observe, parameters, run_int8

SEED = 23  # chosen so that no histogram bin hangs on float rounding: see assert_robust
FUSE = [["conv", "relu"]]


class Tutorial(nn.Module):
    """Conv2d(3, 16, 3, padding=1) -> ReLU -> MaxPool2d(2) -> flatten -> Linear(4096, 10)."""

    def __init__(self, flatten_module=False):
        super().__init__()
        torch.manual_seed(SEED)
        self.conv = nn.Conv2d(3, 16, 3, padding=1)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.flatten = nn.Flatten() if flatten_module else (lambda x: torch.flatten(x, 1))
        self.fc = nn.Linear(16 * 16 * 16, 10)

    def forward(self, x):
        return self.fc(self.flatten(self.pool(self.relu(self.conv(x)))))


class EagerTutorial(Tutorial):
    def __init__(self):
        super().__init__(flatten_module=True)
        self.quant = QuantStub()
        self.dequant = DeQuantStub()

    def forward(self, x):
        return self.dequant(super().forward(self.quant(x)))


def case(name, kind, make, calibration, test, fuse=None):
    prepared, records = observe(kind, make, "fbgemm", calibration, fuse)
    save_npz(name, run_int8(kind, prepared, test))
    save_json(name, {"case": name, "flow": kind, "qconfig": "fbgemm",
                     "torch": torch.__version__.split("+")[0], "observers": records})


def main():
    rng = np.random.default_rng(SEED)
    calibration = grid_inputs(rng, 100, 3, 32, 32)
    test = grid_inputs(rng, 16, 3, 32, 32)
    save_npz("tutorial_data", {
        **parameters(Tutorial()),
        "calibration_grid32": calibration,
        "test_grid32": test,
        "test.float_output": float_output(Tutorial, test),
    })
    case("tutorial_fbgemm", "eager", EagerTutorial, calibration, test, FUSE)
    case("tutorial_fx", "fx", Tutorial, calibration, test)
    presets = []
    for backend in ("fbgemm", "x86", "onednn"):
        for flow, kind, make, fuse in (
            ("eager", "eager", EagerTutorial, FUSE),
            ("eager_unfused", "eager", EagerTutorial, None),
            ("fx", "fx", Tutorial, None),
            ("fx_flatten_module", "fx", lambda: Tutorial(flatten_module=True), None),
        ):
            _, records = observe(kind, make, backend, calibration, fuse)
            presets.append({"qconfig": backend, "flow": flow, "observers": records})
    save_json("tutorial_presets", {"torch": torch.__version__.split("+")[0], "presets": presets})


if __name__ == "__main__":
    main()
