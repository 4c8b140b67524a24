"""Small ONNX models of every operator that Octet reads, with ONNX Runtime's answers (onnx-ops/).

Each base case is written at every opset from 7 to 21 at which its operator's definition changed.
"""

import json

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, defs, helper, numpy_helper

from common import RESOURCES, save_npz

FOLDER = RESOURCES / "onnx-ops"
FIRST, LAST = 7, 21
IR = {7: 3, 8: 3, 9: 4, 10: 5, 11: 6, 12: 7, 13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9,
      21: 10}
index = []
rng = np.random.default_rng(7)


def normal(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def opsets(op, first=FIRST, last=LAST):
    """The opsets in [first, last] at which the operator changed, and both ends."""
    versions = {s.since_version for s in defs.get_all_schemas_with_history()
                if s.name == op and s.domain == ""}
    start = max(first, min(versions))
    return sorted({start, last} | {v for v in versions if start < v <= last})


def value_info(name, array, free_batch):
    shape = list(array.shape)
    if free_batch and shape:
        shape[0] = "N"
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), shape)


def session(model_bytes):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model_bytes, options, ["CPUExecutionProvider"])


def case(name, opset, nodes, inputs, outputs=("y",), init=None, initializers=None,
         free_batch=False, note=None, external=False, save_as=None):
    """Writes the model, runs it, writes inputs and outputs, adds a line to the index.

    init: name -> array, stored as raw data; initializers: ready TensorProtos beside them."""
    tensors = [numpy_helper.from_array(v, k) for k, v in (init or {}).items()]
    tensors += initializers or []
    graph_inputs = [value_info(k, v, free_batch) for k, v in inputs.items()]
    if IR[opset] < 4:  # before IR 4 an initializer had to be a graph input too
        graph_inputs += [helper.make_tensor_value_info(t.name, t.data_type, list(t.dims))
                         for t in tensors]
    probe = helper.make_graph(
        nodes, name, graph_inputs,
        [helper.make_empty_tensor_value_info(o) for o in outputs], tensors)

    def model_of(graph):
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)],
                                  producer_name="octet-golden", ir_version=IR[opset])
        return model

    answers = session(model_of(probe).SerializeToString()).run(list(outputs), inputs)
    graph = helper.make_graph(
        nodes, name, graph_inputs,
        [value_info(o, a, free_batch) for o, a in zip(outputs, answers)], tensors)
    model = model_of(graph)
    onnx.checker.check_model(model)
    file_name = f"{name}_{opset}"
    FOLDER.mkdir(parents=True, exist_ok=True)
    if external:
        onnx.save_model(model, FOLDER / f"{file_name}.onnx", save_as_external_data=True,
                        all_tensors_to_one_file=True, location=f"{file_name}.bin", size_threshold=0)
    else:
        (FOLDER / f"{file_name}.onnx").write_bytes(model.SerializeToString())
    again = session(str(FOLDER / f"{file_name}.onnx")).run(list(outputs), inputs)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(answers, again)), name
    reference_check(file_name, model, inputs, outputs, answers)
    save_npz(file_name, {**inputs, **dict(zip(outputs, answers))}, FOLDER)
    entry = {"name": file_name, "model": f"{file_name}.onnx", "data": f"{file_name}.npz",
             "opset": opset, "ops": sorted({n.op_type for n in nodes}),
             "inputs": list(inputs), "outputs": list(outputs)}
    if note:
        entry["note"] = note
    index.append(entry)


disagreements = []


def reference_check(name, model, inputs, outputs, answers):
    """ONNX's own Python evaluator; where it and the runtime differ, a person must look."""
    from onnx.reference import ReferenceEvaluator

    try:
        expected = ReferenceEvaluator(model).run(list(outputs), inputs)
    except Exception as error:  # it does not know every old opset; only reported
        disagreements.append(f"{name}: evaluator failed: {str(error)[:80]}")
        return
    for e, a in zip(expected, answers):
        if e.shape != a.shape or not np.allclose(e.astype(np.float64), a.astype(np.float64),
                                                 rtol=1e-4, atol=1e-5):
            disagreements.append(f"{name}: differs from ONNX's evaluator {e.shape} {a.shape}")


