#!/usr/bin/env python3
"""Checks who includes whom: a room may include itself and the rooms below it (ARCHITECTURE.md), nothing else; a folder
within a room, and what lies directly in that room, only as said under FOLDERS."""
import pathlib
import re
import sys

ALLOWED = {
    "core": [],
    "config": ["core"],
    "picture": ["core"],
    "data": ["core", "config", "picture"],
    "games": ["core", "config"],
    "ops": ["core"],
    "serve": ["core", "run"],
    "nn": ["core", "config", "ops"],
    "score": ["core", "config", "data"],
    "run": ["core", "data"],
    "export": ["core", "nn"],
    "train": ["core", "config", "picture", "data", "ops", "nn", "games", "score", "run"],
    "cli": ["core", "config", "picture", "data", "ops", "nn", "games", "score", "run", "train", "export", "serve"],
}
# What of its own room a folder may include beside itself. The sets that are drawn know no dataset, a format knows the
# dataset that it makes, whoever looks for faults knows both, and nobody needs him.
FOLDERS = {
    "data": ["data/formats", "data/drawn"],
    "data/formats": ["data"],
    "data/drawn": [],
    "data/inspect": ["data", "data/formats", "data/drawn"],
}


def fault_of(path, include):
    """What is wrong with an include of a file, both from the folder duet; nothing where it may be."""
    parts = include.split("/")
    if parts[0] != "duet" or len(parts) < 3:
        return f'includes "{include}"; expected a path from the root: "duet/ROOM/FILE.h"'
    room, other = path.parts[0], parts[1]
    if room != other:
        if other in ALLOWED.get(room, []):
            return None
        return f"room '{room}' includes room '{other}'; it may include {', '.join(ALLOWED.get(room, [])) or 'no other room'}"
    folder, other = path.parent.as_posix(), "/".join(parts[1:-1])
    if folder == other or other in FOLDERS.get(folder, []):
        return None
    return f"'{folder}' includes '{other}'; of its own room it may include {', '.join(FOLDERS.get(folder, [])) or 'itself alone'}"


root = pathlib.Path(__file__).resolve().parent.parent / "duet"
faults = []
files = sorted(p for p in root.rglob("*") if p.suffix in (".h", ".cpp"))
for path in files:
    for number, line in enumerate(path.read_text().splitlines(), 1):
        include = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
        if not include or include.group(1) == "duet/version.h":  # made by the build, for every room
            continue
        fault = fault_of(path.relative_to(root), include.group(1))
        if fault:
            faults.append(f"duet/{path.relative_to(root)}:{number}: {fault}")
print("\n".join(faults) if faults else f"{len(files)} files include in the right direction")
sys.exit(1 if faults else 0)
