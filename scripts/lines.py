#!/usr/bin/env python3
"""Checks that no line of a text file is longer than 120 columns: editors, diffs and terminals then show it unwrapped.
Exempt: table rows and URLs, which cannot be broken, and tests/golden, whose files stay as they were written."""
import pathlib
import re
import subprocess
import sys

LIMIT = 120
TEXT = {".cmake", ".cpp", ".h", ".in", ".json", ".md", ".py", ".sh", ".supp", ".toml", ".txt", ""}
ROOT = pathlib.Path(__file__).resolve().parent.parent


def files():
    """Paths below the root that git tracks or does not ignore; without git all that are not build products."""
    command = ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in ROOT.rglob("*") if not {"build", "runs", ".git"} & set(path.relative_to(ROOT).parts)]


def is_exempt(path, line):
    return (path.suffix == ".md" and line.lstrip().startswith("|")) or re.search(r"https?://\S{60,}", line)


faults, count = [], 0
for path in sorted(files()):
    name = path.relative_to(ROOT).as_posix()
    if path.suffix not in TEXT or name.startswith("tests/golden/") or not path.is_file():
        continue
    count += 1
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if len(line) > LIMIT and not is_exempt(path, line):
            faults.append(f"{name}:{number}: {len(line)} columns; expected at most {LIMIT}; break the line")
print("\n".join(faults) if faults else f"{count} text files have lines of at most {LIMIT} columns")
sys.exit(1 if faults else 0)
