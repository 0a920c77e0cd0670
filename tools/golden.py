"""Keep every number that the command line prints for eleven resolutions, and compare with what it prints now.

    python tools/golden.py write [CASE ...]      # writes tests/golden/CASE.json.xz
    python tools/golden.py compare [CASE ...]    # exits 1 where a number differs
    python tools/golden.py list

A change that only moves or renames things leaves every number as it is, to the last digit. Numbers that a
change is meant to move are written again by the same commit, which says why. Where a JSON key is renamed,
`RENAMED` maps the old path to the new one, so that the stored numbers stay the ones of before.

On another processor or with other versions of the numerical libraries, sums are taken in another order:
there the comparison allows `TOLERANCE`.
"""

import json
import lzma
import math
import platform
import re
import sys
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from click.testing import CliRunner

from voteshift.cli.app import app

FOLDER: Final = Path(__file__).parents[1] / "tests" / "golden"
TRIO: Final = "mutually-beneficial-cooperation"
FAMILIES: Final = (
    TRIO,
    "combating-defamation-religions",
    "contribution-council-prevention-violations",
    "cooperation-georgia",
    "enhancement-international-cooperation",
    "mandate-independent-expert-effects-foreign-debt",
    "right-peoples-peace",
    "sexual-orientation-gender-identity",
    "situation-afghanistan",
    "situation-democratic-peoples-republic-korea",
    "situation-eritrea",
)
#: The families whose bridges are also left out one at a time: a fit for each, minutes a family.
LEFT_OUT: Final = FAMILIES[:4]
#: How far a number may be off where processor or libraries differ: absolute, in votes or latent units.
TOLERANCE: Final = 0.02
#: Old path of a number -> its new path: regular expressions, applied in order.
RENAMED: Final[tuple[tuple[str, str], ...]] = (
    (r"/without_leaning(?=/|$)", "/without_member_effect"),
    (r"/no_leaning(?=/|$)", "/no_member_effect"),
    (r"/leaning_sd(?=/|$)", "/member_effect_sd"),
    (r"/leaning(?=/|$)", "/member_effect"),
)
#: What names an entry of a list, so that entries are compared by what they are about.
_KEYS: Final = (
    ("from_id", "to_id"),
    ("id",),
    ("slug",),
    ("member", "period", "dimension"),
    ("term",),
    ("item",),
)


def list_cases() -> dict[str, list[str]]:
    """Return the command line of every case, by name."""
    cases = {"tally": ["tally"], "families": ["families"]}
    for family in FAMILIES:
        cases[f"explain-{family}"] = ["explain", family, "--no-cache"]
        leave_out = ["--leave-out"] if family in LEFT_OUT else []
        cases[f"bridged-{family}"] = ["explain", family, "--bridge", "families", *leave_out, "--no-cache"]
    cases["expected"] = ["explain", "--estimand", "expected", "--pool-member-effect", "--tests", "--no-cache"]
    cases["plain"] = ["explain", "--no-member-effect", "--replicates", "0", "--level", "0.8", "--no-cache"]
    cases["whatif"] = ["whatif", "--council", "2018", "--version", "2021", "--no-cache"]
    cases["whatif-all"] = [
        "whatif",
        "--council",
        "all",
        "--version",
        "2020",
        "--no-member-effect",
        "--no-cache",
    ]
    cases["ideal-static"] = ["fit", "ideal", "--since", "2016", "--until", "2021"]
    cases["ideal-dynamic"] = ["fit", "ideal", "--since", "2016", "--until", "2021", "--periods", "year",
                              "--bridge", "families"]  # fmt: skip
    cases["ideal-two"] = [
        "fit",
        "ideal",
        "--since",
        "2018",
        "--until",
        "2021",
        "--dims",
        "2",
        "--link",
        "probit",
    ]
    cases["logit"] = ["fit", "logit", "yes ~ C(rollcall)"]
    cases["logit-defamation"] = ["fit", "logit", "no ~ C(rollcall) + C(group)", "--family", FAMILIES[1]]
    return cases


