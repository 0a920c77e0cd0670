"""Documents next to the account: what members that changed their vote had said about the old version."""

from dataclasses import dataclass
from os import PathLike
from typing import Final

import numpy as np
import pandas as pd

from voteshift.arguments import checked
from voteshift.checks.result import CheckResult, Ends
from voteshift.datasets import load_documents
from voteshift.errors import InputError, Unavailable
from voteshift.joint import is_hrc
from voteshift.labels import member_name
from voteshift.prose import count_word, join_words
from voteshift.readers.documents import STANCES, read_documents
from voteshift.shift.account import STATES, Account, vote_states
from voteshift.shift.answer import Wording
from voteshift.shift.explanation import Explanation
from voteshift.votes import CAST

__all__ = ["DOCUMENTS_NOTE", "Documents", "documents"]

DOCUMENTS_NOTE: Final = (
    "Documents show what members said about a version. They do not show why a member voted as it did, and a "
    "member without a document may have had the same view."
)
_SAID: Final = {"supports": "supported", "criticises": "criticised"}


@dataclass(frozen=True, eq=False)
class Documents(CheckResult):
    """Documents on the versions of a resolution, compared with the votes.

    Attributes
    ----------
    table : DataFrame
        One row per document on a version: ``member``, ``rollcall`` (id of the version), ``kind``, ``stance``,
        ``source`` and ``vote`` (of the member on this version: yes, no, abstain, absent or not a member).
    steps : dict of (str, str) to DataFrame
        By the ids of the two roll calls: the members that voted both times. Index ``member``; ``name``,
        ``old`` and ``new`` (votes), and ``supports``, ``criticises`` and ``neutral``: True if the member has
        such a document on the old version.
    elsewhere : int
        Number of documents on other roll calls of the record.
    outside : tuple of str
        Members of documents on these versions that the record does not contain.
    words : Wording
        The names of members and versions in sentences.
    """

    table: pd.DataFrame
    steps: dict[Ends, pd.DataFrame]
    elsewhere: int
    outside: tuple[str, ...]
    words: Wording

    @property
    def text(self) -> str:
        """The comparison in sentences, step by step, and the documents that were not used."""
        lines = [
            f"{self.words.versions[old]} to {self.words.versions[new]}: {self.describe_step((old, new))}"
            for old, new in self.steps
            if self.describe_step((old, new))
        ]
        if self.outside:
            lines.append(f"Not in the record: {', '.join(self.outside)}.")
        if self.elsewhere == 1:
            lines.append("One document concerns another roll call of the record.")
        elif self.elsewhere:
            lines.append(f"{self.elsewhere} documents concern other roll calls of the record.")
        return " ".join([*lines, DOCUMENTS_NOTE])

    def tidy(self) -> pd.DataFrame:
        """Return one row per document: the columns of `table`."""
        return self.table.copy()

    def moves(self, ends: Ends) -> pd.DataFrame:
        """Return the members that voted both times by their two votes.

        Returns
        -------
        DataFrame
            ``old``, ``new``, ``members`` (number of members), ``supports``, ``criticises``, ``neutral`` and
            ``none``: the number of members with such a document on the old version, and without a document.
            A member can have several.
        """
        voted = self.steps[ends]
        counted = voted.assign(members=True, none=~voted[list(STANCES)].any(axis=1))
        columns = ["members", *STANCES, "none"]
        return counted.groupby(["old", "new"], sort=False)[columns].sum().reset_index()

    def describe_step(self, ends: Ends) -> str:
        """Return what the members that changed their vote had said about the old version; "" if nothing."""
        voted = self.steps.get(ends)
        if voted is None:
            return ""
        changed = voted["old"] != voted["new"]
        groups = sorted(voted[changed].groupby(["old", "new"], sort=False), key=lambda group: -len(group[1]))
        version, lines = self.words.versions[ends[0]], []
        for (old, new), group in groups:
            stances = [
                f"{count_word(int(group[stance].sum()))} had {verb} the text of {version} "
                f"({', '.join(sorted(map(member_name, group.loc[group[stance], 'name'])))})"
                for stance, verb in _SAID.items()
                if group[stance].any()
            ]
            if stances:
                lines.append(
                    f"Of the {self._count(group)} that went from {old} to {new}, {join_words(stances)}."
                )
        same = voted[~changed]
        if lines and len(same):
            stances = [
                f"{count_word(int(same[stance].sum()))} had {verb} it" for stance, verb in _SAID.items()
            ]
            lines.append(f"Of the {self._count(same)} that voted the same both times, {join_words(stances)}.")
        return " ".join(lines)

    def _count(self, group: pd.DataFrame) -> str:
        noun = self.words.member if len(group) == 1 else self.words.members
        return f"{count_word(len(group))} {noun}"


@checked
def documents(
    why: Explanation, *, documents: str | PathLike[str] | pd.DataFrame | None = None
) -> Documents | Unavailable:
    """Compare documents on the versions of a resolution with the votes. No model.

    Parameters
    ----------
    why : Explanation
        The explanation to compare.
    documents : path or DataFrame, optional
        A table of statements and sponsors, as in `voteshift.readers.read_documents`. By default the bundled
        documents of the Human Rights Council, which concern the version A/HRC/RES/37/23 only.

    Returns
    -------
    Documents or Unavailable
        Unavailable if no document concerns a version of the resolution.

    Raises
    ------
    InputError
        If the table is not valid, or `documents` contains no document on a version of the resolution.
    """
    record, versions = why.record, why.rollcalls.index
    if documents is None and not is_hrc(record, str(versions[0])):
        return Unavailable("no documents were given; pass documents=")
    table = read_documents(load_documents() if documents is None else documents, record)
    here = table["rollcall"].isin(versions)
    elsewhere, table = int((~here).sum()), table[here].reset_index(drop=True)
    if table.empty and documents is not None:
        raise InputError(
            f"no document concerns a version of {why.family}",
            remedy=f"write one of these roll calls: {', '.join(map(str, versions))}",
        )
    if table.empty:
        return Unavailable("no bundled document concerns a version of this resolution; pass documents=")
    votes = why.versions.votes
    rows = record.members.index.get_indexer(table["member"])
    states = vote_states(votes)[rows, versions.get_indexer(table["rollcall"])]
    is_member = rows >= 0
    table["vote"] = np.where(is_member, np.array(STATES, dtype=object)[states], STATES[-1])
    return Documents(
        table,
        {step.ends: _compare(step.account, table) for step in why.steps},
        elsewhere,
        tuple(dict.fromkeys(table.loc[~is_member, "member"])),
        why.words,
    )


def _compare(account: Account, table: pd.DataFrame) -> pd.DataFrame:
    """Return the members that voted both times, and the stances of their documents on the old version."""
    members = account.members
    voted = members.loc[members[["old", "new"]].isin(CAST).all(axis=1), ["name", "old", "new"]].copy()
    voted["name"] = voted["name"].where(voted["name"] != "", voted.index.astype(str))
    of_old = table[table["rollcall"] == account.old]
    for stance in STANCES:
        voted[stance] = voted.index.isin(of_old.loc[of_old["stance"] == stance, "member"])
    return voted
