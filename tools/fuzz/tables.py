"""The record that a grid of cells must be read as: the rules of docs/data.md, written anew."""

import datetime
import re
import unicodedata

from fuzz.expected import MustRefuse, Unsure
from fuzz.records import DEFAULTS, STATES, Record, Value, read_word
from fuzz.texts import Grid

__all__ = ["interpret_folder", "interpret_table"]

_MEMBER = ("member", "iso3", "nameasprinted", "state", "country", "name")
_ROLLCALL = ("rollcall", "record", "rcid", "id")
_GROUP = ("group", "regionalgroup", "party")
_SYMBOL = ("symbol", "resolution", "draft")
_TEXTS = ("title", "subject", "session", "family")
_TOTALS = {"yes": "Y", "no": "N", "abstain": "A"}
_KNOWN = {
    "vote",
    "date",
    "amendment",
    "reconciled",
    *_MEMBER,
    *_ROLLCALL,
    *_GROUP,
    *_SYMBOL,
    *_TEXTS,
    *_TOTALS,
}
_TRUTH = {"yes": True, "no": False}
_OTHER_TRUTH = {"true": True, "false": False, "1": True, "0": False, "y": True, "n": False}
_SPELLINGS = {name.casefold(): code for code, names in STATES.items() for name in (code, *names)}
_LETTERS_OF = {re.sub(r"[\W_]", "", name) for name in _SPELLINGS}
#: Names of persons in `fuzz/records.py` that are, in one case, the code of a state.
_PERSON_OR_STATE = {"BEN", "ben"}
#: Labels of a row or column of a matrix that sums up the votes, whatever its cells are.
_SUMMARIES = {"total", "totals", "sum", "result", "results", "outcome", "majority", "passed", "adopted"}
_CATEGORIES = {"yes", "no", "abstain", "absent", "votes"}
#: Columns of a matrix of members that say something of the member.
_FLAGS = {"chair", "incumbent"}  # the attributes that may be yes or no
_ATTRIBUTES = {"name", "nameasprinted", "state", "country", "chair", "incumbent", *_GROUP}


def _key(head: str) -> str:
    return re.sub(r"[\s_.-]", "", head).casefold()


def _tidy(grid: Grid) -> Grid:
    """Drop blank rows and columns, cut space around cells; refuse cells that stand outside the header."""
    rows = [[cell.strip() for cell in row] for row in grid]
    rows = [row for row in rows if any(row)]
    if len(rows) < 2:
        raise MustRefuse("no rows below the header")
    width = len(rows[0])
    for row in rows:
        if any(row[width:]):
            raise MustRefuse("a cell beyond the header")
    rows = [(row + [""] * width)[:width] for row in rows]
    filled = [any(row[place] for row in rows) for place in range(width)]
    rows = [[cell for cell, keep in zip(row, filled, strict=True) if keep] for row in rows]
    if any(not head for head in rows[0][1:]):
        raise MustRefuse("a column with cells and no name")
    return rows


def _columns(rows: Grid) -> dict[str, int]:
    columns: dict[str, int] = {}
    for place, head in enumerate(rows[0]):
        key = _key(head)
        if key in columns and key in _KNOWN:
            if (
                re.sub(r"[\s_]", "", head).casefold()
                != re.sub(r"[\s_]", "", rows[0][columns[key]]).casefold()
            ):
                raise Unsure("two columns that differ in dots or dashes")
            raise MustRefuse(f"two columns {head!r}")
        columns.setdefault(key, place)
    return columns


def _first(columns: dict[str, int], names: tuple[str, ...]) -> int | None:
    return next((columns[name] for name in names if name in columns), None)


def interpret_table(grid: Grid, stem: str) -> tuple[Record, bool]:
    """Return the record of a table and whether every word and cell in it is documented."""
    rows = _tidy(grid)
    columns = _columns(rows)
    if "vote" in columns:
        return _interpret_long(rows, columns, stem)
    return _interpret_matrix(rows)


