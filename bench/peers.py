#!/usr/bin/env python3
"""Compares duet with one or more PyTorch versions on this machine: the same networks and the same work, in turn.

usage: bench/peers.py [--python COMMAND]... [--peer bench/pytorch_step.py] [--duet build/release/bin/duet] [--rounds 5]
                      [--seconds 6] [--workloads mlp,wgangp32,dcgan64] [--threads N] [--device cpu|cuda]
                      [--out bench/peers.md]

--python names a Python that has PyTorch (default: /usr/bin/python3, Debian's); repeat it to measure several. It is a
path, or a command such as "chroot /root/of/debian13 python3" that finds the peer's file under the same path.

Every round runs each program once, one after the other, so that a machine that slows down affects all. Each PyTorch
runs eager and, from 2.0 on, compiled, in both precisions and layouts, and its fastest setting (by median) counts. On a
GPU duet's "fp32" is TF32, as is the peer's.
"""
import argparse
import datetime
import json
import os
import shlex
import statistics
import subprocess
import sys

OPENMP_BLAS = "/usr/lib/x86_64-linux-gnu/openblas-openmp"


class Setting:
    """One way to run a PyTorch: version, precision, layout, eager or compiled, number of threads."""

    def __init__(self, python, version, precision, channels_last, compiled, threads):
        self.python, self.version, self.precision = python, version, precision
        self.channels_last, self.compiled, self.threads = channels_last, compiled, threads
        self.runs = []

    def name(self):
        words = [self.precision, "compiled" if self.compiled else "eager"]
        if self.threads:
            words.append(f"{self.threads} threads" if self.threads > 1 else "1 thread")
        if self.channels_last:
            words.append("channels-last")
        return ", ".join(words)

    def arguments(self):
        return (["--precision", self.precision] + ["--channels-last"] * self.channels_last
                + ["--compile"] * self.compiled + (["--threads", str(self.threads)] if self.threads else []))


