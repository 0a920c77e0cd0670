"""Families: the iterations of one resolution, found by a stated rule.

The rule
--------
1. Roll calls on amendments belong to no family.
2. Two roll calls are iterations of one resolution when their titles agree after case, accents,
   punctuation, the phrase "and fundamental freedoms" and function words (the, of, in, ...) are dropped.
   The order of the remaining words counts.
3. A resolution comes back at most once in a session. Where two votes of one session share a title, the one
   whose subject heading agrees with the most other iterations stays and the others stand alone: a
   catalogue sometimes prints a neighbour's title.
4. A family is two or more iterations.

The slug of a family is the first six words of its title without function words and stock phrases ("human
rights", "promoting", "in the field of"), or the whole title without function words where two families would
share that.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

import pandas as pd

from voteshift.errors import UsageError, quote

__all__ = ["DEFAULT_FAMILY", "assign_families", "find_family", "slugify", "title_key"]

#: What is asked about where no family is named: a resolution of the bundled record.
DEFAULT_FAMILY: Final = "mutually-beneficial-cooperation"

_SLUG_WORDS = 6
_LISTED = 10  # families that a message names
_FUNCTION_WORDS = frozenset("a an the of in on and or to for by with its from as at is".split())
_STOCK = re.compile(
    r"\b(human rights|fundamental freedoms|promoting|promotion|protection|in the field of|including)\b"
)


def _plain(title: str) -> str:
    """Lower case, no accents, words and digits only."""
    folded = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return " ".join(re.findall(r"[a-z0-9]+", folded.replace("'", "")))


def _without_function_words(plain: str) -> list[str]:
    return [word for word in plain.split() if word not in _FUNCTION_WORDS]


def title_key(title: str) -> str:
    """Return what two titles must share to be one resolution (rule 2).

    Examples
    --------
    >>> title_key("The right to development") == title_key("Right to development")
    True
    """
    plain = _plain(title).replace("and fundamental freedoms", "").replace("fundamental freedoms", "")
    return " ".join(_without_function_words(plain))


def slugify(title: str) -> str:
    """Return the short slug of a title, or an empty string when nothing but stock phrases is left.

    Examples
    --------
    >>> slugify("Promoting mutually beneficial cooperation in the field of human rights")
    'mutually-beneficial-cooperation'
    """
    return "-".join(_without_function_words(_STOCK.sub(" ", _plain(title)))[:_SLUG_WORDS])


def _headings(subject: str) -> frozenset[str]:
    return frozenset(part.strip().upper() for part in re.split(r"\s+-\s*|\s*-\s+", subject) if part.strip())


def _one_a_session(subjects: Sequence[str], sessions: Sequence[str]) -> list[int]:
    """Return the iterations that stay when a session holds the title more than once (rule 3)."""
    counts = Counter(heading for subject in subjects for heading in _headings(subject))
    by_session: dict[str, list[int]] = defaultdict(list)
    for index, session in enumerate(sessions):
        by_session[session].append(index)

    def agreement(index: int) -> tuple[float, int]:
        headings = _headings(subjects[index])
        return (sum(counts[heading] for heading in headings) / max(len(headings), 1), -index)

    kept = by_session.pop("", [])  # without a session nothing can be said about repeats within one
    return sorted(kept + [max(indices, key=agreement) for indices in by_session.values()])


def assign_families(rollcalls: pd.DataFrame) -> pd.Series:
    """Find the family of every roll call by the rule of this module.

    Parameters
    ----------
    rollcalls : DataFrame
        Columns ``title``, and where known ``amendment`` (bool), ``subject`` and ``session``.

    Returns
    -------
    Series of str
        The family's slug, an empty string for roll calls that belong to none; same index.
    """
    blank = pd.Series("", index=rollcalls.index)
    amendment = rollcalls.get("amendment", pd.Series(False, index=rollcalls.index)).astype(bool)
    subject = rollcalls.get("subject", blank).fillna("").astype(str)
    session = rollcalls.get("session", blank).fillna("").astype(str)
    titles = rollcalls["title"].fillna("").astype(str)
    groups: dict[str, list[int]] = defaultdict(list)
    for position, (title, amends) in enumerate(zip(titles, amendment, strict=True)):
        key = title_key(title)
        if key and not amends:
            groups[key].append(position)
    families: dict[str, list[int]] = {}
    for key, rows in groups.items():
        kept = _one_a_session([subject.iloc[r] for r in rows], [session.iloc[r] for r in rows])
        if len(kept) > 1:
            families[key] = [rows[k] for k in kept]
    short = {key: slugify(titles.iloc[rows[0]]) for key, rows in families.items()}
    taken = Counter(short.values())
    result = pd.Series("", index=rollcalls.index, dtype=object)
    for key, rows in families.items():
        unique = short[key] and taken[short[key]] == 1
        result.iloc[rows] = short[key] if unique else key.replace(" ", "-")
    return result.astype(str)


def _unasked(title_of: Mapping[str, str]) -> str:
    """Return the family that is meant where none is named."""
    if DEFAULT_FAMILY in title_of:
        return DEFAULT_FAMILY
    if len(title_of) == 1:
        return next(iter(title_of))
    if not title_of:
        raise UsageError(
            "the record has no family: no two of its roll calls share a title",
            remedy="give repeated votes the same title, or a column family",
        )
    listed = ", ".join(sorted(title_of)[:_LISTED])
    more = (
        f" and {len(title_of) - _LISTED} more: `voteshift families` lists them"
        if len(title_of) > _LISTED
        else ""
    )
    raise UsageError(
        f"the record has {len(title_of)} families, so one must be named", remedy=f"name one: {listed}{more}"
    )


def find_family(query: str | None, slugs: Iterable[str], titles: Iterable[str]) -> str:
    """Return the one slug a person means.

    Parameters
    ----------
    query : str or None
        A slug, a full title, or words that occur in the title of one family only. Where nothing is asked for,
        `DEFAULT_FAMILY` of a record that has it, else the only family there is.
    slugs, titles : iterable of str
        The families there are, in step.

    Raises
    ------
    UsageError
        If no family or several answer to the query; the message lists the nearest. Where nothing is asked
        for and there is no family or several, it lists those there are.
    """
    title_of = dict(zip(slugs, titles, strict=True))
    if query is None:
        return _unasked(title_of)
    if not isinstance(query, str):
        raise UsageError(f"a family is named by text, not by {quote(query)}", remedy="give a slug or a title")
    if query in title_of:
        return query
    for exact in (
        [slug for slug in title_of if slug == slugify(query)],
        [slug for slug, title in title_of.items() if title_key(title) == title_key(query)],
        [slug for slug, title in title_of.items() if _plain(query) and _plain(query) in _plain(title)],
    ):
        if len(exact) == 1:
            return exact[0]
        if exact:
            raise UsageError(
                f"{quote(query)} matches {len(exact)} families: {', '.join(sorted(exact))}",
                remedy="give one of these slugs",
            )
    near = get_close_matches(slugify(query), title_of, n=3, cutoff=0.3)
    hint = f"did you mean {', '.join(near)}? " if near else ""
    raise UsageError(
        f"no family has the slug or title {quote(query)}", remedy=f"{hint}`voteshift families` lists them all"
    )
