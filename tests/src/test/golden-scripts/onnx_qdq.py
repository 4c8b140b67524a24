"""Quantized models as others write them, with ONNX Runtime's answers (onnx-qdq/): networks through
ONNX Runtime's own static quantization, and single layers in forms that exporters use."""

import json
import logging
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from common import RESOURCES, save_npz

FOLDER = RESOURCES / "onnx-qdq"
index = []
rng = np.random.default_rng(9)
logging.disable(logging.WARNING)


def answers(model, outputs, inputs):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, ["CPUExecutionProvider"])
    return dict(zip(outputs, session.run(outputs, inputs)))


def save(name, model, inputs):
    outputs = [o.name for o in model.graph.output]
    y = answers(model, outputs, inputs)
    for info in model.graph.output:
        info.CopyFrom(value_info(info.name, y[info.name]))
    onnx.checker.check_model(model, full_check=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString())
    save_npz(name, {**inputs, **y}, FOLDER)
    index.append({"name": name, "model": f"{name}.onnx", "data": f"{name}.npz",
                  "inputs": list(inputs), "outputs": outputs})


def value_info(name, array):
    shape = list(array.shape)
    if len(shape) > 1:
        shape[0] = "N"
    return helper.make_tensor_value_info(
        name, helper.np_dtype_to_tensor_dtype(array.dtype), shape)


def floats(*shape, scale=1.0):
    return (rng.standard_normal(shape) * scale).astype(np.float32)


def integers(*shape, dtype=np.int8):
    limits = np.iinfo(dtype)
    return rng.integers(limits.min, limits.max + 1, shape).astype(dtype)


# ---- networks, quantized by ONNX Runtime


