#!/usr/bin/env python3
"""duet against its PyTorch peers on this machine: the same networks, the same work, in turn.

usage: bench/peers.py [--peer bench/pytorch_step.py] [--duet build/release/bin/duet] [--rounds 5] [--seconds 6]
                      [--workloads mlp,wgangp32,dcgan64] [--threads N] [--device cpu|cuda] [--out bench/peers.md]

Every round runs each program once, one after the other, so that a machine that slows down slows both. The peer runs in
each of the settings below and counts with its fastest (by median); needs python3-torch, run by /usr/bin/python3. On a GPU it runs
eager and compiled, and duet's "fp32" is TF32, as the peer's is there; the table then has a row for either form.
"""
import argparse, datetime, json, os, statistics, subprocess, sys

OPENMP_BLAS = "/usr/lib/x86_64-linux-gnu/openblas-openmp"


def run(command, environment=None):
    """The JSON that the command prints last, with its peak memory."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
    text = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"{' '.join(command)}: ended with status {status}")
    return {**json.loads(text.strip().splitlines()[-1]), "peak_mib": usage.ru_maxrss / 1024}


def machine():
    model = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "unknown")
    flags = next((l for l in open("/proc/cpuinfo") if l.startswith("flags")), "")
    units = [f for f in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if f" {f} " in flags + " "]
    return f"{os.cpu_count()} cores, {model}, {' '.join(units)}"


def peer_settings(threads, device):
    """(name, precision, arguments, environment)"""
    blas = {"LD_LIBRARY_PATH": OPENMP_BLAS} if os.path.isdir(OPENMP_BLAS) else {}
    for precision in ("fp32", "bf16"):
        for layout in ([], ["--channels-last"]):
            plain = ["--precision", precision, *layout]
            end = ", channels-last" if layout else ""
            if device == "cuda":
                for form in ([], ["--compile"]):
                    name = f"{precision}, {'compiled' if form else 'eager'}{end}"
                    yield name, precision, [*plain, "--device", "cuda", *form], {}
            else:
                for count in sorted({1, threads}):
                    yield f"{precision}, {count} threads{end}", precision, [*plain, "--threads", str(count)], blas


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", default=os.path.join(os.path.dirname(__file__), "pytorch_step.py"))
    parser.add_argument("--duet", default="build/release/bin/duet")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6, help="about how long each run measures")
    parser.add_argument("--workloads", default="mlp,wgangp32,dcgan64")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--out", default="")
    a = parser.parse_args()
    python = "/usr/bin/python3"
    lines = [f"Measured {datetime.date.today()} on {machine()}.", "",
             f"    bench/peers.py --rounds {a.rounds} --seconds {a.seconds:g} --threads {a.threads} "
             f"--workloads {a.workloads}{' --device cuda' if a.device == 'cuda' else ''}", "",
             "Images per second are medians over rounds; ratios are duet over peer, round by round: minimum, median, "
             "maximum.", "",
             "| workload | precision | duet | share of limit | peak MiB | best peer | its setting | peak MiB | ratio |",
             "|---|---|---|---|---|---|---|---|---|"]
    for workload in a.workloads.split(","):
        def duet(precision):
            if a.device == "cuda" and precision == "fp32":
                precision = "tf32"
            return run([a.duet, "bench", "step", workload, "--precision", precision, "--threads", str(a.threads),
                        "--device", a.device, "--seconds", str(a.seconds), "--json"])

        def peer(setting, steps):
            _, _, arguments, environment = setting
            return run([python, a.peer, workload, *arguments, "--steps", str(steps)], environment)

        # One short look at every setting; those within 30 % of the best of their precision are measured in rounds.
        settings = list(peer_settings(a.threads, a.device))
        looks = {s[0]: peer(s, 3) for s in settings}
        def best(precision):
            return max(looks[s[0]]["images_per_second"] for s in settings if s[1] == precision)
        # On a GPU duet is compared with either form.
        if a.device == "cpu":
            settings = [s for s in settings if looks[s[0]]["images_per_second"] > 0.7 * best(s[1])]
        results = {"fp32": [], "bf16": []}
        peers = {s[0]: [] for s in settings}
        for _ in range(a.rounds):
            for precision in results:
                results[precision].append(duet(precision))
            for s in settings:
                steps = max(3, int(a.seconds * 1e3 / looks[s[0]]["ms_per_step"]))
                peers[s[0]].append(peer(s, steps))
            print(workload, {k: round(v[-1]["images_per_second"], 1) for k, v in results.items()},
                  {k: v[-1]["images_per_second"] for k, v in peers.items()}, file=sys.stderr)
        for precision, runs in results.items():
            # fp32 against the best fp32 peer, bf16 against the best of any precision.
            names = [s[0] for s in settings if precision == "bf16" or s[1] == precision]
            def speed(results):
                return [r["images_per_second"] for r in results]
            def middle(results, key):
                return statistics.median(r[key] for r in results)
            for form in ("eager", "compiled") if a.device == "cuda" else ("",):
                name = max((n for n in names if form in n), key=lambda n: middle(peers[n], "images_per_second"))
                ratios = [d / p for d, p in zip(speed(runs), speed(peers[name]))]
                lines.append(
                    f"| {workload} | {precision} | {middle(runs, 'images_per_second'):,.1f} | "
                    f"{100 * middle(runs, 'share_of_limit'):.0f} % | {middle(runs, 'peak_mib'):.0f} | "
                    f"{middle(peers[name], 'images_per_second'):,.1f} | {name} | {middle(peers[name], 'peak_mib'):.0f} | "
                    f"{min(ratios):.2f} / **{statistics.median(ratios):.2f}** / {max(ratios):.2f} |")
    text = "\n".join(lines) + "\n"
    print(text)
    if a.out:
        with open(a.out, "w") as file:
            file.write("# duet against PyTorch\n\n" + text)


main()
