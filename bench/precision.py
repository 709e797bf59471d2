#!/usr/bin/env python3
"""Does a recipe learn as well in bfloat16? Trains it with several seeds in both precisions and scores the runs.

usage: bench/precision.py RECIPE [--data SPEC] [--kimg N] [--seeds 3] [--duet build/release/bin/duet] [--runs FOLDER]

Prints one table row per metric: mean over seeds and spread (largest minus smallest) in each precision, and whether the
means differ by less than the larger spread. Existing runs are scored and not trained again.
"""
import argparse
import json
import pathlib
import statistics
import subprocess

METRICS = ("frechet", "kernel_distance", "agreement", "confident", "mode_divergence", "high_quality")


def scores(options, precision, seed):
    run = options.runs / f"{options.recipe.replace('/', '-')}-{precision}-{seed}"
    data = ["--data", options.data] if options.data else []
    if not run.exists():
        length = ["--kimg", str(options.kimg)] if options.kimg else []
        subprocess.run([options.duet, "train", options.recipe, *data, *length, "--precision", precision,
                        "--seed", str(seed), "--out", str(run)], check=True, stdout=subprocess.DEVNULL)
    report = json.loads(subprocess.run([options.duet, "score", str(run), *data, "--checkpoint", "last", "--json"],
                                       check=True, stdout=subprocess.PIPE, text=True).stdout)
    return {name: metric["value"] for name, metric in report["metrics"].items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("--data")
    parser.add_argument("--kimg", type=float)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--duet", default="build/release/bin/duet")
    parser.add_argument("--runs", type=pathlib.Path, default=pathlib.Path("runs/precision"))
    options = parser.parse_args()
    options.runs.mkdir(parents=True, exist_ok=True)
    found = {precision: [scores(options, precision, seed) for seed in range(1, options.seeds + 1)]
             for precision in ("fp32", "bf16")}
    for name in METRICS:
        if name not in found["fp32"][0]:
            continue
        means, spreads = [], []
        for precision in ("fp32", "bf16"):
            values = [run[name] for run in found[precision]]
            means.append(statistics.mean(values))
            spreads.append(max(values) - min(values))
        within = "yes" if abs(means[0] - means[1]) <= max(spreads) else "no"
        cells = [f"{mean:.3g} ({spread:.2g})" for mean, spread in zip(means, spreads)]
        print(f"| {options.recipe} | {name} | {cells[0]} | {cells[1]} | {within} |", flush=True)


main()
