"""Single observers fed with awkward batches: observers.npz and observers.json."""

import numpy as np
import torch
from torch.ao.quantization.observer import (
    HistogramObserver,
    MinMaxObserver,
    MovingAverageMinMaxObserver,
    PerChannelMinMaxObserver,
)

from common import describe, number, save_json, save_npz

FORMATS = {
    "u8": {"dtype": torch.quint8, "qscheme": torch.per_tensor_affine},
    "u8_reduced": {
        "dtype": torch.quint8, "qscheme": torch.per_tensor_affine, "reduce_range": True},
    "s8_symmetric": {"dtype": torch.qint8, "qscheme": torch.per_tensor_symmetric},
}
OBSERVERS = {
    "minMax": MinMaxObserver,
    "movingAverage": MovingAverageMinMaxObserver,
    "histogram": HistogramObserver,
}


def cases(rng):
    """Name -> batches. Sizes are odd on purpose; kept small, for the lot is committed."""

    def normal(n):
        return rng.standard_normal(n).astype(np.float32)

    def f32(x):
        return np.asarray(x, dtype=np.float32)

    yield "normal", [normal(701) for _ in range(4)]
    yield "normal_long", [normal(4001)]
    yield "relu", [np.maximum(normal(701), 0) for _ in range(4)]
    yield "growing", [normal(499) * f32(1.7**i) for i in range(6)]
    yield "growing_up_only", [np.abs(normal(499)) * f32(1 + i) for i in range(5)]
    yield "growing_down_only", [-np.abs(normal(499)) * f32(1 + i) for i in range(4)]
    yield "shrinking", [normal(499) * f32(0.5**i) for i in range(6)]
    yield "shifting", [normal(301) + f32(3 * i) for i in range(5)]
    yield "heavy_tails", [normal(801) ** 3 for _ in range(4)]
    yield "outliers", [
        np.where(rng.random(1201) < 0.002, normal(1201) * 200, normal(1201)).astype(np.float32)
        for _ in range(3)]
    yield "one_huge_outlier", [normal(1001), np.append(normal(300), f32(1e6))]
    yield "bimodal", [
        np.concatenate([normal(300) * f32(0.1) - 5, normal(300) * f32(0.1) + 5]) for _ in range(2)]
    yield "large_offset", [normal(701) + f32(1000) for _ in range(3)]
    yield "large_negative_offset", [normal(701) * f32(3) - f32(250) for _ in range(3)]
    yield "tiny", [normal(501) * f32(1e-6) for _ in range(3)]
    yield "denormal", [f32(np.linspace(-1e-40, 1e-40, 101))]
    yield "huge", [normal(501) * f32(1e30) for _ in range(2)]
    yield "constant", [np.full(97, 2.5, np.float32)] * 2
    yield "constant_negative", [np.full(97, -0.75, np.float32)]
    yield "all_zero", [np.zeros(64, np.float32)] * 2
    yield "zero_then_normal", [np.zeros(64, np.float32), normal(501), normal(501)]
    yield "constant_then_normal", [np.full(100, 0.3, np.float32), normal(501)]
    yield "constant_then_other_constant", [f32([2.0] * 10), f32([5.0] * 30), f32([-1.0] * 3)]
    yield "one_element", [f32([1.25])]
    yield "one_element_each", [f32([v]) for v in (0.5, -0.25, 3.0, 3.0, -7.5, 0.0)]
    yield "two_values", [f32([-1.0, 1.0] * 50)]
    yield "on_the_grid", [np.rint(normal(801) * 16) / f32(16) for _ in range(4)]
    yield "bin_edges", [f32(np.arange(2049) / 2048.0), f32(np.arange(0, 2049, 3) / 1024.0)]
    yield "uniform", [rng.uniform(-1, 3, 1501).astype(np.float32) for _ in range(2)]
    yield "with_infinities", [
        normal(301), np.append(normal(301) * 2, f32([np.inf, -np.inf])), f32([np.inf] * 5)]
    yield "many_small_batches", [normal(17) * f32(1 + i / 10) for i in range(60)]
    # Rare tails, then a core fed 200 times: only such data makes the search clip the range.
    yield "dense_normal", [normal(2501), np.clip(normal(2501), -2.5, 2.5)]
    yield "dense_relu", [np.maximum(normal(2501), 0), np.clip(normal(2501), 0, 2)]
    yield "dense_heavy_tails", [normal(2501) ** 3, np.clip(normal(2501) ** 3, -6, 6)]
    yield "dense_negative_tail", [
        f32(1) - np.exp(normal(2501)), np.maximum(f32(1) - np.exp(normal(2501)), -3)]
    yield "dense_outliers", [
        np.where(rng.random(3001) < 0.003, normal(3001) * 30, normal(3001)).astype(np.float32),
        normal(2001)]
    yield "dense_offset", [
        np.exp(normal(2501)) + f32(20), np.minimum(np.exp(normal(2501)), 4) + f32(20)]
    yield "dense_growing", [
        np.clip(normal(1501), -1.5, 1.5), normal(1501) * f32(1.5), normal(701) * 3]
    yield "with_empty_batch", [normal(101), f32([]), normal(101)]


