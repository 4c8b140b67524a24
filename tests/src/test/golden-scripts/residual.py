"""Conv + BatchNorm, Adds with and without ReLU, average pools, Concat: residual_*, concat_*."""

import numpy as np
import torch
from torch import nn
from torch.ao.nn.quantized import FloatFunctional
from torch.ao.quantization import DeQuantStub, QuantStub

from common import grid_inputs, save_json, save_npz
from networks import float_output, observe, parameters, run_int8

SEED = 41  # chosen so that no histogram bin hangs on float rounding: see assert_robust
FUSE = [["stem", "stem_bn", "stem_relu"], ["conv1", "bn1", "relu1"], ["conv2", "bn2"],
        ["conv3", "bn3"]]


class Residual(nn.Module):
    """A stem, a residual block ending in Add + ReLU, a grouped branch Added without ReLU."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(SEED)
        self.stem = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.stem_bn = nn.BatchNorm2d(8)
        self.stem_relu = nn.ReLU()
        self.conv1 = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(8)
        self.conv3 = nn.Conv2d(8, 8, 3, stride=2, padding=1, groups=2)
        self.bn3 = nn.BatchNorm2d(8)
        self.avg = nn.AvgPool2d(2)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8, 10)
        randomize_batch_norms(self)

    def forward(self, x):
        x = self.stem_relu(self.stem_bn(self.stem(x)))
        y = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))
        x = self.add_relu(y, x)
        x = self.add(self.bn3(self.conv3(x)), self.avg(x))
        return self.fc(torch.flatten(self.gap(x), 1))

    def add_relu(self, a, b):
        return torch.relu(a + b)

    def add(self, a, b):
        return a + b


class EagerResidual(Residual):
    def __init__(self):
        super().__init__()
        self.quant = QuantStub()
        self.dequant = DeQuantStub()
        self.sum_relu = FloatFunctional()
        self.sum = FloatFunctional()

    def forward(self, x):
        return self.dequant(super().forward(self.quant(x)))

    def add_relu(self, a, b):
        return self.sum_relu.add_relu(a, b)

    def add(self, a, b):
        return self.sum.add(a, b)


class Concat(nn.Module):
    """Two branches, one of them behind ReLU, joined by Concat: FX gives all three one observer."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(SEED)
        self.left = nn.Conv2d(3, 4, 3, padding=1)
        self.right = nn.Conv2d(3, 6, 1)
        self.right_relu = nn.ReLU()
        self.join = nn.Conv2d(10, 8, 3, stride=2, padding=1)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8, 10)

    def forward(self, x):
        x = torch.cat([self.left(x), self.right_relu(self.right(x))], 1)
        return self.fc(torch.flatten(self.gap(self.join(x)), 1))


def randomize_batch_norms(model):
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.2)
            nn.init.normal_(module.running_mean, 0, 0.1)
            nn.init.uniform_(module.running_var, 0.3, 1.2)


def case(name, kind, make, calibration, test, fuse=None):
    prepared, records = observe(kind, make, "fbgemm", calibration, fuse)
    save_npz(name, run_int8(kind, prepared, test))
    save_json(name, {"case": name, "flow": kind, "qconfig": "fbgemm",
                     "torch": torch.__version__.split("+")[0], "observers": records})


def main():
    rng = np.random.default_rng(SEED)
    calibration = grid_inputs(rng, 100, 3, 16, 16)
    test = grid_inputs(rng, 16, 3, 16, 16)
    save_npz("residual_data", {
        **{k: v for k, v in parameters(Residual()).items()},
        "calibration_grid32": calibration,
        "test_grid32": test,
        "test.float_output": float_output(Residual, test),
    })
    case("residual_fbgemm", "eager", EagerResidual, calibration, test, FUSE)
    case("residual_fx", "fx", Residual, calibration, test)
    save_npz("concat_data", {
        **parameters(Concat()),
        "test.float_output": float_output(Concat, test),
    })
    case("concat_fx", "fx", Concat, calibration, test)


if __name__ == "__main__":
    main()
