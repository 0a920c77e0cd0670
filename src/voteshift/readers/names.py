"""ISO 3166-1 alpha-3 codes of states from their names, in the spellings that the United Nations uses."""

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import Final

from voteshift.datasets import data_path

__all__ = ["State", "nearest_names", "state_id", "states"]

_ARTICLE: Final = re.compile(r"\bthe\b")
_NEAREST: Final = 3  # suggestions at most
_NOT_ALPHANUMERIC: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class State:
    """A present or former member of the United Nations.

    Parameters
    ----------
    iso3 : str
        ISO 3166-1 alpha-3 code.
    name : str
        The short name that the United Nations uses today.
    group : str
        Regional group (AFRICAN, ASIA_PACIFIC, EEG, GRULAC, WEOG); empty for Kiribati, which has no group.
    aliases : tuple of str
        Other spellings, and former names of the same state.
    iso2 : str
        ISO 3166-1 alpha-2 code, for former members the code of ISO 3166-3; empty if there is none.
    cow : str
        Number in the Correlates of War state system; empty for Yugoslavia, which has Serbia's number.
    until : str
        Last day of membership of a former member; empty for present members. A seat that the United Nations
        treats as continued is one member: the Russian Federation continues the seat of the Soviet Union, and
        Serbia the seat of the state admitted as Yugoslavia on 1 November 2000. A seat that ended is a
        separate member.
    """

    iso3: str
    name: str
    group: str
    aliases: tuple[str, ...]
    iso2: str = ""
    cow: str = ""
    until: str = ""


@cache
def states() -> Mapping[str, State]:
    """Return the 193 member states and the former members, by code, from ``states.csv``."""
    with data_path("states.csv").open(encoding="utf-8", newline="") as handle:
        rows = [
            State(**row | {"aliases": tuple(filter(None, row["aliases"].split("|")))})
            for row in csv.DictReader(handle)
        ]
    return MappingProxyType({state.iso3: state for state in rows})


def state_id(name: str) -> str | None:
    """Return the code of the state with a name.

    Parameters
    ----------
    name : str
        A name, an alias or the code of a state. Case, accents, punctuation, spaces and the word "the" are
        ignored. A name of two states ("Korea") or of no state returns None.

    Examples
    --------
    >>> state_id("COTE D'IVOIRE"), state_id("Democratic Republic of Congo"), state_id("Atlantis")
    ('CIV', 'COD', None)
    """
    return _by_key().get(_key(name))


def nearest_names(name: str) -> list[str]:
    """Return up to three states with names similar to an unknown name, such as ``"Rwanda (RWA)"``.

    Parameters
    ----------
    name : str
        The unknown name.
    """
    by_key = _by_key()
    near = get_close_matches(_key(name)[:100], by_key, n=4 * _NEAREST, cutoff=0.6)
    codes = dict.fromkeys(by_key[key] for key in near)
    return [f"{states()[code].name} ({code})" for code in codes][:_NEAREST]


@cache
def _by_key() -> Mapping[str, str]:
    return MappingProxyType(
        {
            _key(name): state.iso3
            for state in states().values()
            for name in (state.iso3, state.name, *state.aliases)
        }
    )


def _key(name: str) -> str:
    """Return a key that is the same for all spellings of one name."""
    folded = unicodedata.normalize("NFKD", name).casefold().replace("&", " and ")
    # Decomposed accents are not letters, so they are removed with punctuation and spaces. The article
    # is removed first, because without spaces it would be part of the next word.
    return _NOT_ALPHANUMERIC.sub("", _ARTICLE.sub("", folded))
