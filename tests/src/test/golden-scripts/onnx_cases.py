"""Packs ONNX's own node cases for OnnxNodeCasesTest.

    apt-get install libonnx-testdata        # 1.12.0: 932 cases, opset up to 17
    pip download --no-deps onnx==1.18.0     # the wheel holds the cases of opset up to 23
    python onnx_cases.py /usr/share/libonnx-testdata/data/node onnx-1.18.0-*.whl

writes ../resources/onnx-cases/onnx-1.12.zip.gz (all of the first) and onnx-1.18.zip.gz (those of the second that ask for
opset 18 to 23 of a domain). A zip within a gzip, because small files that resemble each other
shrink well only together.
"""
import gzip, io, os, sys, zipfile
import onnx


def versions(model):
    return {o.domain or "ai.onnx": o.version for o in onnx.load_from_string(model).opset_import}


def pack(cases, target):
    """cases: name -> {path within the case: bytes}"""
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as z:
        for name in sorted(cases):
            for path in sorted(cases[name]):
                info = zipfile.ZipInfo(f"{name}/{path}", date_time=(1980, 1, 1, 0, 0, 0))
                z.writestr(info, cases[name][path])
    with open(target, "wb") as f, gzip.GzipFile(filename="", mode="wb", fileobj=f, compresslevel=9, mtime=0) as g:
        g.write(plain.getvalue())
    print(target, len(cases), "cases,", os.path.getsize(target), "bytes")


def folder(root):
    cases = {}
    for name in os.listdir(root):
        for base, _, files in os.walk(os.path.join(root, name)):
            for file in files:
                path = os.path.join(base, file)
                with open(path, "rb") as f:
                    cases.setdefault(name, {})[os.path.relpath(path, os.path.join(root, name))] = f.read()
    return cases


def wheel(path):
    prefix, cases = "onnx/backend/test/data/node/", {}
    with zipfile.ZipFile(path) as z:
        for name in z.namelist():
            if name.startswith(prefix) and not name.endswith("/"):
                case, _, rest = name[len(prefix):].partition("/")
                cases.setdefault(case, {})[rest] = z.read(name)
    return {n: c for n, c in cases.items() if 18 <= versions(c["model.onnx"]).get("ai.onnx", 0) <= 23}


target = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../resources/onnx-cases")
pack(folder(sys.argv[1]), os.path.join(target, "onnx-1.12.zip.gz"))
pack(wheel(sys.argv[2]), os.path.join(target, "onnx-1.18.zip.gz"))