def node(op, inputs, outputs=("y",), **attributes):
    return helper.make_node(op, list(inputs), list(outputs), **attributes)


def unary(op, x, name=None, first=FIRST, **attributes):
    for opset in opsets(op, first):
        case(name or op.lower(), opset, [node(op, ["x"], **attributes)], {"x": x})


def convolutions():
    x = normal(2, 4, 9, 7)

    def conv(name, opset, w, bias=True, image=x, **attributes):
        init = {"w": w} | ({"b": normal(w.shape[0])} if bias else {})
        case(f"conv_{name}", opset, [node("Conv", ["x", *init], **attributes)], {"x": image},
             init=init, free_batch=True)

    for opset in opsets("Conv"):
        conv("plain", opset, normal(5, 4, 3, 3), pads=[1, 1, 1, 1])
    conv("no_bias", 13, normal(3, 4, 3, 3), bias=False, kernel_shape=[3, 3])
    conv("1x1", 13, normal(3, 4, 1, 1))
    conv("stride", 13, normal(3, 4, 3, 3), strides=[2, 3], pads=[1, 1, 1, 1])
    conv("dilation", 13, normal(3, 4, 3, 3), dilations=[2, 3])
    conv("groups", 13, normal(6, 2, 3, 3), group=2)
    conv("depthwise", 13, normal(4, 1, 3, 3), group=4, pads=[1, 1, 1, 1])
    conv("depthwise_multiplier", 13, normal(8, 1, 3, 3), group=4, strides=[2, 2])
    conv("asymmetric_pads", 13, normal(3, 4, 3, 3), pads=[0, 2, 1, 3])
    conv("pad_beyond_kernel", 13, normal(3, 4, 2, 2), pads=[3, 3, 3, 3], strides=[3, 3])
    conv("rectangular", 13, normal(3, 4, 1, 5), pads=[0, 2, 0, 2])
    conv("everything", 13, normal(6, 2, 3, 2), group=2, strides=[2, 1], dilations=[1, 2],
         pads=[2, 0, 1, 1])
    for pad in ("SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"):
        for opset in (9, 13):
            conv(f"auto_{pad.lower()}", opset, normal(3, 4, 4, 2), auto_pad=pad, strides=[2, 2])
    conv("whole_image", 13, normal(3, 4, 9, 7))


def gemms():
    a, b, c = normal(3, 5), normal(5, 4), normal(4)
    for opset in opsets("Gemm"):
        case("gemm", opset, [node("Gemm", ["a", "b", "c"])], {"a": a}, init={"b": b, "c": c},
             free_batch=True)
    case("gemm_trans_b", 13, [node("Gemm", ["a", "b", "c"], transB=1)], {"a": a},
         init={"b": normal(4, 5), "c": c}, free_batch=True)
    case("gemm_trans_a", 13, [node("Gemm", ["a", "b", "c"], transA=1)], {"a": normal(5, 3)},
         init={"b": b, "c": c})
    case("gemm_alpha_beta", 13, [node("Gemm", ["a", "b", "c"], alpha=0.5, beta=2.0, transB=1)],
         {"a": a}, init={"b": normal(4, 5), "c": c})
    case("gemm_no_c", 13, [node("Gemm", ["a", "b"])], {"a": a}, init={"b": b})
    for label, shape in {"row": (1, 4), "column": (3, 1), "full": (3, 4), "one": (1,),
                         "scalar": ()}.items():
        case(f"gemm_c_{label}", 13, [node("Gemm", ["a", "b", "c"])], {"a": a},
             init={"b": b, "c": normal(*shape) if shape else np.array(0.75, np.float32)})
    case("gemm_two_activations", 13, [node("Gemm", ["a", "b", "c"])], {"a": a, "b": b, "c": c})

    for opset in opsets("MatMul"):
        case("matmul_const", opset, [node("MatMul", ["a", "b"])], {"a": a}, init={"b": b},
             free_batch=True)
        case("matmul_activations", opset, [node("MatMul", ["a", "b"])],
             {"a": normal(2, 3, 4, 5), "b": normal(2, 3, 5, 6)})
    case("matmul_3d_const", 13, [node("MatMul", ["a", "b"])], {"a": normal(2, 3, 5)},
         init={"b": b})
    case("matmul_const_left", 13, [node("MatMul", ["b", "a"])], {"a": normal(4, 3)},
         init={"b": b})
    case("matmul_broadcast", 13, [node("MatMul", ["a", "b"])],
         {"a": normal(2, 1, 4, 5), "b": normal(3, 5, 2)})
    case("matmul_vector_right", 13, [node("MatMul", ["a", "b"])], {"a": normal(2, 3, 5)},
         init={"b": normal(5)})
    case("matmul_vector_left", 13, [node("MatMul", ["a", "b"])], {"a": normal(5)}, init={"b": b})
    case("matmul_add", 13, [node("MatMul", ["a", "b"], ["m"]), node("Add", ["m", "c"])], {"a": a},
         init={"b": b, "c": c}, free_batch=True)
    case("matmul_add_swapped", 13, [node("MatMul", ["a", "b"], ["m"]), node("Add", ["c", "m"])],
         {"a": a}, init={"b": b, "c": c}, free_batch=True)


