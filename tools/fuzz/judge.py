"""Compare what came of a file with what must come of it."""

from dataclasses import dataclass
from typing import Any

from fuzz.expected import Expected
from fuzz.records import DEFAULTS, STATES

__all__ = ["Verdict", "judge", "judge_check"]


@dataclass(frozen=True)
class Verdict:
    """An outcome, and what is wrong with it: the kind of the failure and a sentence.

    `documented` marks the refusal of a file that the documentation promises to read: no failure, but worth a
    look.
    """

    outcome: str
    failure: str = ""
    detail: str = ""
    documented: bool = False


def judge(answer: dict[str, Any], expected: Expected, *, memory: int) -> Verdict:  # noqa: PLR0911
    """Return the verdict on one reading."""
    outcome = answer["outcome"]
    if outcome in {"hung", "died"}:
        return Verdict(outcome, outcome, f"after {answer['seconds']:.1f} s, exit code {answer.get('code')}")
    if outcome == "memory" or answer["peak"] > memory:
        return Verdict(
            "memory",
            "memory",
            f"peak of {answer['peak'] / 2**20:.0f} MiB, {answer['seconds']:.1f} s, {outcome}",
        )
    if outcome == "crashed":
        return Verdict(
            "crashed", "traceback", f"{answer['type']}: {answer['trace'].strip().splitlines()[-1][:300]}"
        )
    if answer["seconds"] > 5:
        return Verdict("hung", "hung", f"{answer['seconds']:.1f} s of processor time, then {outcome}")
    if outcome == "refused":
        return _judge_refusal(answer, expected)
    if expected.document is None:
        if expected.unsure:
            return Verdict("read, unsure")
        return Verdict(
            "read", "read what must be refused", f"{expected.reason}; read as {_brief(answer['document'])}"
        )
    differences = _compare(expected.document, answer["document"])
    if differences:
        return Verdict("read", "difference", "; ".join(differences[:5]))
    return Verdict("equal")


def _judge_refusal(answer: dict[str, Any], expected: Expected) -> Verdict:
    message = answer["message"]
    lacks = [name for name in ("file", "remedy") if not answer[name]]
    if lacks:
        return Verdict("refused", "bare refusal", f"without {' and '.join(lacks)}: {message[:300]}")
    if answer["length"] > 1500 or any(mark in message for mark in "\n\r\x1b\x00"):
        return Verdict(
            "refused", "bare refusal", f"of several lines or {answer['length']} characters: {message[:300]!r}"
        )
    if expected.plain:
        return Verdict("refused, though documented", detail=message[:300], documented=True)
    return Verdict("refused")


def judge_check(answer: dict[str, Any], read: dict[str, Any], *, memory: int) -> Verdict:
    """Return the verdict on `check_file`: it must agree with `read`, and give remedies."""
    if answer["outcome"] != "checked":
        if answer["outcome"] == "refused" and read["outcome"] == "refused":
            return Verdict("checked")
        verdict = judge(answer, Expected(unsure=True), memory=memory)
        return verdict if verdict.failure else Verdict("check", "check disagrees", f"check: {answer}"[:500])
    if answer["bare"]:
        return Verdict("checked", "bare finding", "; ".join(answer["bare"])[:400])
    if (answer["errors"] > 0) != (read["outcome"] == "refused"):
        message = read.get("message", "nothing")[:300]
        return Verdict(
            "checked", "check disagrees", f"check found {answer['errors']} errors, read said: {message}"
        )
    if answer["peak"] > memory or answer["seconds"] > 5:
        return Verdict("checked", "memory" if answer["peak"] > memory else "hung", f"check: {answer}"[:300])
    return Verdict("checked")


def _brief(document: dict[str, Any]) -> str:
    return ", ".join(f"{name} {document[name][:5]}" for name in ("members", "rollcalls", "votes"))[:400]


