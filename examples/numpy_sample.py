#!/usr/bin/env python3
"""Computes a generator's samples with NumPy alone and compares them with duet's.

    duet sample best.safetensors -n 4 --latents --out x.npz
    python3 numpy_sample.py best.safetensors x.npz

A checkpoint is a safetensors file: 8 bytes with the header's length, a JSON header, and the tensors. Supports networks
of dense layers and transposed convolutions (kinds mlp and dcgan), without labels or with label = "concat".
"""
import json, re, sys, tomllib
import numpy as np

if len(sys.argv) != 3: sys.exit(__doc__)
raw, given = open(sys.argv[1], "rb").read(), np.load(sys.argv[2])
start = 8 + int.from_bytes(raw[:8], "little")
header = json.loads(raw[8:start])
about = header.pop("__metadata__")


def tensor(name):  # the EMA weights, if there are any
    entry = header.get("ema/generator/" + name) or header.get("generator/" + name)
    first, last = entry["data_offsets"] if entry else (0, 0)
    return np.frombuffer(raw, "<f4", (last - first) // 4, start + first).reshape(entry["shape"]) if entry else 0.0


def conv_transpose(x, weight, stride, padding, extra):  # the adjoint of a convolution
    n, _, rows, columns = x.shape
    side = lambda size: (size - 1) * stride + weight.shape[2] + extra
    y = np.zeros((n, weight.shape[1], side(rows), side(columns)), np.float32)
    for a, b in np.ndindex(weight.shape[2:]):
        part = np.einsum("ncij,cd->ndij", x, weight[:, :, a, b])
        y[:, :, a:a + stride * rows:stride, b:b + stride * columns:stride] += part
    return y[:, :, padding:y.shape[2] - padding, padding:y.shape[3] - padding]


h, how = given["z"], tomllib.loads(about["recipe"])["network"]["generator"]
if how["kind"] not in ("mlp", "dcgan") or how["label"] not in ("none", "concat"):
    sys.exit(f"numpy_sample.py: kind = {how['kind']}, label = {how['label']}; "
             "expected kind mlp or dcgan, label none or concat")
if about["format"] != "3": sys.exit(f"numpy_sample.py: checkpoint of format {about['format']}; expected format 3")
for i, layer in enumerate(about["layers.generator"].split("\n")):
    kind, *words = re.findall(r"[\w.=-]+", layer)
    places, names = [w for w in words if "=" not in w], dict(w.split("=") for w in words if "=" in w)
    of = lambda part: tensor(f"{i:02}.{kind}.{part}")
    each = lambda v: v if np.ndim(v) == 0 or h.ndim == 2 else v[:, None, None]  # one number per channel
    if kind == "dense": h = h.reshape(len(h), -1) @ of("weight").T + of("bias")
    elif kind == "conv_transpose":
        how = [int(names.get(*d)) for d in (("stride", 2), ("padding", 0), ("output_padding", 0))]
        h = conv_transpose(h.reshape(*h.shape, 1, 1) if h.ndim == 2 else h, of("weight"), *how)
        h = h + each(of("bias"))
    elif kind == "batch_norm":
        h = (h - each(of("mean"))) / np.sqrt(each(of("variance")) + float(names.get("eps", 1e-5)))
        if "affine" not in names: h = h * each(of("scale")) + each(of("shift"))
    elif layer == "concat(label)":
        h = np.hstack([h, np.eye(len(json.loads(about["data"])["classes"]), dtype=np.float32)[given["y"]]])
    elif kind == "reshape": h = h.reshape(len(h), *map(int, places))
    elif kind == "relu": h = np.where(h > 0, h, 0)
    elif kind == "leaky_relu": h = np.where(h > 0, h, h * float((places or [0.2])[0]))
    elif kind == "tanh": h = np.tanh(h)
    elif kind == "sigmoid": h = 1 / (1 + np.exp(-h))
    elif kind != "linear": sys.exit(f"numpy_sample.py: layer {layer} is not supported")
difference = np.abs(h.reshape(given["x"].shape) - given["x"]).max()
print(f"{len(h)} samples, largest difference {difference:.1e}")
sys.exit(0 if difference <= 1e-5 else 1)
