#!/usr/bin/env python3
"""Writes docs/systems.md from docs/systems.toml; with --check verifies instead that it is up to date. Either way every
recipe, game and test that the table names must exist."""
import argparse
import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE, PAGE = ROOT / "docs/systems.toml", ROOT / "docs/systems.md"
STATES = ("works", "partly", "not yet")
HEAD = """# Systems

Written by `scripts/systems.py` from [systems.toml](systems.toml); change that file. `duet list systems` prints the
same.

What of the systems that duet sets out to cover it covers today: two papers, and the programs of nine repositories. A
row *works* where a test, or a recipe with a measured result, shows what the system promises; *partly* says what is
missing. Numbers without a spread are of one run.
"""


def order(system_id):
    group, number = re.fullmatch(r"([A-Z]+)(\d+)", system_id).groups()
    return group, int(number)


def test_names():
    """Suite.Name of every test in the tree."""
    pattern = re.compile(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", re.MULTILINE)
    return {".".join(found) for path in (ROOT / "tests").rglob("*.cpp") for found in pattern.findall(path.read_text())}


def game_names():
    """Names of games: the first text of each GameEntry."""
    pattern = re.compile(r'GameEntry \w+\(\) \{\s*(?:.*?;\s*)?return \{\s*"(\w+)"', re.DOTALL)
    return {name for path in (ROOT / "duet/games").glob("*.cpp") for name in pattern.findall(path.read_text())}


def faults_of(groups, systems):
    known = {
        "recipes": {str(p.relative_to(ROOT / "recipes").with_suffix("")) for p in (ROOT / "recipes").rglob("*.toml")},
        "games": game_names(),
        "tests": test_names(),
    }
    for system_id, system in systems.items():
        if order(system_id)[0] not in groups:
            yield f"{system_id}: there is no group {order(system_id)[0]}"
        if system.get("state") not in STATES:
            yield f"{system_id}: state = {system.get('state')!r}; expected one of {', '.join(STATES)}"
        if (system.get("state") == "works") == bool(system.get("missing")):
            yield f"{system_id}: what is missing belongs to every state but 'works'"
        if bool(system.get("result")) != bool(system.get("measured")):
            yield f"{system_id}: a result and when it was measured belong together"
        if system.get("state") == "works" and not any(system.get(kind) for kind in known):
            yield f"{system_id}: works, but names no recipe, game or test that shows it"
        for kind, names in known.items():
            for name in system.get(kind, []):
                if name not in names:
                    yield f"{system_id}: {kind} has {name}, which does not exist"


def row(system_id, system):
    state = f"**{system['state']}**" + (f": {system['missing']}" if system.get("missing") else "")
    proof = [f"recipe `{name}`" for name in system.get("recipes", [])]
    proof += [f"game `{name}`" for name in system.get("games", [])]
    proof += [f"`{name}`" for name in system.get("tests", [])]
    result = f"{system['result']} ({system['measured']})" if system.get("result") else ""
    cells = (system_id, system["name"], system["paper"], state, ", ".join(proof), result)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def page(groups, systems):
    counts = {state: sum(s["state"] == state for s in systems.values()) for state in STATES}
    text = HEAD + "\nToday " + ", ".join(f"{count} {state}" for state, count in counts.items()) + ".\n"
    for name, group in sorted(groups.items(), key=lambda item: item[1]["place"]):
        text += f"\n## {group['title']}\n\n| | system | source | state | shown by | result |\n"
        text += "|---|---|---|---|---|---|\n"
        for system_id in sorted((i for i in systems if order(i)[0] == name), key=order):
            text += row(system_id, systems[system_id]) + "\n"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="verify docs/systems.md instead of writing it")
    options = parser.parse_args()
    table = tomllib.loads(TABLE.read_text())
    groups, systems = table["group"], table["system"]
    faults = list(faults_of(groups, systems))
    if not faults:
        text = page(groups, systems)
        if not options.check:
            PAGE.write_text(text)
        elif not PAGE.exists() or PAGE.read_text() != text:
            faults = ["docs/systems.md is not what docs/systems.toml says; run python3 scripts/systems.py"]
    print("\n".join(faults) if faults else f"{len(systems)} systems, and all that they name exists")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
