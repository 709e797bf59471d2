#!/usr/bin/env python3
"""Checks who includes whom: a room may include itself and the rooms below it (ARCHITECTURE.md), nothing else."""
import pathlib
import re
import sys

ALLOWED = {
    "core": [],
    "data": ["core"],
    "games": ["core"],
    "ops": ["core"],
    "serve": ["core"],
    "nn": ["core", "ops"],
    "score": ["core", "data"],
    "export": ["core", "nn"],
    "train": ["core", "data", "ops", "nn", "games", "score"],
    "cli": ["core", "data", "ops", "nn", "games", "score", "train", "export", "serve"],
}

root = pathlib.Path(__file__).resolve().parent.parent
faults = []
files = sorted(p for p in (root / "duet").rglob("*") if p.suffix in (".h", ".cpp"))
for path in files:
    room = path.relative_to(root / "duet").parts[0]
    for number, line in enumerate(path.read_text().splitlines(), 1):
        include = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
        if not include:
            continue
        parts = include.group(1).split("/")
        place = f"{path.relative_to(root)}:{number}"
        if parts == ["duet", "version.h"]:
            continue  # made by the build, for every room
        if parts[0] != "duet" or len(parts) < 3:
            faults.append(f'{place}: includes "{include.group(1)}"; expected a path from the root: "duet/ROOM/FILE.h"')
        elif parts[1] != room and parts[1] not in ALLOWED.get(room, []):
            allowed = ", ".join(ALLOWED.get(room, [])) or "no other room"
            faults.append(f"{place}: room '{room}' includes room '{parts[1]}'; it may include {allowed}")
print("\n".join(faults) if faults else f"{len(files)} files include in the right direction")
sys.exit(1 if faults else 0)