def _interpret_long(rows: Grid, columns: dict[str, int], stem: str) -> tuple[Record, bool]:
    member, rollcall = _first(columns, _MEMBER), _first(columns, _ROLLCALL)
    if member is None:
        raise MustRefuse("no column of members")
    _look_for_more_votes(rows, columns, member)
    body = rows[1:]
    numbers = rollcall is not None and _key(rows[0][rollcall]) in {"id", "record"}
    if (
        numbers
        and len({row[member] for row in body}) > 1
        and len({row[rollcall] for row in body}) == len(body)
    ):
        raise MustRefuse("an id that numbers the rows")
    sure = not ("member" in columns and "iso3" in columns)
    votes: dict[tuple[str, str], str] = {}
    rename = _rename([row[member] for row in body])
    for row in body:
        who, what, word = row[member], stem if rollcall is None else row[rollcall], row[columns["vote"]]
        if not (who and what and word):
            raise MustRefuse("a blank cell in a vote")
        letter, documented = _letter(word)
        sure &= documented
        if (rename[who], what) in votes:
            raise MustRefuse("a member twice in a roll call")
        votes[rename[who], what] = letter
    _refuse_ambiguous_letters({row[columns["vote"]] for row in body})
    members = tuple(dict.fromkeys(who for who, _ in votes))
    rollcalls = tuple(dict.fromkeys(what for _, what in votes))
    facts, plain = _facts(rows[0], [(stem if rollcall is None else row[rollcall], row) for row in body])
    record = Record(
        members,
        rollcalls,
        tuple("".join(votes.get((who, what), ".") for what in rollcalls) for who in members),
        facts,
        _groups(
            [
                (rename[row[member]], row[group], facts.get(what, {}).get("date"))
                for row in body
                for what in [stem if rollcall is None else row[rollcall]]
            ]
            if (group := _first(columns, _GROUP)) is not None
            else []
        ),
    )
    _check_totals(record)
    return record, sure and plain


def _look_for_more_votes(rows: Grid, columns: dict[str, int], member: int) -> None:
    for place, head in enumerate(rows[0]):
        if _key(head) in _KNOWN or place == member:
            continue
        cells = [row[place] for row in rows[1:] if row[place]]
        if not cells or not all(_is_word(cell) for cell in cells):
            continue
        if _first(columns, _ROLLCALL) is None or (len(cells) > 1 and _key(head) not in _ATTRIBUTES):
            raise MustRefuse(f"a second column of votes: {head!r}")
    if len({columns[name] for name in _SYMBOL if name in columns}) > 1:
        raise Unsure("more than one column of symbols")
    if len([name for name in _GROUP if name in columns]) > 1:
        raise Unsure("more than one column of groups")


def _is_word(cell: str) -> bool:
    try:
        read_word(cell)
    except KeyError:
        return False
    return True


def _letter(word: str) -> tuple[str, bool]:
    try:
        return read_word(word)
    except KeyError:
        raise MustRefuse(f"no vote word: {word[:40]!r}") from None


def _refuse_ambiguous_letters(words: set[str]) -> None:
    letters = {word.upper() for word in words if word}
    if "A" in letters and "Y" not in letters and all(len(letter) == 1 for letter in letters):
        raise MustRefuse("letters with an A and without a Y")


def _is_state(label: str) -> bool:
    """Return whether a label is a state: its code in capitals or in small letters, or a name in any case."""
    written = label.upper() not in STATES or label in {label.upper(), label.lower()}
    return written and label.casefold() in _SPELLINGS


def _look_for_codes(labels: list[str]) -> None:
    if 2 * len(_PERSON_OR_STATE.intersection(labels)) >= max(len(labels), 1):
        raise Unsure("a person whose name in one case is the code of a state")


def _rename(labels: list[str]) -> dict[str, str]:
    """Return the id of every label: ISO3 where most members are states, else the label."""
    distinct = list(dict.fromkeys(labels))
    _look_for_codes(distinct)
    states = [label for label in distinct if _is_state(label)]
    if not states:
        return {label: label for label in distinct}
    if 2 * len(states) > len(distinct):
        if len(states) < len(distinct):
            others = [re.sub(r"[\W_]", "", label).casefold() for label in distinct if label not in states]
            if any(re.fullmatch("[a-z]{3}", label) or label in _LETTERS_OF for label in others):
                raise Unsure("a name that may be another state, or one with marks in it")
            raise MustRefuse("a name among states that is none")
        return {label: _SPELLINGS[label.casefold()] for label in distinct}
    raise Unsure("states among others")


