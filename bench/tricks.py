#!/usr/bin/env python3
"""Do the tips of soumith/ganhacks help? Trains bench/tricks.toml with and without each, over several seeds.

usage: bench/tricks.py [--seeds 5] [--kimg N] [--duet build/release/bin/duet] [--runs runs/tricks] [--only H2,H9]

Prints docs/tricks.md's table row of each tip: mean +- standard deviation of frechet and of the modes found, without the
tip and with it, and the p-value of `duet compare`. It can be stopped at any time and continued: finished runs are kept.
"""
import argparse
import json
import pathlib
import subprocess

SETUP = pathlib.Path(__file__).resolve().parent / "tricks.toml"
LAYERS_D = ["dense(128)", "leaky_relu(0.2)", "{}", "dense(128)", "leaky_relu(0.2)", "dense(1)"]
LAYERS_G = ["dense(128)", "relu", "{}", "dense(128)", "relu", "{}", "dense(2)"]


def layers(network, names, extra):
    names = [extra if name == "{}" else name for name in names if name != "{}" or extra]
    return [f"network.{network}.kind=layers", f"network.{network}.layers={json.dumps(names)}"]


def norm(kind):
    return [f"network.{network}.norm={kind}" for network in ("generator", "discriminator")]


def label(how):
    return [f"network.{network}.label={how}" for network in ("generator", "discriminator")]


# Tip, variant, overrides without it, overrides with it. Empty overrides are the setup itself.
TIPS = [
    ("H1", "data of deviation 1", [], ["data.standardise=always"]),
    ("H2", "non-saturating loss of G", ["game.objective=minimax"], []),
    ("H3", "normal z instead of uniform", ["latent.kind=uniform", "latent.low=-1", "latent.high=1"], []),
    ("H3", "spherical z instead of uniform", ["latent.kind=uniform", "latent.low=-1", "latent.high=1"],
     ["latent.kind=spherical"]),
    ("H4", "batch norm in both", [], norm("batch_norm")),
    ("H4", "spectral norm in D", [],
     layers("discriminator", [name.replace("(128)", "(128, spectral=true)") for name in LAYERS_D], "")),
    ("H5", "leaky ReLU in D", ["network.discriminator.activation=relu"], []),
    ("H5", "leaky ReLU in G, too", [], ["network.generator.activation=leaky_relu(0.2)"]),
    ("H6", "one-sided smoothing: real 0.9", [], ["game.real_label=0.9"]),
    ("H6", "noisy on both sides: real 0.7 to 1.2, fake 0 to 0.3", [],
     ["game.real_label=0.95", "game.real_label_spread=0.25", "game.fake_label=0.15", "game.fake_label_spread=0.15"]),
    ("H6", "5 % flipped", [], ["game.flip=0.05"]),
    ("H9", "Adam for D instead of SGD",
     ["player.discriminator.optimizer=sgd", "player.discriminator.lr=0.05"], []),
    ("H12", "classes given to both", [], label("concat")),
    ("H13", "noise on D's inputs, 0.2 fading to 0", [],
     ['game.instance_noise={shape = "linear", from = 0.2, to = 0, end = 128}']),
    ("H14", "5 steps of D", [], ["player.discriminator.steps=5"]),
    ("H15", "minibatch discrimination in D", layers("discriminator", LAYERS_D, ""),
     layers("discriminator", LAYERS_D, "minibatch_discrimination(16, 4)")),
    ("H15", "minibatch deviation in D", layers("discriminator", LAYERS_D, ""),
     layers("discriminator", LAYERS_D, "minibatch_stddev")),
    ("H16", "classes as embeddings instead of one-hot", label("concat"), label("embedding")),
    ("H17", "dropout of 50 % in G, always", layers("generator", LAYERS_G, ""),
     layers("generator", LAYERS_G, "dropout(0.5, mode=always)")),
    ("later", "R1 and R2 penalties of 0.1", [], ["game.r1=0.1", "game.r2=0.1"]),
    ("later", "EMA of G's weights", [], ["player.generator.ema_kimg=10"]),
]


def folder_of(options, overrides):
    """Variants with the same overrides share their runs."""
    name = "-".join(overrides) or "setup"
    return options.runs / "".join(c if c.isalnum() or c in "._-" else "_" for c in name)[:120]


def train(options, overrides):
    folder = folder_of(options, overrides)
    command = [options.duet, "train", str(SETUP), "--seeds", str(options.seeds), "--threads", "1", "--out", str(folder)]
    if options.kimg:
        command += ["--kimg", str(options.kimg), "--set", f"score.every={options.kimg}"]
    for override in overrides:
        command += ["--set", override]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode not in (0, 7):  # 7: a run diverged, which is a result
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return folder


def compare(options, without, with_it):
    command = [options.duet, "compare", str(without), str(with_it), "--at", "last", "--json"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def cell(metrics, name, digits):
    values = metrics[name]
    return f"{values['mean']:.{digits}g} +- {values['deviation']:.2g}"


def row(tip, what, found):
    before, after = (group["metrics"] for group in found["groups"])
    p = {difference["metric"]: difference["p"] for difference in found["differences"]}
    cells = [tip, what]
    for metric, digits in (("frechet", 2), ("modes", 2), ("high_quality", 2)):
        cells += [cell(before, metric, digits), cell(after, metric, digits), f"{p[metric]:.2g}"]
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--kimg", type=float)
    parser.add_argument("--duet", default="build/release/bin/duet")
    parser.add_argument("--runs", type=pathlib.Path, default=pathlib.Path("runs/tricks"))
    parser.add_argument("--only", help="tips, separated by commas")
    options = parser.parse_args()
    wanted = options.only.split(",") if options.only else None
    print("| tip | what | frechet without | with | p | modes of 8 without | with | p "
          "| near a mode without | with | p |")
    print("|---|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for tip, what, without, with_it in TIPS:
        if not wanted or tip in wanted:
            found = compare(options, train(options, without), train(options, with_it))
            print(row(tip, what, found), flush=True)


if __name__ == "__main__":
    main()
