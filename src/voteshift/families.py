"""Families: the versions of one resolution, found by a rule.

The rule
--------
1. Roll calls on amendments belong to no family.
2. Two roll calls are versions of one resolution if their titles agree. The comparison ignores case, accents,
   punctuation, the phrase "and fundamental freedoms" and function words (the, of, in, ...). The order of the
   remaining words matters.
3. A family contains at most one roll call of each session. If several roll calls of one session have the same
   title, the rule keeps the roll call whose subject headings occur in the most other versions. The other roll
   calls belong to no family. The reason is that a catalogue sometimes prints the title of a neighbouring
   entry.
4. A family has two or more versions.

The slug of a family is the first six words of its title, without function words and stock phrases ("human
rights", "promoting", "in the field of"). If two families would have the same slug, the slug is the whole
title without function words.
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

#: The default family: a resolution of the bundled record.
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
    """Return the part of a title that must be equal for all versions of one resolution (rule 2).

    Examples
    --------
    >>> title_key("The right to development") == title_key("Right to development")
    True
    """
    plain = _plain(title).replace("and fundamental freedoms", "").replace("fundamental freedoms", "")
    return " ".join(_without_function_words(plain))


def slugify(title: str) -> str:
    """Return the short slug of a title, or an empty string if the title consists of stock phrases only.

    Examples
    --------
    >>> slugify("Promoting mutually beneficial cooperation in the field of human rights")
    'mutually-beneficial-cooperation'
    """
    return "-".join(_without_function_words(_STOCK.sub(" ", _plain(title)))[:_SLUG_WORDS])


def _headings(subject: str) -> frozenset[str]:
    return frozenset(part.strip().upper() for part in re.split(r"\s+-\s*|\s*-\s+", subject) if part.strip())


def _one_a_session(subjects: Sequence[str], sessions: Sequence[str]) -> list[int]:
    """Return the roll calls that stay in a family, at most one of each session (rule 3)."""
    counts = Counter(heading for subject in subjects for heading in _headings(subject))
    by_session: dict[str, list[int]] = defaultdict(list)
    for index, session in enumerate(sessions):
        by_session[session].append(index)

    def agreement(index: int) -> tuple[float, int]:
        headings = _headings(subjects[index])
        return (sum(counts[heading] for heading in headings) / max(len(headings), 1), -index)

    kept = by_session.pop("", [])  # without a session, repeated titles within a session cannot be detected
    return sorted(kept + [max(indices, key=agreement) for indices in by_session.values()])


def assign_families(rollcalls: pd.DataFrame) -> pd.Series:
    """Find the family of every roll call by the rule of this module.

    Parameters
    ----------
    rollcalls : DataFrame
        Column ``title`` and the optional columns ``amendment`` (bool), ``subject`` and ``session``.

    Returns
    -------
    Series of str
        The slug of the family, with the index of `rollcalls`. The slug is an empty string for a roll call
        that belongs to no family.
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
    """Return the default family of a record."""
    if DEFAULT_FAMILY in title_of:
        return DEFAULT_FAMILY
    if len(title_of) == 1:
        return next(iter(title_of))
    if not title_of:
        raise UsageError(
            "the record has no family: no two of its roll calls share a title",
            remedy="give the versions of a resolution the same title, or add a column named 'family'",
        )
    listed = ", ".join(sorted(title_of)[:_LISTED])
    more = (
        f" and {len(title_of) - _LISTED} more: `voteshift families` lists all families"
        if len(title_of) > _LISTED
        else ""
    )
    raise UsageError(
        f"the record has {len(title_of)} families, so you must name one of the families",
        remedy=f"choose from {listed}{more}",
    )


def find_family(
    query: str | None,
    slugs: Iterable[str],
    titles: Iterable[str],
    single: Mapping[str, tuple[str, str]] | None = None,
) -> str:
    """Return the slug of the family that a query names.

    Parameters
    ----------
    query : str or None
        A slug, a full title, or words that occur in the title of one family only. If None, the function
        returns `DEFAULT_FAMILY` if the record has it, and otherwise the only family of the record.
    slugs, titles : iterable of str
        The slugs and the titles of all families, in the same order.
    single : mapping of str to tuple of str, optional
        Slugs of resolutions with only one reconciled vote: the title and the name of this vote.

    Raises
    ------
    UsageError
        If the query matches no family or several families; the message lists the nearest names. If the query
        names a resolution with only one reconciled vote, the message says so. Also if the query is None and
        the record has no family or several; the message lists the families.
    """
    title_of = dict(zip(slugs, titles, strict=True))
    if query is None:
        return _unasked(title_of)
    if not isinstance(query, str):
        raise UsageError(f"family is {quote(query)}, not text", remedy="give a slug or a title as text")
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
                remedy="name one of these slugs",
            )
    for slug, (title, vote) in ({} if single is None else single).items():
        if query == slug or slugify(query) == slug or title_key(title) == title_key(query):
            raise UsageError(
                f"the record has only one reconciled vote on the resolution {quote(query)}: {vote}",
                remedy="choose a resolution with two reconciled votes; `voteshift families` lists them",
            )
    near = get_close_matches(slugify(query), title_of, n=3, cutoff=0.3)
    hint = f"did you mean {', '.join(near)}? " if near else ""
    raise UsageError(
        f"no family has the slug or title {quote(query)}",
        remedy=f"{hint}`voteshift families` lists all families",
    )