class Net:
    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, array):
        name = f"k{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def weights(self, *shape):
        return self.constant(floats(*shape, scale=1.5 / np.sqrt(np.prod(shape[1:]))))

    def __call__(self, op, *inputs, **attributes):
        name = f"{op.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=f"n_{name}", **attributes))
        return name

    def conv(self, x, i, o, k=3, group=1, stride=1):
        return self("Conv", x, self.weights(o, i // group, k, k), self.constant(floats(o, scale=.2)),
                    kernel_shape=[k, k], pads=[k // 2] * 4, group=group, strides=[stride] * 2)

    def norm(self, x, c):
        some = lambda: (rng.random(c) + .5).astype(np.float32)
        return self("BatchNormalization", x, self.constant(some()), self.constant(floats(c)),
                    self.constant(floats(c)), self.constant(some()))

    def model(self, *outputs, shape):
        graph = helper.make_graph(
            self.nodes, "net",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", *shape])],
            [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in outputs],
            self.constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        return onnx.shape_inference.infer_shapes(model), shape


def plain():
    net = Net()
    x = net("Relu", net.norm(net.conv("x", 3, 8), 8))
    x = net("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = net("GlobalAveragePool", net("Relu", net.conv(x, 8, 16)))
    x = net("Gemm", net("Flatten", x), net.weights(10, 16), net.constant(floats(10)), transB=1)
    return net.model(x, shape=(3, 9, 9))


def inverted():
    """MobileNetV2's block, with Clip, depthwise layers and AveragePool."""
    net = Net()
    six = [net.constant(np.float32(0)), net.constant(np.float32(6))]
    x = net("Clip", net.norm(net.conv("x", 3, 8, stride=2), 8), *six)
    y = net("Clip", net.norm(net.conv(x, 8, 16, 1), 16), *six)
    y = net("Clip", net.norm(net.conv(y, 16, 16, group=16), 16), *six)
    x = net("Add", x, net.norm(net.conv(y, 16, 8, 1), 8))
    x = net("AveragePool", x, kernel_shape=[3, 3], strides=[2, 2])
    x = net("Reshape", x, net.constant(np.array([0, -1])))
    return net.model(net("Gemm", x, net.weights(32, 6), net.constant(floats(6))), shape=(3, 9, 9))


def residual():
    """A Relu before a sum, which the quantizer leaves out where a zero point stands for it."""
    net = Net()
    x = net("Relu", net.conv("x", 4, 8))
    y = net("Relu", net.conv(net("Relu", net.conv(x, 8, 8)), 8, 8))
    x = net("Add", y, x)
    x = net("Relu", net("Add", net.conv(x, 8, 8), x))
    return net.model(net.conv(net("Add", x, x), 8, 4, 1), shape=(4, 6, 6))


def branches():
    net = Net()
    x = net("Relu", net.conv("x", 3, 8))
    a = net("MaxPool", x, kernel_shape=[3, 3], pads=[1] * 4)
    b = net("AveragePool", x, kernel_shape=[3, 3], pads=[1] * 4, count_include_pad=1)
    x = net("Relu", net.conv(net("Concat", x, net.conv(x, 8, 5, 1), a, b, axis=1), 29, 8, 1))
    return net.model(net("Transpose", x, perm=[0, 2, 3, 1]), shape=(3, 6, 6))


def gated():
    """SiLU, HardSwish in both forms, and a squeeze-and-excitation block."""
    net = Net()
    x = net.conv("x", 3, 8)
    x = net("Mul", x, net("Sigmoid", x))
    x = net.conv(x, 8, 8, group=8)
    x = net("HardSwish", net("Mul", x, net("HardSigmoid", x, alpha=1 / 6, beta=.5)))
    y = net("Relu", net.conv(net("GlobalAveragePool", x), 8, 4, 1))
    x = net("Mul", x, net("Sigmoid", net.conv(y, 4, 8, 1)))
    return net.model(net("LeakyRelu", net.conv(x, 8, 4, 1), alpha=.1), shape=(3, 6, 6))


def perceptron():
    net = Net()
    bias = lambda n: net.constant(floats(n))
    x = net("Relu", net("Add", net("MatMul", "x", net.weights(20, 16)), bias(16)))
    x = net("Relu", net("Add", bias(16), net("MatMul", x, net.weights(16, 16))))
    return net.model(net("Gemm", x, net.weights(16, 7), bias(7)), shape=(20,))


def attention():
    net = Net()
    heads = net.constant(np.array([0, 0, 2, 8]))

    def project(x, perm):
        y = net("Add", net("MatMul", x, net.weights(16, 16)), net.constant(floats(16)))
        return net("Transpose", net("Reshape", y, heads), perm=perm)

    scores = net("MatMul", project("x", [0, 2, 1, 3]), project("x", [0, 2, 3, 1]))
    scores = net("Softmax", net("Mul", scores, net.constant(np.float32(.35))), axis=-1)
    x = net("MatMul", scores, project("x", [0, 2, 1, 3]))
    x = net("Reshape", net("Transpose", x, perm=[0, 2, 1, 3]), net.constant(np.array([0, 0, 16])))
    x = net("Add", net("MatMul", x, net.weights(16, 16)), "x")
    return net.model(x, shape=(5, 16))


class Batches(CalibrationDataReader):
    def __init__(self, shape):
        random = np.random.default_rng(1)
        self.rest = [{"x": random.standard_normal((2, *shape)).astype(np.float32)}
                     for _ in range(6)]

    def get_next(self):
        return self.rest.pop() if self.rest else None


U8S8 = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8}
S8S8 = {"activation_type": QuantType.QInt8, "weight_type": QuantType.QInt8}
U8U8 = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QUInt8}
PER_CHANNEL = {"per_channel": True}


def extra(**options):
    return {"extra_options": options}


NETWORKS = {
    "plain_u8s8": (plain, U8S8),
    "plain_s8_symmetric": (plain, S8S8 | PER_CHANNEL | extra(ActivationSymmetric=True)),
    "plain_float_bias": (plain, S8S8 | PER_CHANNEL | extra(QuantizeBias=False)),
    "inverted_u8u8": (inverted, U8U8),
    "inverted_reduced": (inverted, U8S8 | PER_CHANNEL | {"reduce_range": True}),
    "residual_u8s8": (residual, U8S8 | PER_CHANNEL),
    "residual_relus_kept": (residual, U8S8 | extra(QDQKeepRemovableActivations=True)),
    "residual_pairs_for_each_reader": (residual, U8S8 | extra(DedicatedQDQPair=True)),
    "residual_u8u8_symmetric": (
        residual, U8U8 | PER_CHANNEL | extra(WeightSymmetric=True, ActivationSymmetric=True)),
    "branches_s8": (branches, S8S8 | PER_CHANNEL),
    "gated_u8s8": (gated, U8S8 | PER_CHANNEL),
    "perceptron_weights_behind_q": (
        perceptron, U8S8 | PER_CHANNEL | extra(AddQDQPairToWeight=True)),
    "attention_s8": (attention, S8S8 | PER_CHANNEL),
}


def networks():
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
        for name, (make, options) in NETWORKS.items():
            model, shape = make()
            onnx.save(model, before)
            quant_pre_process(before, before, skip_symbolic_shape=True)
            quantize_static(before, after, Batches(shape), quant_format=QuantFormat.QDQ,
                            **{k: dict(v) if isinstance(v, dict) else v
                               for k, v in options.items()})
            save(name, onnx.load(after), {"x": floats(2, *shape)})


# ---- single layers


def node(op, inputs, output, **attributes):
    return helper.make_node(op, inputs.split(), [output], name=f"n_{output}", **attributes)


Q_X = node("QuantizeLinear", "x xs xz", "xq")
D_X = node("DequantizeLinear", "xq xs xz", "xd")
D_W = node("DequantizeLinear", "w ws wz", "wd", axis=0)
D_B = node("DequantizeLinear", "b bs", "bd", axis=0)
CONV = node("Conv", "xd wd bd", "c", pads=[1] * 4)
Q_Y = node("QuantizeLinear", "c ys yz", "yq")
D_Y = node("DequantizeLinear", "yq ys yz", "y")
ONE_CONV = [Q_X, D_X, D_W, D_B, CONV, Q_Y, D_Y]
PARAMS = {"xs": np.float32(.03), "xz": np.uint8(120), "ys": np.float32(.05), "yz": np.uint8(131)}


def layer(name, nodes, constants, without=(), inputs=None, outputs=("y",), opset=17):
    """One model; `inputs` and `without` take names away from the constants."""
    inputs = inputs or {"x": floats(2, 3, 5, 4)}
    kept = {k: v for k, v in constants.items() if k not in inputs and k not in without}
    graph = helper.make_graph(
        nodes, name, [value_info(k, np.asarray(v)) for k, v in inputs.items()],
        [helper.make_empty_tensor_value_info(o) for o in outputs],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in kept.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)],
                              ir_version=5 if opset < 11 else 8 if opset < 19 else 10)
    save(name, model, {k: np.asarray(v) for k, v in inputs.items()})


def swapped(nodes, **by):
    """The nodes with those replaced whose output is named."""
    return [n for old in nodes for n in (by[old.output[0]] if old.output[0] in by else [old])]


def convolutions():
    scales = (rng.random(4) * .01 + .005).astype(np.float32)
    base = {**PARAMS, "w": integers(4, 3, 3, 3), "ws": scales, "wz": np.zeros(4, np.int8),
            "b": rng.integers(-2000, 2000, 4).astype(np.int32), "bs": scales * np.float32(.03)}
    x = {"x": floats(2, 3, 5, 4)}
    layer("conv_outputs_of_both_types", ONE_CONV, base, outputs=("y", "yq", "xq"))
    layer("conv_integers_in_and_out", ONE_CONV[1:-1], base, outputs=("yq",),
          inputs={"xq": integers(2, 3, 5, 4, dtype=np.uint8)})
    layer("conv_input_scale_given_late", ONE_CONV, base, inputs=x | {"xs": np.array(.03, "f")})
    layer("conv_output_scale_given_late", ONE_CONV, base, inputs=x | {"ys": np.array(.04, "f")})
    layer("conv_zero_point_given_late", ONE_CONV, base, inputs=x | {"yz": np.array(99, np.uint8)})
    layer("conv_computed_scale", [node("Mul", "s half", "xs"), *ONE_CONV],
          base | {"half": np.float32(.5)}, without=("xs",),
          inputs=x | {"s": np.array([.06], "f")})
    bare = swapped(ONE_CONV, xq=[node("QuantizeLinear", "x xs", "xq")],
                   xd=[node("DequantizeLinear", "xq xs", "xd")], bd=[],
                   wd=[node("DequantizeLinear", "w ws", "wd", axis=-4)],
                   c=[node("Conv", "xd wd", "c")], yq=[node("QuantizeLinear", "c ys", "yq")],
                   y=[node("DequantizeLinear", "yq ys", "y")])
    layer("conv_no_zero_points", bare, base, without=("xz", "wz", "yz", "b", "bs"))
    layer("conv_scales_of_one_element", ONE_CONV,
          base | {k: np.array([v]) for k, v in PARAMS.items()})
    u8 = integers(4, 3, 3, 3, dtype=np.uint8)
    layer("conv_weights_u8_128", ONE_CONV, base | {"w": u8, "wz": np.full(4, 128, np.uint8)})
    layer("conv_weights_u8", ONE_CONV,
          base | {"w": u8, "wz": np.array([3, 128, 255, 0], np.uint8)})
    layer("conv_weights_s8_zero_points", ONE_CONV,
          base | {"wz": np.array([3, -128, 127, 0], np.int8)})
    layer("conv_weights_along_inputs",
          swapped(ONE_CONV, wd=[node("DequantizeLinear", "w ws wz", "wd", axis=1)]),
          base | {"ws": scales[:3], "wz": np.zeros(3, np.int8)})
    layer("conv_weights_transposed",
          swapped(ONE_CONV, wd=[node("DequantizeLinear", "w ws wz", "wl", axis=3),
                                node("Transpose", "wl", "wd", perm=[3, 2, 0, 1])]),
          base | {"w": integers(3, 3, 3, 4)})
    layer("conv_bias_s8", ONE_CONV,
          base | {"b": integers(4), "bs": np.full(4, .01, np.float32)})
    shared = [Q_X, D_X, node("DequantizeLinear", "xq xs xz", "xe"), D_W, D_B, CONV,
              node("Relu", "c", "r"), node("DequantizeLinear", "w ws wz", "we", axis=0),
              node("Conv", "xe we", "d", pads=[1] * 4), node("Add", "r d", "a"),
              node("QuantizeLinear", "a ys yz", "yq"), D_Y]
    layer("conv_shared_integers", shared, base)
    layer("conv_other_scale_behind", swapped(
        ONE_CONV, xd=[node("DequantizeLinear", "xq ys yz", "xd")]), base)
    layer("conv_scales_along_channels", swapped(
        ONE_CONV, xq=[node("QuantizeLinear", "x as az", "xq", axis=1)],
        xd=[node("DequantizeLinear", "xq as az", "xd", axis=1)]),
        base | {"as": np.array([.01, .03, .05], "f"), "az": np.array([1, 128, 200], np.uint8)},
        without=("xs", "xz"))
    single = base | {"ws": np.float32(.01), "wz": np.int8(0), "bs": np.float32(.0003)}
    old = [Q_X, D_X, node("DequantizeLinear", "w ws wz", "wd"),
           node("DequantizeLinear", "b bs", "bd"), CONV, Q_Y, D_Y]
    layer("conv_opset_10", old, single, opset=10)
    layer("conv_type_as_attribute", swapped(
        old, xq=[node("QuantizeLinear", "x xs", "xq", output_dtype=TensorProto.INT8)],
        xd=[node("DequantizeLinear", "xq xs", "xd")]), single, without=("xz",), opset=21)


def products():
    base = {**PARAMS, "w": integers(8, 6), "ws": (rng.random(6) * .01 + .01).astype(np.float32),
            "wz": np.zeros(6, np.int8), "bias": floats(6)}
    head, tail = [Q_X, D_X], [Q_Y, D_Y]
    columns = node("DequantizeLinear", "w ws wz", "wd", axis=1)
    x = {"x": floats(5, 8)}
    layer("matmul_and_bias", [*head, columns, node("MatMul", "xd wd", "m"),
                              node("Add", "bias m", "c"), *tail], base, inputs=x)
    layer("matmul_weights_transposed",
          [*head, D_W, node("Transpose", "wd", "wt"), node("MatMul", "xd wt", "m"),
           node("Add", "m bias", "c"), *tail], base | {"w": integers(6, 8)}, inputs=x)
    layer("matmul_weights_quantized_and_transposed",
          [*head, node("QuantizeLinear", "w ws wz", "wq", axis=0),
           node("DequantizeLinear", "wq ws wz", "wd", axis=0), node("Transpose", "wd", "wt"),
           node("MatMul", "xd wt", "c"), *tail],
          base | {"w": floats(6, 8)}, without=("bias",), inputs=x)
    layer("matmul_weights_reshaped",
          [*head, node("DequantizeLinear", "w ws wz", "wd"), node("Reshape", "wd to", "wr"),
           node("MatMul", "xd wr", "c"), *tail],
          base | {"w": integers(48), "ws": np.float32(.01), "wz": np.int8(0),
                  "to": np.array([8, 6])}, without=("bias",), inputs=x)
    layer("matmul_three_axes", [*head, columns, node("MatMul", "xd wd", "m"),
                                node("Add", "m bias", "c"), *tail], base,
          inputs={"x": floats(2, 5, 8)})
    layer("gemm_alpha_beta",
          [*head, columns, node("Gemm", "xd wd bias", "c", alpha=.5, beta=2.), *tail], base,
          inputs=x)


def main():
    for old in [*FOLDER.glob("*.onnx"), *FOLDER.glob("*.npz")]:
        old.unlink()
    for group in (networks, convolutions, products):
        group()
    (FOLDER / "index.json").write_text(
        "[\n" + ",\n".join(json.dumps(e) for e in index) + "\n]\n")
    print(len(index), "cases")


if __name__ == "__main__":
    main()
