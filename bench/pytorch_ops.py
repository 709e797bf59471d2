#!/usr/bin/env python3
"""PyTorch's times for each convolution of dcgan64 at batch 64, to compare with `duet bench ops dcgan64`.

usage: PYTHON bench/pytorch_ops.py [THREADS]

Prints milliseconds for forward, the input's gradient and the weight's gradient, each in the faster of both layouts.
"""
import sys
import time

import torch

# (transposed, channels in, channels out, side of the input, kernel, stride, padding)
LAYERS = [(False, 3, 64, 64, 4, 2, 1), (False, 64, 128, 32, 4, 2, 1), (False, 128, 256, 16, 4, 2, 1),
          (False, 256, 512, 8, 4, 2, 1), (False, 512, 1, 4, 4, 1, 0), (True, 100, 512, 1, 4, 1, 0),
          (True, 512, 256, 4, 4, 2, 1), (True, 256, 128, 8, 4, 2, 1), (True, 128, 64, 16, 4, 2, 1),
          (True, 64, 3, 32, 4, 2, 1)]


def median_ms(work):
    for _ in range(3):
        work()
    times = []
    for _ in range(15):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return 1e3 * sorted(times)[7]


def measure(layer, precision, layout):
    transposed, inside, outside, side, kernel, stride, padding = layer
    def tensor(*shape):
        return torch.randn(*shape).to(precision).contiguous(memory_format=layout)
    x = tensor(64, inside, side, side)
    weight = tensor(*((inside, outside) if transposed else (outside, inside)), kernel, kernel)
    how = ([stride, stride], [padding, padding], [1, 1], transposed, [0, 0], 1)
    with torch.no_grad():
        gradient = tensor(*torch.ops.aten.convolution(x, weight, None, *how).shape)
        def backward(to_x):
            return torch.ops.aten.convolution_backward(gradient, x, weight, None, *how, [to_x, not to_x, False])
        return [median_ms(lambda: torch.ops.aten.convolution(x, weight, None, *how)), median_ms(lambda: backward(True)),
                median_ms(lambda: backward(False))]


def main():
    torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
    onednn = [line.strip(" -") for line in torch.__config__.show().splitlines() if "DNN" in line]
    print(torch.__version__, *onednn[:1])
    for precision in (torch.float32, torch.bfloat16):
        for layer in LAYERS:
            both = [measure(layer, precision, layout) for layout in (torch.contiguous_format, torch.channels_last)]
            name = f"{'conv_transpose' if layer[0] else 'conv'} {layer[1]} to {layer[2]}, {layer[3]}x{layer[3]}"
            print(f"{str(precision)[6:]:<9} {name:<36}", *(f"{min(pair):8.2f}" for pair in zip(*both)))


main()
