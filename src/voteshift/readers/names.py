"""Names of states, in the spellings the United Nations uses, to ISO 3166-1 alpha-3 codes."""

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
    """A member of the United Nations, today's or a former one.

    Parameters
    ----------
    iso3 : str
        ISO 3166-1 alpha-3 code.
    name : str
        The short name that the United Nations uses today.
    group : str
        Regional group (AFRICAN, ASIA_PACIFIC, EEG, GRULAC, WEOG); empty for Kiribati, which is in none.
    aliases : tuple of str
        Other spellings, and former names of the same state.
    iso2 : str
        ISO 3166-1 alpha-2 code, for former members that of ISO 3166-3; empty where there is none.
    cow : str
        Number in the Correlates of War state system; empty for Yugoslavia, which shares Serbia's.
    until : str
        Last day of a former member's membership, empty for today's members. A seat that the United Nations
        counts as carried on (the Soviet Union's by the Russian Federation, that of the state admitted on
        1 November 2000 as Yugoslavia by Serbia) is one member; one that ended is another state's.
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
    """Return the 193 member states and those that were members before by code, from ``states.csv``."""
    with data_path("states.csv").open(encoding="utf-8", newline="") as handle:
        rows = [
            State(**row | {"aliases": tuple(filter(None, row["aliases"].split("|")))})
            for row in csv.DictReader(handle)
        ]
    return MappingProxyType({state.iso3: state for state in rows})


def state_id(name: str) -> str | None:
    """Return the code of the state that goes by a name.

    Parameters
    ----------
    name : str
        A name, an alias or the code itself. Case, accents, punctuation, spaces and the word "the" do not
        matter. Nothing is guessed: a name for two states ("Korea") or for none returns None.

    Examples
    --------
    >>> state_id("COTE D'IVOIRE"), state_id("Democratic Republic of Congo"), state_id("Atlantis")
    ('CIV', 'COD', None)
    """
    return _by_key().get(_key(name))


def nearest_names(name: str) -> list[str]:
    """Return up to three states whose names look most like one that is not known, as ``"Rwanda (RWA)"``.

    Parameters
    ----------
    name : str
        The name that did not match.
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
    """Return what two spellings of one name share."""
    folded = unicodedata.normalize("NFKD", name).casefold().replace("&", " and ")
    # Decomposed accents are no letters, so they go with punctuation and space; but first the article, which
    # would otherwise be part of the word beside it.
    return _NOT_ALPHANUMERIC.sub("", _ARTICLE.sub("", folded))