def run_case(arguments: list[str]) -> dict[str, float | bool | None]:
    """Run a command with ``--json`` and return every number it prints, by path.

    Raises
    ------
    RuntimeError
        If the command fails.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    if result.exit_code:
        raise RuntimeError(f"{' '.join(arguments)} ended with {result.exit_code}: {result.stderr}")
    numbers = dict(flatten(json.loads(result.stdout)))
    return {path: value for path, value in numbers.items() if not path.endswith("/seconds")}


def flatten(value: Any, path: str = "") -> Iterator[tuple[str, float | bool | None]]:
    """Yield path and value of every number, truth value and null in a JSON document."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from flatten(item, f"{path}/{key}")
    elif isinstance(value, list):
        for label, item in zip(_labels(value), value, strict=True):
            yield from flatten(item, f"{path}/{label}")
    elif not isinstance(value, str):
        yield path, value


def _labels(entries: list[Any]) -> list[str]:
    """Name the entries of a list by what they are about, by their place where that is not unique."""
    for keys in _KEYS:
        if all(isinstance(entry, dict) and entry.keys() >= set(keys) for entry in entries):
            labels = [",".join(str(entry[key]) for key in keys) for entry in entries]
            if len(set(labels)) == len(labels):
                return labels
    return [str(place) for place in range(len(entries))]


def describe_machine() -> dict[str, str]:
    """Return what the last digits depend on: the processor and the libraries that add up."""
    cpu = Path("/proc/cpuinfo")
    text = cpu.read_text(encoding="utf-8") if cpu.exists() else ""
    model = re.search(r"model name\s*: (.+)", text)
    return {
        "processor": model[1] if model else platform.processor(),
        "python": ".".join(platform.python_version_tuple()[:2]),
        **{name: version(name) for name in ("numpy", "scipy", "numba", "pandas", "statsmodels")},
    }


def rename_path(path: str) -> str:
    """Return the path that a stored number has today."""
    for old, new in RENAMED:
        path = re.sub(old, new, path)
    return path


def find_differences(
    before: dict[str, float | bool | None], after: dict[str, float | bool | None], tolerance: float
) -> list[str]:
    """Return a line for every stored number that is missing or differs.

    Parameters
    ----------
    before, after : dict
        From `run_case`; numbers that are only in `after` are new and no difference.
    tolerance : float
        How far two numbers may be apart; 0 for equality.
    """
    lines = []
    for stored_path, old in before.items():
        path = rename_path(stored_path)
        if path not in after:
            lines.append(f"{path}: {old} before, missing now")
            continue
        new = after[path]
        both_numbers = not any(value is None or isinstance(value, bool) for value in (old, new))
        same = old == new or (
            both_numbers
            and math.isclose(float(old or 0), float(new or 0), rel_tol=tolerance, abs_tol=tolerance)
        )
        if not same:
            lines.append(f"{path}: {old} before, {new} now")
    return lines


def read_case(name: str) -> dict[str, Any]:
    """Read what is stored of a case: ``machine`` and ``numbers``."""
    stored: dict[str, Any] = json.loads(lzma.decompress((FOLDER / f"{name}.json.xz").read_bytes()))
    return stored


def compare_case(name: str) -> list[str]:
    """Run a case and return what differs from the stored numbers."""
    stored = read_case(name)
    tolerance = 0.0 if stored["machine"] == describe_machine() else TOLERANCE
    return find_differences(stored["numbers"], run_case(list_cases()[name]), tolerance)


def write_case(name: str) -> None:
    """Run a case and store its numbers."""
    document = {"machine": describe_machine(), "numbers": run_case(list_cases()[name])}
    text = json.dumps(document, indent=0, allow_nan=False)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json.xz").write_bytes(lzma.compress(text.encode(), preset=9))


def main(action: str, names: list[str]) -> int:
    """Write or compare the named cases, or all of them; return the exit code."""
    differing = 0
    for name in names or list_cases():
        if action == "list":
            print(name, *list_cases()[name])
        elif action == "write":
            write_case(name)
            print(name, flush=True)
        else:
            lines = compare_case(name)
            differing += bool(lines)
            print(f"{name}: {f'{len(lines)} numbers differ' if lines else 'as before'}", flush=True)
            for line in lines[:10]:
                print(f"  {line}")
    return 1 if differing else 0


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ("write", "compare", "list"):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