def _compare(expected: dict[str, Any], actual: dict[str, Any]) -> list[str]:
    """Return the differences between two documents, none if they hold the same."""
    differences = []
    ordered = expected.get("ordered", True)
    if len(actual["rollcalls"]) == 1 and actual["rollcalls"][0] in expected.get("called", ()):
        actual = actual | {
            "rollcalls": expected["rollcalls"]
        }  # a roll call called as the file is, with its suffix
    for name in ("members", "rollcalls"):
        one, other = expected[name], actual[name]
        if one != other and (ordered or sorted(one) != sorted(other)):
            differences.append(f"{name} should be {str(one)[:200]}, are {str(other)[:200]}")
    if differences:
        return differences
    columns = {id_: place for place, id_ in enumerate(actual["rollcalls"])}
    rows = dict(zip(actual["members"], actual["votes"], strict=True))
    for member, letters in zip(expected["members"], expected["votes"], strict=True):
        for rollcall, letter in zip(expected["rollcalls"], letters, strict=True):
            read = rows[member][columns[rollcall]]
            if read != letter:
                differences.append(
                    f"vote of {member[:40]!r} in {rollcall[:40]!r} should be {letter}, is {read}"
                )
    if "member_columns" in expected:
        return differences + _compare_frames(expected, actual)
    return differences + _compare_facts(expected, actual, columns) + _compare_groups(expected, actual)


def _compare_frames(expected: dict[str, Any], actual: dict[str, Any]) -> list[str]:
    differences = [
        f"{name} should be {expected[name]!r}, is {actual[name]!r}"
        for name in ("polarity", "source")
        if expected[name] != actual[name]
    ]
    for table in ("member_columns", "rollcall_columns"):
        for name, cells in expected[table].items():
            read = actual[table].get(name)
            if read != cells or [type(cell) for cell in read] != [type(cell) for cell in cells]:
                differences.append(f"{table} {name!r} should be {str(cells)[:150]}, is {str(read)[:150]}")
        for name in set(actual[table]) - set(expected[table]):
            blank = {DEFAULTS.get(name, ""), None, ""}
            if name == "family":
                continue  # found by the titles
            if name not in {"name", "group", *DEFAULTS} or (
                name != "name" and set(actual[table][name]) - blank
            ):
                differences.append(f"{table} {name!r} comes from nowhere")
    return differences


def _compare_facts(expected: dict[str, Any], actual: dict[str, Any], columns: dict[str, int]) -> list[str]:
    differences = []
    for rollcall, place in columns.items():
        facts = expected["facts"].get(rollcall, {})
        for name, default in DEFAULTS.items():
            value = facts.get(name, default)
            read = actual["rollcall_columns"].get(name, [default] * len(columns))[place]
            if name == "family" and name not in facts:
                continue  # found by the titles
            if name == "date" and isinstance(read, str):
                read = read.removesuffix("T00:00:00")
            if name == "reconciled":
                value, read = value is not False, read is not False
            if value != read or type(value) is not type(read):
                differences.append(
                    f"{name} of {rollcall[:40]!r} should be {str(value)[:80]!r}, is {str(read)[:80]!r}"
                )
    for name, cells in expected["carried"].items():
        read = actual["rollcall_columns"].get(name)
        if read is None or any(read[columns[id_]] != cell for id_, cell in cells.items()):
            differences.append(f"column {name!r} should be carried along, is {str(read)[:80]}")
    return differences


def _compare_groups(expected: dict[str, Any], actual: dict[str, Any]) -> list[str]:
    if not expected["groups"] and set(actual["members"]) & set(STATES):
        return []  # regional groups are filled in
    read = dict(zip(actual["members"], actual["member_columns"]["group"], strict=True))
    return [
        f"group of {member[:40]!r} should be {expected['groups'].get(member, '')!r}, is {group!r}"
        for member, group in read.items()
        if (group or "") != expected["groups"].get(member, "")
        and (expected["groups"].get(member) or member not in STATES)
    ]