def batch_norms():
    x = normal(2, 3, 4, 5)
    stats = {"scale": normal(3), "bias": normal(3), "mean": normal(3),
             "var": np.abs(normal(3)) + np.float32(0.1)}
    for opset in opsets("BatchNormalization"):
        case("batchnorm", opset, [node("BatchNormalization", ["x", *stats])], {"x": x}, init=stats,
             free_batch=True)
    case("batchnorm_epsilon", 15, [node("BatchNormalization", ["x", *stats], epsilon=0.01,
                                        momentum=0.5)], {"x": x}, init=stats)
    case("batchnorm_training_off", 15,
         [node("BatchNormalization", ["x", *stats], training_mode=0)], {"x": x}, init=stats)
    case("batchnorm_2d", 15, [node("BatchNormalization", ["x", *stats])], {"x": normal(4, 3)},
         init=stats)


def activations():
    x = normal(2, 3, 4) * np.float32(3)
    edges = np.array([-100, -6, -3, -1, -0.0, 0, 1e-30, 0.5, 3, 6, 100], np.float32)
    unary("Relu", x)
    unary("Sigmoid", edges)
    unary("Tanh", edges)
    unary("HardSigmoid", x)
    unary("HardSigmoid", x, "hardsigmoid_alpha_beta", 13, alpha=0.1666667, beta=0.4)
    unary("HardSwish", np.concatenate([edges, x.ravel()]))
    unary("LeakyRelu", x)
    unary("LeakyRelu", x, "leakyrelu_alpha", alpha=0.2)
    unary("Identity", x)
    for opset in (7, 10):
        case("clip_attributes", opset, [node("Clip", ["x"], min=-1.0, max=2.5)], {"x": x})
        case("clip_attribute_min", opset, [node("Clip", ["x"], min=0.0)], {"x": x})
        case("clip_no_attributes", opset, [node("Clip", ["x"])], {"x": x})
    low, high = np.array(0, np.float32), np.array(6, np.float32)
    for opset in opsets("Clip", 11):
        case("clip_inputs", opset, [node("Clip", ["x", "low", "high"])], {"x": x},
             init={"low": low, "high": high})
        case("clip_min_only", opset, [node("Clip", ["x", "low"])], {"x": x}, init={"low": low})
        case("clip_max_only", opset, [node("Clip", ["x", "", "high"])], {"x": x},
             init={"high": high})
    case("clip_nothing", 13, [node("Clip", ["x"])], {"x": x})
    case("clip_constant_nodes", 13, [
        node("Constant", [], ["low"], value_float=-0.5),
        node("Constant", [], ["high"], value=numpy_helper.from_array(high, "t")),
        node("Clip", ["x", "low", "high"])], {"x": x})
    case("clip_dynamic", 13, [node("Clip", ["x", "low", "high"])],
         {"x": x, "low": low, "high": high}, note="min and max are graph inputs")
    for opset in opsets("Dropout", last=11):
        case("dropout", opset, [node("Dropout", ["x"], ratio=0.3)], {"x": x})
    for opset in opsets("Dropout", 12):
        case("dropout", opset, [node("Dropout", ["x"])], {"x": x})
        case("dropout_inputs", opset, [node("Dropout", ["x", "ratio", "training"])], {"x": x},
             init={"ratio": np.array(0.4, np.float32), "training": np.array(False)})
    flat = normal(2, 3, 4, 5)
    for opset in opsets("Softmax"):
        case("softmax", opset, [node("Softmax", ["x"])], {"x": flat},
             note="below opset 13: flattened from axis 1; from 13: the last axis alone")
        case("softmax_axis2", opset, [node("Softmax", ["x"], axis=2)], {"x": flat})
    case("softmax_axis0", 13, [node("Softmax", ["x"], axis=0)], {"x": flat})
    case("softmax_axis_negative", 12, [node("Softmax", ["x"], axis=-2)], {"x": flat})
    case("softmax_axis_negative", 13, [node("Softmax", ["x"], axis=-2)], {"x": flat})
    case("softmax_large", 13, [node("Softmax", ["x"])],
         {"x": np.array([[1000, 999, -1000], [-88, 88, 0]], np.float32)})