def observe(kind, options, batches):
    observer = OBSERVERS[kind](**options)
    for batch in batches:
        observer(torch.from_numpy(batch))
    return observer


def per_channel(rng, arrays):
    records = []
    shapes = {"conv": (5, 3, 3, 3), "linear": (4, 33), "depthwise": (7, 1, 5, 5)}
    for name, shape in shapes.items():
        weight = rng.standard_normal(shape).astype(np.float32) * 0.2
        weight[0] = 0  # a dead channel: eps
        weight[1] = np.abs(weight[1])
        weight[2] = -np.abs(weight[2]) * 1e-9  # below eps * 127.5
        observer = PerChannelMinMaxObserver(
            ch_axis=0, dtype=torch.qint8, qscheme=torch.per_channel_symmetric)
        tensor = torch.from_numpy(weight)
        observer(tensor)
        scale, zero_point = observer.calculate_qparams()
        quantized = torch.quantize_per_channel(tensor, scale, zero_point, 0, torch.qint8)
        arrays[f"perChannel.{name}.weight"] = weight
        arrays[f"perChannel.{name}.min"] = observer.min_val.numpy()
        arrays[f"perChannel.{name}.max"] = observer.max_val.numpy()
        arrays[f"perChannel.{name}.scale"] = scale.numpy()
        arrays[f"perChannel.{name}.int8"] = quantized.int_repr().numpy()
        records.append({"name": name, "zeroPoints": zero_point.tolist()})
    return records


def main():
    rng = np.random.default_rng(5)
    arrays, records = {}, []
    for name, batches in cases(rng):
        repeats = [1] * len(batches)
        if name.startswith("dense"):
            repeats[0 if name == "dense_growing" else 1] = 200
        batches = [np.ascontiguousarray(b, dtype=np.float32) for b in batches]
        arrays[f"{name}.values"] = np.concatenate(batches)
        record = {"name": name, "batchSizes": [len(b) for b in batches],
                  "repeats": repeats, "observers": {}}
        fed = [b for b, r in zip(batches, repeats) for _ in range(r)]
        for kind in ["histogram"] if name == "with_infinities" else OBSERVERS:
            results = {}
            for form, options in FORMATS.items():
                observer = observe(kind, options, fed)
                results[form] = describe(observer)
                if kind == "histogram":
                    arrays[f"{name}.histogram"] = observer.histogram.numpy()
            record["observers"][kind] = results
        records.append(record)
    unobserved = MinMaxObserver().calculate_qparams()
    channels = per_channel(rng, arrays)
    save_npz("observers", arrays)
    save_json("observers", {
        "torch": torch.__version__.split("+")[0],
        "formats": {
            k: {"quantMin": o.quant_min, "quantMax": o.quant_max}
            for k, o in ((k, MinMaxObserver(**v)) for k, v in FORMATS.items())},
        "averagingConstant": 0.01,
        "unobserved": {"scale": number(unobserved[0]), "zeroPoint": int(unobserved[1])},
        "cases": records,
        "perChannel": channels,
    })


if __name__ == "__main__":
    main()
