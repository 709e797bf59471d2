#!/usr/bin/env python3
"""One full training step of three GANs in PyTorch, which bench/peers.py measures duet against: the networks of the
recipes mlp, dcgan64 and wgangp32, the same losses, Adam for both players at every step.

usage: bench/pytorch_step.py {mlp,dcgan64,wgangp32} [--batch N] [--steps N] [--warmup N] [--threads N]
                             [--precision fp32|bf16] [--channels-last] [--device cpu|cuda] [--compile]
Prints one line of JSON: milliseconds per step, and real images per second. Needs PyTorch and nothing else.
"""
import argparse, json, time

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits


def dense(widths, norm, last):
    layers = []
    for i, (a, b) in enumerate(zip(widths, widths[1:])):
        layers.append(nn.Linear(a, b))
        if i < len(widths) - 2:
            if norm and i > 0:
                layers.append(nn.BatchNorm1d(b))
            layers.append(nn.LeakyReLU(0.2))
    return nn.Sequential(*layers, *last)


def up(channels, bias):
    """Transposed convolutions from a vector to 4x4, then doubling the side each time."""
    layers = []
    for i, (a, b) in enumerate(zip(channels, channels[1:])):
        layers.append(nn.ConvTranspose2d(a, b, 4, 2 if i else 1, 1 if i else 0, bias=bias))
        last = i == len(channels) - 2
        layers += [nn.Tanh()] if last else [nn.BatchNorm2d(b), nn.ReLU(True)]
    return nn.Sequential(*layers)


def down(channels, bias, norm):
    """Convolutions that halve the side each time, then one from 4x4 to a single number."""
    layers = []
    for i, (a, b) in enumerate(zip(channels, channels[1:])):
        layers.append(nn.Conv2d(a, b, 4, 2, 1, bias=bias))
        if norm and i > 0:
            layers.append(nn.BatchNorm2d(b))
        layers.append(nn.LeakyReLU(0.2))
    return nn.Sequential(*layers, nn.Conv2d(channels[-1], 1, 4, bias=bias))


def networks(name):
    """(generator, discriminator, shape of a picture, shape of z)"""
    if name == "mlp":
        return (dense([100, 128, 256, 512, 1024, 784], True, [nn.Tanh()]), dense([784, 512, 256, 1], False, []),
                (784,), (100,))
    if name == "dcgan64":
        return (up([100, 512, 256, 128, 64, 3], False), down([3, 64, 128, 256, 512], False, True),
                (3, 64, 64), (100, 1, 1))
    return up([128, 256, 128, 64, 3], True), down([3, 64, 128, 256], True, False), (3, 32, 32), (128, 1, 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", choices=["mlp", "dcgan64", "wgangp32"])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--compile", action="store_true")
    a = parser.parse_args()
    if a.threads:
        torch.set_num_threads(a.threads)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = True
    generator, discriminator, picture, latent = networks(a.workload)
    real = torch.rand(a.batch, *picture) * 2 - 1
    generator, discriminator, real = generator.to(a.device), discriminator.to(a.device), real.to(a.device)
    if a.channels_last and len(picture) == 3:
        layout = torch.channels_last
        real = real.contiguous(memory_format=layout)
        generator, discriminator = generator.to(memory_format=layout), discriminator.to(memory_format=layout)
    with_penalty = a.workload == "wgangp32"
    rate, betas = (1e-4, (0.0, 0.9)) if with_penalty else (2e-4, (0.5, 0.999))
    fused = {"fused": True} if a.device != "cpu" else {}
    optimizers = [torch.optim.Adam(n.parameters(), lr=rate, betas=betas, **fused) for n in (generator, discriminator)]
    make, judge = (torch.compile(n) if a.compile else n for n in (generator, discriminator))

    def rounded():
        return torch.autocast(torch.device(a.device).type, torch.bfloat16, enabled=a.precision == "bf16")

    def noise():
        return torch.randn(a.batch, *latent, device=a.device)

    def towards(logits, label):
        return binary_cross_entropy_with_logits(logits.float(), torch.full_like(logits, label, dtype=torch.float32))

    def move(player, *losses):
        optimizers[player].zero_grad()
        for loss in losses:
            loss.backward()
        optimizers[player].step()

    def plain_step():
        with rounded():
            fake = make(noise())
            on_real, on_fake = judge(real), judge(fake.detach())
        move(1, towards(on_real, 1.0), towards(on_fake, 0.0))
        with rounded():
            on_fake = judge(fake)
        move(0, towards(on_fake, 1.0))

    def penalty_step():
        for _ in range(5):
            with rounded():
                with torch.no_grad():
                    fake = make(noise()).float()
                mix = torch.rand(a.batch, 1, 1, 1, device=a.device)
                between = (mix * real + (1 - mix) * fake).requires_grad_()
                slope, = torch.autograd.grad(judge(between).float().sum(), between, create_graph=True)
                penalty = (slope.float().flatten(1).norm(dim=1) - 1).square().mean()
                critic = judge(fake).float().mean() - judge(real).float().mean() + 10 * penalty
            move(1, critic)
        with rounded():
            loss = -judge(make(noise())).float().mean()
        move(0, loss)

    def run(steps):
        for _ in range(steps):
            penalty_step() if with_penalty else plain_step()
        if a.device != "cpu":
            torch.cuda.synchronize()

    run(a.warmup)
    begin = time.perf_counter()
    run(a.steps)
    seconds = (time.perf_counter() - begin) / a.steps
    print(json.dumps({"workload": a.workload, "precision": a.precision, "threads": torch.get_num_threads(),
                      "ms_per_step": 1e3 * seconds,
                      "images_per_second": a.batch * (5 if with_penalty else 1) / seconds,
                      "torch": torch.__version__}))


main()