def arithmetic():
    shapes = {"same": ((2, 3, 4, 5), (2, 3, 4, 5)), "channel": ((2, 3, 4, 5), (3, 1, 1)),
              "last": ((2, 3, 4, 5), (5,)), "both": ((2, 1, 4, 1), (3, 1, 5)),
              "scalar": ((2, 3), ()), "left": ((5,), (2, 3, 4, 5))}
    for op in ("Add", "Mul"):
        for opset in opsets(op):
            case(f"{op.lower()}_same", opset, [node(op, ["a", "b"])],
                 {"a": normal(2, 3, 2, 2), "b": normal(2, 3, 2, 2)})
        for label, (left, right) in shapes.items():
            second = normal(*right) if right else np.array(1.5, np.float32)
            case(f"{op.lower()}_broadcast_{label}", 14, [node(op, ["a", "b"])],
                 {"a": normal(*left), "b": second})
            case(f"{op.lower()}_const_{label}", 14, [node(op, ["a", "b"])], {"a": normal(*left)},
                 init={"b": second})
    case("add_twice_the_same", 14, [node("Add", ["a", "a"])], {"a": normal(2, 3)})


def pools():
    x = normal(2, 3, 9, 8)

    def pool(op, name, opset, image=x, **attributes):
        case(f"{op.lower()}_{name}", opset, [node(op, ["x"], **attributes)], {"x": image},
             free_batch=True)

    for op in ("MaxPool", "AveragePool"):
        for opset in opsets(op):
            pool(op, "plain", opset, kernel_shape=[2, 2], strides=[2, 2])
        pool(op, "stride1", 13, kernel_shape=[3, 2])
        pool(op, "pads", 13, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
        pool(op, "asymmetric_pads", 13, kernel_shape=[3, 3], strides=[2, 2], pads=[0, 1, 2, 0])
        for opset in (10, 13, 19):
            pool(op, "ceil", opset, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
            pool(op, "ceil_pads", opset, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1],
                 ceil_mode=1)
        pool(op, "ceil_stride3", 13, kernel_shape=[2, 2], strides=[3, 3], ceil_mode=1)
        for pad in ("SAME_UPPER", "SAME_LOWER", "VALID"):
            pool(op, f"auto_{pad.lower()}", 13, kernel_shape=[3, 2], strides=[2, 2], auto_pad=pad)
    pool("MaxPool", "dilation", 10, kernel_shape=[2, 2], dilations=[2, 3])
    pool("MaxPool", "dilation", 13, kernel_shape=[3, 2], dilations=[2, 2], strides=[2, 1],
         pads=[1, 1, 1, 1])
    pool("MaxPool", "all_negative_pads", 13, image=-np.abs(normal(1, 2, 4, 4)),
         kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    pool("AveragePool", "dilation", 19, kernel_shape=[2, 2], dilations=[2, 2])
    for opset in (7, 13, 19):
        pool("AveragePool", "include_pad", opset, kernel_shape=[3, 3], strides=[2, 2],
             pads=[1, 0, 1, 1], count_include_pad=1)
    pool("AveragePool", "include_pad_ceil", 19, kernel_shape=[3, 3], strides=[2, 2],
         pads=[1, 1, 1, 1], count_include_pad=1, ceil_mode=1)
    case("globalaveragepool", 7, [node("GlobalAveragePool", ["x"])], {"x": x}, free_batch=True)
    case("globalaveragepool", 21, [node("GlobalAveragePool", ["x"])], {"x": x}, free_batch=True)
    case("globalaveragepool_1x1", 13, [node("GlobalAveragePool", ["x"])], {"x": normal(2, 3, 1, 1)})


def shapes():
    x = normal(2, 3, 4, 5)
    for opset in opsets("Flatten"):
        case("flatten", opset, [node("Flatten", ["x"])], {"x": x})
    for axis in (0, 2, 4, -1):
        case(f"flatten_axis{axis}".replace("-", "m"), 13, [node("Flatten", ["x"], axis=axis)],
             {"x": x})

    def reshape(name, opset, target, image=x, **attributes):
        case(f"reshape_{name}", opset, [node("Reshape", ["x", "shape"], **attributes)],
             {"x": image}, init={"shape": np.array(target, np.int64)})

    for opset in opsets("Reshape"):
        reshape("plain", opset, [6, 20])
    reshape("minus_one", 13, [2, -1])
    reshape("zero", 13, [0, 0, 20])
    reshape("zero_and_minus_one", 13, [0, -1, 5])
    reshape("more_dims", 13, [1, 2, 3, 2, 2, 5])
    reshape("flat", 13, [-1])
    reshape("allowzero_off", 14, [0, -1], allowzero=0)
    reshape("to_scalar_like", 13, [1], image=normal(1, 1))
    for opset in opsets("Transpose"):
        case("transpose", opset, [node("Transpose", ["x"], perm=[0, 2, 3, 1])], {"x": x})
    case("transpose_default", 13, [node("Transpose", ["x"])], {"x": x})
    case("transpose_2d", 13, [node("Transpose", ["x"], perm=[1, 0])], {"x": normal(3, 5)})
    case("transpose_attention", 13, [node("Transpose", ["x"], perm=[0, 2, 1, 3])], {"x": x})
    for opset in opsets("Concat"):
        case("concat", opset, [node("Concat", ["a", "b", "c"], axis=1)],
             {"a": normal(2, 1, 3, 3), "b": normal(2, 4, 3, 3), "c": normal(2, 2, 3, 3)},
             free_batch=True)
    case("concat_negative_axis", 13, [node("Concat", ["a", "b"], axis=-1)],
         {"a": normal(2, 3, 4), "b": normal(2, 3, 1)})
    case("concat_axis0", 13, [node("Concat", ["a", "b"], axis=0)],
         {"a": normal(2, 3), "b": normal(1, 3)})
    case("concat_constant", 13, [node("Concat", ["a", "b"], axis=0)], {"a": normal(2, 3)},
         init={"b": normal(1, 3)})
    case("concat_single", 13, [node("Concat", ["a"], axis=1)], {"a": normal(2, 3)})


def quantization():
    x = np.concatenate([normal(30) * 3, np.arange(-8, 8, 0.25)]).astype(np.float32)
    x = np.append(x, np.float32([1e9, -1e9, 127.5, -128.5])).reshape(2, 7, 7)
    scale = np.array(0.5, np.float32)
    for opset in opsets("QuantizeLinear"):
        for label, zero in {"u8": np.array(3, np.uint8), "s8": np.array(-3, np.int8)}.items():
            case(f"quantize_{label}", opset, [node("QuantizeLinear", ["x", "s", "z"])], {"x": x},
                 init={"s": scale, "z": zero}, note="ties to even before the zero point is added")
            q = rng.integers(-128, 128, (2, 3, 4)).astype(np.int8).view(zero.dtype)
            case(f"dequantize_{label}", opset, [node("DequantizeLinear", ["x", "s", "z"])],
                 {"x": q}, init={"s": scale, "z": zero})
    case("quantize_no_zero_point", 13, [node("QuantizeLinear", ["x", "s"])], {"x": x},
         init={"s": scale})
    case("dequantize_no_zero_point", 13, [node("DequantizeLinear", ["x", "s"])],
         {"x": rng.integers(0, 256, (5, 3)).astype(np.uint8)}, init={"s": scale})
    case("dequantize_int32", 13, [node("DequantizeLinear", ["x", "s"])],
         {"x": np.array([-2**31, -5, 0, 7, 2**31 - 1], np.int32)},
         init={"s": np.array(0.001, np.float32)})
    awkward = np.array([0.273939937, -0.273939937, 0.001, 5, -5], np.float32)
    case("quantize_awkward_scale", 13, [node("QuantizeLinear", ["x", "s", "z"])], {"x": awkward},
         init={"s": np.array(0.00214854861, np.float32), "z": np.array(0, np.uint8)},
         note="x / scale and x * (1 / scale) round to different values here")
    scales = np.array([0.1, 0.02, 1.5], np.float32)
    image = normal(2, 3, 4, 5)
    for opset in (13, 19, 21):
        zeros = {"z": np.array([0, -7, 12], np.int8)}
        case("quantize_per_axis", opset, [node("QuantizeLinear", ["x", "s", "z"], axis=1)],
             {"x": image}, init={"s": scales, **zeros})
        case("dequantize_per_axis", opset, [node("DequantizeLinear", ["x", "s", "z"], axis=0)],
             {"x": rng.integers(-128, 128, (3, 4)).astype(np.int8)}, init={"s": scales, **zeros})
    case("quantize_negative_axis", 13, [node("QuantizeLinear", ["x", "s", "z"], axis=-3)],
         {"x": image}, init={"s": scales, "z": np.array([1, 128, 255], np.uint8)})
    case("quantize_default_axis", 13, [node("QuantizeLinear", ["x", "s"])], {"x": image},
         init={"s": scales})
    case("quantize_dynamic_scale", 13, [node("QuantizeLinear", ["x", "s", "z"])],
         {"x": image, "s": scale, "z": np.array(3, np.uint8)},
         note="scale and zero point are graph inputs")
    case("quantize_dequantize", 13, [node("QuantizeLinear", ["x", "s", "z"], ["q"]),
                                     node("DequantizeLinear", ["q", "s", "z"])], {"x": image},
         init={"s": np.array(0.02, np.float32), "z": np.array(128, np.uint8)}, free_batch=True)


def storage():
    """The ways a file may hold a constant."""
    x, w = normal(2, 4), normal(4, 3)
    matmul = [node("MatMul", ["x", "w"])]
    for label, options in {"raw": {"raw": True}, "typed": {}}.items():
        values = w.tobytes() if options else w.ravel().tolist()
        tensor = helper.make_tensor("w", TensorProto.FLOAT, w.shape, values, **options)
        case(f"storage_float_{label}", 13, matmul, {"x": x}, initializers=[tensor])
        q = rng.integers(-128, 128, (3, 4))
        for dtype, code in ((np.int8, TensorProto.INT8), (np.uint8, TensorProto.UINT8),
                            (np.int32, TensorProto.INT32)):
            q_typed = q.astype(np.int8).view(np.uint8) if dtype is np.uint8 else q.astype(dtype)
            values = q_typed.tobytes() if options else q_typed.ravel().tolist()
            tensor = helper.make_tensor("q", code, q.shape, values, **options)
            case(f"storage_{np.dtype(dtype).name}_{label}", 13,
                 [node("DequantizeLinear", ["q", "s"], ["w"]), node("Mul", ["w", "x"])],
                 {"x": normal(3, 4)}, init={"s": np.array(0.25, np.float32)}, initializers=[tensor])
        shape = np.array([4, -1], np.int64)
        values = shape.tobytes() if options else shape.tolist()
        tensor = helper.make_tensor("shape", TensorProto.INT64, (2,), values, **options)
        case(f"storage_int64_{label}", 13, [node("Reshape", ["x", "shape"])], {"x": x},
             initializers=[tensor])
    for opset in (7, 9, 13, 21):
        case("constant_value", opset, [
            node("Constant", [], ["w"], value=numpy_helper.from_array(w, "anything")), *matmul],
            {"x": x})
    for opset in (12, 13, 21):
        case("constant_value_float", opset, [
            node("Constant", [], ["c"], value_float=0.75), node("Mul", ["x", "c"])], {"x": x})
        case("constant_value_floats", opset, [
            node("Constant", [], ["c"], value_floats=[0.5, -1.0, 2.0, 3.0]),
            node("Add", ["x", "c"])], {"x": x})
        case("constant_value_ints", opset, [
            node("Constant", [], ["shape"], value_ints=[-1, 2]), node("Reshape", ["x", "shape"])],
            {"x": x})
    case("constant_value_int", 13, [
        node("Constant", [], ["n"], value_int=2),
        node("Constant", [], ["one"], value_ints=[1]),
        node("Reshape", ["n", "one"], ["shape_a"]),
        node("Constant", [], ["rest"], value_ints=[-1]),
        node("Concat", ["shape_a", "rest"], ["shape"], axis=0),
        node("Reshape", ["x", "shape"])], {"x": normal(4, 3)},
        note="the target shape is computed from int64 constants: needs constant folding")
    case("initializer_unused", 13, matmul, {"x": x}, init={"w": w, "unused": normal(7)})
    case("initializer_is_output", 13, [node("Identity", ["w"]), node("Relu", ["x"], ["z"])],
         {"x": x}, outputs=("y", "z"), init={"w": w})
    case("external_data", 13, [node("Gemm", ["x", "w", "b"])], {"x": x},
         init={"w": w, "b": normal(3)}, external=True)
    case("external_data_qdq", 13, [
        node("DequantizeLinear", ["q", "s"], ["w"], axis=1), node("MatMul", ["x", "w"])], {"x": x},
        init={"q": rng.integers(-128, 128, (4, 3)).astype(np.int8),
              "s": np.array([0.1, 0.2, 0.3], np.float32)}, external=True)


def networks():
    image = normal(2, 1, 8, 8)
    stats = {"scale": np.abs(normal(4)) + 1, "bias": normal(4), "mean": normal(4),
             "var": np.abs(normal(4)) + 1}
    stats = {k: v.astype(np.float32) for k, v in stats.items()}
    weights = {"cw": normal(4, 1, 3, 3), "cb": normal(4), **stats,
               "rw": normal(4, 4, 3, 3), "fw": normal(5, 64), "fb": normal(5)}
    for opset in (7, 9, 11, 13, 15, 17, 21):
        case("net_residual", opset, [
            node("Conv", ["image", "cw", "cb"], ["c"], pads=[1, 1, 1, 1], name="stem"),
            node("BatchNormalization", ["c", *stats], ["n"]),
            node("Relu", ["n"], ["r"]),
            node("Conv", ["r", "rw"], ["d"], pads=[1, 1, 1, 1]),
            node("Add", ["d", "r"], ["sum"]),
            node("Relu", ["sum"], ["s"], name=""),
            node("MaxPool", ["s"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
            node("Flatten", ["p"], ["f"]),
            node("Gemm", ["f", "fw", "fb"], ["logits"], transB=1)],
            {"image": image}, outputs=("logits",), init=weights, free_batch=True)
    case("net_two_outputs", 13, [
        node("Conv", ["image", "cw", "cb"], ["features"], pads=[1, 1, 1, 1]),
        node("GlobalAveragePool", ["features"], ["g"]),
        node("Flatten", ["g"], ["pooled"])], {"image": image}, outputs=("features", "pooled"),
        init={k: weights[k] for k in ("cw", "cb")}, free_batch=True,
        note="an inner tensor is a graph output as well")
    for opset in (13, 21):
        for kind, dtype in (("u8", np.uint8), ("s8", np.int8)):
            qdq_network(opset, kind, dtype)


def qdq_network(opset, kind, dtype):
    """As ONNX Runtime's static quantizer writes it: Q/DQ pairs around Conv + Relu, pool, Gemm."""
    zero = np.array(0 if dtype is np.int8 else 117, dtype)
    behind_relu = np.array(-128 if dtype is np.int8 else 0, dtype)
    conv_scales = np.array([0.01, 0.02, 0.015, 0.03], np.float32)
    in_scale, mid_scale, out_scale = (np.array(v, np.float32) for v in (0.025, 0.04, 0.5))
    init = {
        "in_s": in_scale, "in_z": zero, "mid_s": mid_scale, "mid_z": behind_relu,
        "out_s": out_scale, "out_z": zero,
        "cw": rng.integers(-127, 128, (4, 1, 3, 3)).astype(np.int8), "cw_s": conv_scales,
        "cw_z": np.zeros(4, np.int8),
        "cb": rng.integers(-900, 900, 4).astype(np.int32), "cb_s": conv_scales * in_scale,
        "fw": rng.integers(-127, 128, (5, 64)).astype(np.int8),
        "fw_s": np.array(0.02, np.float32), "fw_z": np.array(0, np.int8),
        "fb": rng.integers(-900, 900, 5).astype(np.int32),
        "fb_s": np.array(np.float32(0.02) * mid_scale, np.float32)}

    def qdq(tensor, scale):
        return [node("QuantizeLinear", [tensor, f"{scale}_s", f"{scale}_z"], [f"{tensor}_q"]),
                node("DequantizeLinear", [f"{tensor}_q", f"{scale}_s", f"{scale}_z"],
                     [f"{tensor}_dq"])]

    case(f"net_qdq_{kind}", opset, [
        *qdq("image", "in"),
        node("DequantizeLinear", ["cw", "cw_s", "cw_z"], ["cw_f"], axis=0),
        node("DequantizeLinear", ["cb", "cb_s"], ["cb_f"], axis=0),
        node("Conv", ["image_dq", "cw_f", "cb_f"], ["c"], pads=[1, 1, 1, 1]),
        node("Relu", ["c"], ["r"]),
        *qdq("r", "mid"),
        node("MaxPool", ["r_dq"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        *qdq("p", "mid"),
        node("Flatten", ["p_dq"], ["f"]),
        node("DequantizeLinear", ["fw", "fw_s", "fw_z"], ["fw_f"]),
        node("DequantizeLinear", ["fb", "fb_s"], ["fb_f"]),
        node("Gemm", ["f", "fw_f", "fb_f"], ["logits"], transB=1),
        *qdq("logits", "out")],
        {"image": normal(3, 1, 8, 8)}, outputs=("logits_dq",), init=init, free_batch=True)


def main():
    for old in [*FOLDER.glob("*.onnx"), *FOLDER.glob("*.npz"), *FOLDER.glob("*.bin")]:
        old.unlink()
    for group in (convolutions, gemms, batch_norms, activations, arithmetic, pools, shapes,
                  quantization, storage, networks):
        group()
    assert len({e["name"] for e in index}) == len(index), "two cases of one name"
    (FOLDER / "index.json").write_text(
        "[\n" + ",\n".join(json.dumps(e) for e in index) + "\n]\n")
    print(len(index), "cases")
    print("\n".join(disagreements))


if __name__ == "__main__":
    main()
