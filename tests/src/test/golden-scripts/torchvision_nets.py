"""Exports torchvision's networks with both of torch's exporters, for TorchvisionTest.

    pip install torch==2.13.0 torchvision==0.28.0 onnx==1.23.2 onnxscript
    python torchvision_nets.py       # rewrites every ../resources/torchvision/*.onnx.gz
    python torchvision_nets.py alexnet vit_b_16

The weights are random, as torchvision initializes them, and BatchNormalization has seen a few random
images (but for those in GATED), so that values keep their size from layer to layer. Then the weights are taken out: of each
that has more than 256 elements mean, standard deviation and least value stay, in `doc_string`, from
which the test makes others of the same kind. So a file has some kilobytes.
"""
import copy, gzip, io, os, sys, warnings
import numpy as np, onnx, torch, torchvision
from onnx import numpy_helper

warnings.filterwarnings("ignore")
# Sizes that leave an odd number of values to GlobalAveragePool: the mean of an even number often lies
# exactly between two steps of its result, where the rounding errors of a float sum decide.
NETS = {  # name -> (input size, opset of the older exporter, opset of the newer one)
    "alexnet": (224, 17, 18), "vgg11": (224, 18, 19), "resnet18": (224, 17, 20),
    "squeezenet1_1": (224, 17, 18), "densenet121": (32, 18, 18), "googlenet": (224, 17, 19),
    "inception_v3": (267, 17, 18), "shufflenet_v2_x1_0": (224, 17, 18), "mobilenet_v2": (224, 17, 18),
    "mobilenet_v3_small": (224, 17, 18), "mnasnet1_0": (224, 17, 18), "regnet_y_400mf": (224, 17, 18),
    "efficientnet_b0": (224, 17, 18), "efficientnet_v2_s": (224, 18, 18), "convnext_tiny": (64, 17, 18),
    "swin_t": (64, 17, 18), "vit_b_16": (224, 17, 18), "maxvit_t": (224, 17, 18),
    "lraspp_mobilenet_v3_large": (224, 17, 18), "deeplabv3_mobilenet_v3_large": (224, 17, 18),
}
# Random gates (squeeze-and-excite) over values of full size amplify a rounding error of 1e-7 to 1e-4 in
# their result: those networks keep the statistics 0 and 1, with which values shrink.
GATED = ("mobilenet_v3", "regnet", "efficientnet")
LARGE = 256


class Plain(torch.nn.Module):
    """A network whose output is one tensor: segmentation nets give a dictionary."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, x):
        y = self.net(x)
        return y["out"] if isinstance(y, dict) else y


def settled(net, size):
    """With the statistics of a few batches in BatchNormalization."""
    for m in net.modules():
        if isinstance(m, torch.nn.modules.batchnorm._BatchNorm):
            m.momentum = None
    net.train()
    for m in net.modules():
        if isinstance(m, torch.nn.Dropout):
            m.eval()
    with torch.no_grad():
        for _ in range(3):
            net(torch.randn(4, 3, size, size))
    return net.eval()


def network(name):
    net = made(name)
    return net if any(part in name for part in GATED) else settled(net, NETS[name][0])


def made(name):
    torch.manual_seed(1)
    if name in ("lraspp_mobilenet_v3_large", "deeplabv3_mobilenet_v3_large"):
        return Plain(getattr(torchvision.models.segmentation, name)(weights=None, weights_backbone=None, aux_loss=None) if "deeplab" in name
                     else torchvision.models.segmentation.lraspp_mobilenet_v3_large(weights=None, weights_backbone=None)).eval()
    more = {"init_weights": True} if name in ("googlenet", "inception_v3") else {}
    if more:
        more["aux_logits"] = False
    return Plain(getattr(torchvision.models, name)(weights=None, **more)).eval()


def strip(model):
    """Takes large float weights out, wherever they stand."""
    def one(t):
        if t.data_type != onnx.TensorProto.FLOAT:
            return
        values = numpy_helper.to_array(t)
        if values.size > LARGE:
            t.doc_string = f"random {values.mean():.8g} {values.std():.8g} {values.min():.8g}"
            t.ClearField("raw_data")
            t.ClearField("float_data")
    for t in model.graph.initializer:
        one(t)
    for node in model.graph.node:
        for a in node.attribute:
            if a.HasField("t"):
                one(a.t)
        node.ClearField("doc_string")
        node.ClearField("metadata_props")
    del model.graph.value_info[:]
    return model


def export(name, newer):
    size, old_opset, new_opset = NETS[name]
    x = torch.zeros(1, 3, size, size)
    buffer = io.BytesIO()
    if newer:
        program = torch.onnx.export(network(name), (x,), dynamo=True, opset_version=new_opset, input_names=["input"], output_names=["output"], verbose=False)
        model = program.model_proto
    else:
        torch.onnx.export(network(name), (x,), buffer, dynamo=False, opset_version=old_opset, input_names=["input"], output_names=["output"],
                          dynamic_axes={"input": {0: "N"}, "output": {0: "N"}})
        model = onnx.load_from_string(buffer.getvalue())
    return strip(copy.deepcopy(model))


folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../resources/torchvision")
for name in sys.argv[1:] or NETS:
    for newer in (False, True):
        target = os.path.join(folder, f"{name}-{'dynamo' if newer else 'script'}.onnx.gz")
        try:
            model = export(name, newer)
        except Exception as e:  # an exporter that cannot: said, and left out
            print(target, "FAILED", repr(e)[:300], flush=True)
            continue
        with open(target, "wb") as f, gzip.GzipFile(filename="", mode="wb", fileobj=f, compresslevel=9, mtime=0) as g:
            g.write(model.SerializeToString(deterministic=True))
        print(target, model.opset_import[0].version, len(model.graph.node), "nodes", os.path.getsize(target), "bytes", flush=True)