def _facts(head: list[str], rows: list[tuple[str, list[str]]]) -> tuple[dict[str, dict[str, Value]], bool]:
    """Return the facts about each roll call, which must be the same in all its rows."""
    places: dict[str, int] = {}
    if sum(_key(name) in _SYMBOL for name in head) > 1:
        raise Unsure("more than one column of symbols")
    for place, name in enumerate(head):
        if _key(name) in DEFAULTS:
            places[_key(name)] = place
        elif _key(name) in _SYMBOL:
            places.setdefault("symbol", place)
    facts: dict[str, dict[str, Value]] = {}
    cells: dict[str, list[str]] = {}
    plain = True
    for rollcall, row in rows:
        description = [row[place] for place in places.values()]
        if cells.setdefault(rollcall, description) != description:
            raise MustRefuse("rows that contradict each other on a roll call")
        if rollcall not in facts:
            values = {name: _value(name, row[place]) for name, place in places.items()}
            facts[rollcall] = {name: value for name, (value, _) in values.items()}
            plain &= all(documented for _, documented in values.values())
    return facts, plain


def _value(name: str, cell: str) -> tuple[Value, bool]:
    if name == "date":
        return _date(re.sub(r"[T ]00:00(:00)?$", "", cell)), not cell.endswith(":00")
    if name in {"amendment", "reconciled"}:
        if not cell:
            return DEFAULTS[name], True
        word = cell.casefold()
        if word in _TRUTH:
            return _TRUTH[word], True
        if word in _OTHER_TRUTH:
            return _OTHER_TRUTH[word], False
        raise MustRefuse(f"{name} is neither yes nor no")
    if name in _TOTALS:
        return _count(cell)
    return cell, True


def _date(cell: str) -> str | None:
    if not cell:
        return None
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
        raise MustRefuse("a date that is not written 2021-03-23")
    try:
        return datetime.date.fromisoformat(cell).isoformat()
    except ValueError:
        raise MustRefuse("a day that is none") from None


def _count(cell: str) -> tuple[Value, bool]:
    if not cell:
        return None, True
    if re.fullmatch(r"[0-9]{1,9}", cell):
        return int(cell), True
    if re.fullmatch(r"\+?[0-9]{1,9}(\.0*)?", cell):
        return int(float(cell)), False
    raise MustRefuse("a total that is not a count")


def _check_totals(record: Record) -> None:
    for rollcall, facts in record.facts.items():
        if facts.get("reconciled") is False or rollcall not in record.rollcalls:
            continue
        for name, letter in _TOTALS.items():
            total = facts.get(name)
            if total is not None and total != record.count(rollcall, letter):
                raise MustRefuse("totals that differ from the votes")


def _groups(rows: list[tuple[str, str, Value]]) -> dict[str, str]:
    """Return the last group of each member, from rows of member, group and date."""
    listed: dict[str, list[tuple[Value, str]]] = {}
    for who, group, day in rows:
        listed.setdefault(who, []).append((day, group))
    last: dict[str, str] = {}
    for who, cells in listed.items():
        if len({group for _, group in cells}) == 1:
            last[who] = cells[0][1]
        elif all(isinstance(day, str) and day for day, _ in cells):
            by_day: dict[Value, set[str]] = {}
            for day, group in cells:
                by_day.setdefault(day, set()).add(group)
            if all(len(groups) == 1 for groups in by_day.values()):  # else not read, with a warning
                last[who] = by_day[max(map(str, by_day))].pop()
    return {who: group for who, group in last.items() if group}


