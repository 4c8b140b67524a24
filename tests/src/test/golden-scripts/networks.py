"""One network, prepared and converted the eager way and the FX way, and everything recorded."""

import numpy as np
import torch
from torch.ao.quantization import (
    QConfigMapping,
    convert,
    fuse_modules,
    get_default_qconfig_mapping,
    prepare,
)
from torch.ao.quantization.observer import ObserverBase
from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

from common import assert_robust, describe, to_float, variants, weights_of


ONE_NAME = {
    "quant": "input", "x": "input", "quantize_per_tensor": "input",
    "sum_relu": "add_relu", "relu": "add_relu", "sum": "add", "add_1": "add", "add_2": "add",
}


def rename(name):
    """The two flows name the same tensor differently; here it has one name."""
    name = name.removesuffix(".activation_post_process")
    return ONE_NAME.get(name, name)


def eager_observers(make, fuse, qconfig, calibration, double):
    model = make().eval()
    if fuse:
        fuse_modules(model, fuse, inplace=True)
    model.qconfig = qconfig
    prepared = prepare(model)
    if double:
        prepared.double()
        for module in prepared.modules():
            if isinstance(module, ObserverBase):
                module.float()
    with torch.no_grad():
        for sample in to_float(calibration):
            prepared(sample[None].double() if double else sample[None])
    records = []
    for name, module in prepared.named_modules():
        if isinstance(module, ObserverBase):
            owner = rename(name)
            records.append({"name": owner, "tensors": [owner], **describe(module)})
    return prepared, records


def fx_observers(make, backend, qconfig, calibration, double):
    mapping = get_default_qconfig_mapping(backend)
    if qconfig is not None:
        mapping = QConfigMapping().set_global(qconfig)
        mapping.set_object_type("reshape", get_default_qconfig_mapping(backend)
                                .object_type_qconfigs["reshape"])
    example = to_float(calibration[:1])
    prepared = prepare_fx(make().eval(), mapping, (example,))
    if double:
        prepared.double()
        for module in prepared.modules():
            if isinstance(module, ObserverBase):
                module.float()
    with torch.no_grad():
        for sample in to_float(calibration):
            prepared(sample[None].double() if double else sample[None])
    by_id = {}
    for node in prepared.graph.nodes:
        observer = prepared.get_submodule(node.target) if node.op == "call_module" else None
        if isinstance(observer, ObserverBase):
            by_id.setdefault(id(observer), (observer, []))[1].append(rename(node.args[0].name))
    records = [{"name": t[0], "tensors": t, **describe(o)} for o, t in by_id.values()]
    return prepared, records


def observe(kind, make, backend, calibration, fuse=None):
    """The prepared network and its observers' records, checked against the twins."""

    def run(qconfig, double, default):
        if kind == "eager":
            return eager_observers(make, fuse, qconfig, calibration, double)
        return fx_observers(make, backend, None if default else qconfig, calibration, double)

    results = {k: run(q, k == "double", k == "default") for k, q in variants(backend).items()}
    prepared, records = results.pop("default")
    assert_robust(records, {k: r for k, (_, r) in results.items()})
    return prepared, records


def histograms_of(prepared):
    """The counts by the observer's first tensor, to tell a wrong histogram from a wrong search."""
    found = {}
    if isinstance(prepared, torch.fx.GraphModule):
        seen = set()
        for node in prepared.graph.nodes:
            if node.op == "call_module":
                module = prepared.get_submodule(node.target)
                if isinstance(module, ObserverBase) and id(module) not in seen:
                    seen.add(id(module))
                    found[rename(node.args[0].name)] = module
    else:
        for name, module in prepared.named_modules():
            if isinstance(module, ObserverBase):
                found[rename(name)] = module
    return {f"observer.{k}.histogram": v.histogram.numpy() for k, v in found.items()}


def run_int8(kind, prepared, test):
    """Converts and runs the test inputs: each quantized tensor's int_repr, the float output."""
    histograms = histograms_of(prepared)
    converted = convert(prepared) if kind == "eager" else convert_fx(prepared)
    arrays = {}
    for name, module in converted.named_modules():
        if hasattr(module, "weight") and callable(module.weight):
            arrays.update(weights_of(name, module))
    captured = {}

    def keep(name, value):
        if isinstance(value, torch.Tensor) and value.is_quantized:
            captured[rename(name)] = value.int_repr().numpy()

    inputs = to_float(test)
    with torch.no_grad():
        if kind == "eager":
            for name, module in converted.named_modules():
                replaced = isinstance(module, torch.nn.Identity)  # by a fused neighbour
                if name.endswith("activation_post_process") or (name and not replaced):
                    module.register_forward_hook(lambda m, i, o, n=name: keep(n, o))
            output = converted(inputs)
        else:

            class Recorder(torch.fx.Interpreter):
                def run_node(self, node):
                    value = super().run_node(node)
                    keep(node.name, value)
                    return value

            output = Recorder(converted).run(inputs)
    for name, value in captured.items():
        if "flatten" not in name:  # the same bytes as its input's
            arrays[f"test.{name}"] = value
    arrays["test.output"] = output.numpy()
    return {**arrays, **histograms}


def parameters(model):
    return {
        name: value.detach().numpy()
        for name, value in model.state_dict().items()
        if value.dtype == torch.float32
    }


def float_output(make, test):
    with torch.no_grad():
        return make().eval()(to_float(test)).numpy().astype(np.float32)