def run(command, environment=None, may_fail=False):
    """The JSON of the command's last line, with its peak memory. None if it fails and may_fail is set."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL if may_fail else None,
                             text=True, env={**os.environ, **(environment or {})})
    text = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        if may_fail:
            return None
        sys.exit(f"{shlex.join(command)}: ended with status {status}")
    return {**json.loads(text.strip().splitlines()[-1]), "peak_mib": usage.ru_maxrss / 1024}


def machine():
    model = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "unknown")
    flags = next((l for l in open("/proc/cpuinfo") if l.startswith("flags")), "")
    units = [f for f in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if f" {f} " in flags + " "]
    return f"{os.cpu_count()} cores, {model}, {' '.join(units)}"


def version_of(python):
    """The version of its PyTorch; fails with Python's message if it has none."""
    return subprocess.run([*shlex.split(python), "-c", "import torch; print(torch.__version__)"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout.strip()


def settings_of(pythons, threads, device):
    for python, version in pythons:
        for precision in ("fp32", "bf16"):
            for channels_last in (False, True):
                for compiled in (False, True):
                    if compiled and version.startswith("1."):
                        continue
                    # One thread can be faster than threads that compete for cores. Compiled code gets all threads only.
                    counts = [0] if device == "cuda" else [threads] if compiled else sorted({1, threads})
                    for count in counts:
                        yield Setting(python, version, precision, channels_last, compiled, count)


def measure(a, workload, pythons):
    """{precision: duet's runs}, and the settings measured in the same rounds, with their runs."""
    def duet(precision):
        if a.device == "cuda" and precision == "fp32":
            precision = "tf32"
        return run([a.duet, "bench", "step", workload, "--precision", precision, "--threads", str(a.threads),
                    "--device", a.device, "--seconds", str(a.seconds), "--json"])

    def peer(setting, steps, may_fail=False):
        is_debians = setting.python == "/usr/bin/python3" and os.path.isdir(OPENMP_BLAS)
        blas = {"LD_LIBRARY_PATH": OPENMP_BLAS} if is_debians else {}
        return run([*shlex.split(setting.python), a.peer, workload, *setting.arguments(), "--steps", str(steps),
                    "--device", a.device], blas, may_fail)

    # A short trial of every setting; those within 15 % of the version's best in the same precision are measured.
    trials = {}
    for setting in settings_of(pythons, a.threads, a.device):
        trial = peer(setting, 3, may_fail=setting.compiled)
        result = "failed" if trial is None else f"{trial['images_per_second']:.1f}"
        print(workload, setting.version, setting.name(), result, file=sys.stderr)
        if trial:
            trials[setting] = trial
    def speed(setting):
        return trials[setting]["images_per_second"]
    def rivals(setting):
        return [s for s in trials if s.version == setting.version and s.precision == setting.precision]
    settings = [s for s in trials if speed(s) > 0.85 * max(map(speed, rivals(s)))]

    results = {"fp32": [], "bf16": []}
    for _ in range(a.rounds):
        for precision, runs in results.items():
            runs.append(duet(precision))
        for setting in settings:
            setting.runs.append(peer(setting, max(3, int(a.seconds * 1e3 / trials[setting]["ms_per_step"]))))
    return results, settings


def median(runs, key="images_per_second"):
    return statistics.median(r[key] for r in runs)


def rows(workload, results, settings, versions):
    """Table rows: fp32 against each version's best fp32 setting, bf16 against its best setting of any precision."""
    for precision, runs in results.items():
        best = {}
        for version in versions:
            mine = [s for s in settings if s.version == version and (precision == "bf16" or s.precision == precision)]
            best[version] = max(mine, key=lambda s: median(s.runs))
        fastest = max(best.values(), key=lambda s: median(s.runs))
        ratios = [d["images_per_second"] / p["images_per_second"] for d, p in zip(runs, fastest.runs)]
        cells = [workload, precision, f"{median(runs):,.1f}", f"{100 * median(runs, 'share_of_limit'):.0f} %",
                 f"{median(runs, 'peak_mib'):.0f}"]
        cells += [f"{median(best[v].runs):,.1f}" for v in versions]
        cells += [f"{fastest.version}: {fastest.name()}", f"{median(fastest.runs, 'peak_mib'):.0f}",
                  f"{min(ratios):.2f} / **{statistics.median(ratios):.2f}** / {max(ratios):.2f}"]
        yield f"| {' | '.join(cells)} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", action="append", help="a Python with PyTorch; may be given several times")
    parser.add_argument("--peer", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytorch_step.py"))
    parser.add_argument("--duet", default="build/release/bin/duet")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6, help="approximate duration of each run")
    parser.add_argument("--workloads", default="mlp,wgangp32,dcgan64")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--out", default="")
    a = parser.parse_args()
    pythons = [(python, version_of(python)) for python in a.python or ["/usr/bin/python3"]]
    versions = [version for _, version in pythons]
    lines = [f"Measured {datetime.date.today()} on {machine()}, with PyTorch {', '.join(versions)}.", "",
             f"    bench/peers.py {'--python PATH ' * len(pythons)}--rounds {a.rounds} --seconds {a.seconds:g} "
             f"--threads {a.threads} \\",
             f"      --workloads {a.workloads}{' --device cuda' if a.device == 'cuda' else ''}", "",
             "Images per second are medians over rounds, each PyTorch in its fastest setting. Ratios are duet over the",
             "fastest of them, round by round: minimum, median, maximum.", "",
             f"| workload | precision | duet | share of limit | peak MiB | {' | '.join(versions)} | fastest | peak MiB "
             "| ratio |",
             "|---" * (8 + len(versions)) + "|"]
    for workload in a.workloads.split(","):
        results, settings = measure(a, workload, pythons)
        lines += rows(workload, results, settings, versions)
        print(lines[-2], lines[-1], sep="\n", file=sys.stderr)
    text = "\n".join(lines) + "\n"
    print(text)
    if a.out:
        with open(a.out, "w") as file:
            file.write("# duet against PyTorch\n\n" + text)


main()
