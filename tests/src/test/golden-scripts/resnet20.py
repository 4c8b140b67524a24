"""FP32 logits of the demo's ResNet-20 on the first 64 Fashion-MNIST test images.

Usage: resnet20.py fashion_resnet20.onnx t10k-images-idx3-ubyte.gz
"""

import gzip
import sys

import numpy as np
import onnxruntime

from common import save_npz

MEAN, STD, COUNT = 0.2860, 0.3530, 64


def main(model, images):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
    with gzip.open(images) as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)[:COUNT]
    x = (pixels.astype(np.float32) / np.float32(255) - np.float32(MEAN)) / np.float32(STD)
    (logits,) = session.run(None, {session.get_inputs()[0].name: x})
    save_npz("resnet20_fp32", {"logits": logits})
    print(logits.shape, logits.argmax(1))


if __name__ == "__main__":
    main(*sys.argv[1:])