def _interpret_matrix(rows: Grid) -> tuple[Record, bool]:
    """Read a matrix: turned so that members stand in the rows, then freed of what describes or sums up."""
    columns = _columns(rows)
    place = _first(columns, _ROLLCALL[:3])
    transposed = place is not None
    if place is None:
        votes_first = all(not row[0] or _is_word(row[0]) for row in rows[1:])
        place = _first(columns, _MEMBER if votes_first else _MEMBER[:2]) or 0
    rows = [[row[place], *row[:place], *row[place + 1 :]] for row in rows]
    if transposed and _first(columns, _MEMBER[:2]) is not None:
        raise Unsure("a column for members and one for roll calls, and none of votes")
    named = transposed or _key(rows[0][0]) in _MEMBER
    sure = place == 0 and named
    if not transposed and _key(rows[0][0]) not in _MEMBER and all(_is_word(row[0]) for row in rows[1:]):
        raise MustRefuse("votes where the members should stand")
    if not named and _are_states(rows[0][1:]):
        raise MustRefuse("roll calls in the rows of a matrix that does not say so")
    if len(rows[0]) < 2:
        raise MustRefuse("a single column")
    if not all(row[0] for row in rows[1:]):
        raise MustRefuse("a row without a label")
    if transposed:
        rows = [list(column) for column in zip(*rows, strict=True)]
    rows, groups, facts, described = _describe(rows)
    record, documented = _read_matrix(rows, groups, facts)
    return record, sure and documented and not described


def _are_states(labels: list[str]) -> bool:
    return 2 * sum(map(_is_state, labels)) > len(labels)


def _describe(rows: Grid) -> tuple[Grid, list[str] | None, dict[str, list[str]], bool]:
    """Take out the rows and columns of a matrix that describe members or roll calls, or sum votes up."""
    for name in (*rows[0][1:], *(row[0] for row in rows[1:])):
        if _key(name) in _CATEGORIES or _key(name) in {
            "vote",
            "id",
            "record",
            "rcid",
            "rollcall",
            "member",
            "iso3",
        }:
            raise Unsure(f"a row or column called {name[:20]!r}")
    names = [_key(name) for name in rows[0]]
    attributes = [k for k, name in enumerate(names) if k and name in _ATTRIBUTES]
    if sum(names[k] in _GROUP for k in attributes) > 1:
        raise Unsure("more than one column of groups")
    keep = [k for k, name in enumerate(names) if k not in attributes and (k == 0 or name not in _SUMMARIES)]
    described = {*DEFAULTS, *_SYMBOL}
    members = [row for row in rows[1:] if _key(row[0]) not in {*_SUMMARIES, *described}]
    facts: dict[str, list[str]] = {}
    for row in rows[1:]:
        if _key(row[0]) in described:
            name = "symbol" if _key(row[0]) in _SYMBOL else _key(row[0])
            if name in facts:
                raise MustRefuse("two rows that describe roll calls alike")
            facts[name] = [row[k] for k in keep[1:]]
    words = {cell.casefold() for row in members for cell in (row[k] for k in keep[1:]) if _is_word(cell)}
    letters = all(len(word) == 1 for word in words)
    for k in attributes:
        _look_for_votes(names[k], [row[k] for row in members if row[k]], letters)
    for name, cells in facts.items():
        _look_for_votes(name, [cell for cell in cells if cell], letters)
    group = next((k for k in attributes if names[k] in _GROUP), None)
    named = len(keep) < len(names) or len(members) < len(rows) - 1
    if not members or len(keep) < 2:
        raise Unsure("a matrix without votes")
    grid = [[row[k] for k in keep] for row in (rows[0], *members)]
    return grid, None if group is None else [row[group] for row in members], facts, named


def _look_for_votes(name: str, cells: list[str], letters: bool) -> None:
    """Refuse a description that may be a roll call or a member of that name, for its cells are votes."""
    words = [cell.casefold() for cell in cells if _is_word(cell)]
    if name in {"amendment", "reconciled"} or (name in _FLAGS and set(words) <= {"yes", "no", "y", "n"}):
        return
    if 2 * len([word for word in words if len(word) > 1]) > len(cells):
        raise MustRefuse(f"votes in a description: {name!r}")
    if letters and len(words) == len(cells) and not set(words) <= {"r"}:
        raise MustRefuse(f"letters of votes in a description: {name!r}")


