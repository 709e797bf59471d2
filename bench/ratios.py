#!/usr/bin/env python3
"""Compares two builds of duet on the same machine, in turn: did a change make the step slower?

usage: bench/ratios.py OLD NEW [--recipes mlp,dcgan64,wgangp32] [--rounds 7] [--seconds 4]

OLD and NEW are duet programs. Every round runs each once, in alternating order, so that a machine that slows down
affects both. The table has the medians, and the median and the middle half of the rounds' ratios. 1.00: equally fast;
below: NEW is faster.
"""
import argparse
import json
import statistics
import subprocess


def step_ms(program, recipe, seconds):
    command = [program, "bench", "step", recipe, "--seconds", str(seconds), "--json"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)["ms_per_step"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--recipes", default="mlp,dcgan64,wgangp32")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=4)
    options = parser.parse_args()
    print("| recipe | old, ms | new, ms | new / old | middle half |\n|---|---|---|---|---|")
    for recipe in options.recipes.split(","):
        old, new = [], []
        for round in range(options.rounds):
            pairs = [(options.old, old), (options.new, new)]
            for program, times in pairs if round % 2 == 0 else reversed(pairs):
                times.append(step_ms(program, recipe, options.seconds))
        ratios = sorted(b / a for a, b in zip(old, new))
        quarters = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else [ratios[0]] * 3
        print(f"| {recipe} | {statistics.median(old):.2f} | {statistics.median(new):.2f} "
              f"| {statistics.median(ratios):.3f} | {quarters[0]:.3f} to {quarters[2]:.3f} |", flush=True)


main()