def _read_matrix(
    rows: Grid, groups: list[str] | None, described: dict[str, list[str]]
) -> tuple[Record, bool]:
    rollcalls, members, sure = rows[0][1:], [row[0] for row in rows[1:]], True
    for names in (members, rollcalls):
        if not all(names):
            raise MustRefuse("a row or column without a label")
        if len(set(names)) < len(names):
            raise MustRefuse("two rows or columns of one name")
    letters = []
    for row in rows[1:]:
        pairs = [_letter(cell) if cell else (".", True) for cell in row[1:]]
        sure &= all(documented for _, documented in pairs)
        letters.append("".join(letter for letter, _ in pairs))
    _refuse_ambiguous_letters({cell for row in rows[1:] for cell in row[1:]})
    rename = _rename(members)
    ids = [rename[member] for member in members]
    if len(set(ids)) < len(ids):
        raise MustRefuse("a state twice in a matrix")
    facts: dict[str, dict[str, Value]] = {rollcall: {} for rollcall in rollcalls} if described else {}
    for name, cells in described.items():
        for rollcall, cell in zip(rollcalls, cells, strict=True):
            facts[rollcall][name], documented = _value(name, cell)
            sure &= documented
    of = {} if groups is None else {id_: group for id_, group in zip(ids, groups, strict=True) if group}
    record = Record(tuple(ids), tuple(rollcalls), tuple(letters), facts, of)
    _check_totals(record)
    return record, sure


def interpret_folder(grids: dict[str, Grid]) -> tuple[Record, dict[str, dict[str, Value]], bool]:
    """Return the record of a folder, the columns carried along, and whether all is documented."""
    heads = {_key(head) for head in next((row for row in grids["votes"] if any(row)), [])}
    if heads & (set(DEFAULTS) | set(_SYMBOL) | set(_GROUP)):
        raise Unsure("facts in the table of votes and in another")
    record, sure = interpret_table(grids["votes"], "votes")
    rows = _tidy(grids["rollcalls"])
    columns = _columns(rows)
    place = _first(columns, _ROLLCALL)
    if place is None:
        raise MustRefuse("rollcalls.csv names no roll calls")
    ids = [row[place] for row in rows[1:]]
    if not all(ids) or len(set(ids)) < len(ids):
        raise MustRefuse("a roll call twice in rollcalls.csv, or without a name")
    if any(name in columns for name in (*_MEMBER, "vote")):
        raise Unsure("columns of another table in rollcalls.csv")
    facts, plain = _facts(rows[0], list(zip(ids, rows[1:], strict=True)))
    rollcalls = (*ids, *(id_ for id_ in record.rollcalls if id_ not in ids))
    members, groups = record.members, {}
    table = grids.get("members") or grids.get("states")
    if table:
        members, groups = _members(table, members)
    letters = tuple(
        "".join(
            record.vote(m, r) if m in record.members and r in record.rollcalls else "." for r in rollcalls
        )
        for m in members
    )
    joined = Record(members, rollcalls, letters, facts, groups)
    _check_totals(joined)
    extra = {
        head: {id_: row[k] for id_, row in zip(ids, rows[1:], strict=True)}
        for k, head in enumerate(rows[0])
        if _key(head) not in _KNOWN
    }
    return joined, extra, sure and plain


def _members(table: Grid, voters: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, str]]:
    rows = _tidy(table)
    columns = _columns(rows)
    place = _first(columns, _MEMBER)
    if place is None:
        raise MustRefuse("the table of members names none")
    labels = [row[place] for row in rows[1:]]
    if not all(labels):
        raise MustRefuse("a member without a name")
    _look_for_codes(labels)
    if any(map(_is_state, labels)) and not set(labels) <= set(STATES):
        raise Unsure("states among others")
    if len(set(labels)) < len(labels):
        raise MustRefuse("a member twice in the table of members")
    group = _first(columns, _GROUP)
    groups = {} if group is None else {row[place]: row[group] for row in rows[1:] if row[group]}
    return (*labels, *(voter for voter in voters if voter not in labels)), groups


def has_controls(text: str) -> bool:
    """Return whether a text holds control characters besides tabs and line ends."""
    return any(unicodedata.category(letter) == "Cc" and letter not in "\t\r\n" for letter in text)
