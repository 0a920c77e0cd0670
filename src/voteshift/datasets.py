"""The bundled record: the recorded votes of the UN Human Rights Council, and traits of its members."""

from pathlib import Path

import numpy as np
import pandas as pd

from voteshift.arguments import checked
from voteshift.errors import InputError
from voteshift.joint import COUNCIL
from voteshift.rollcalls import RollCalls
from voteshift.votes import CAST, Vote

__all__ = [
    "HRC_LETTERS",
    "data_path",
    "hrc_notice",
    "load_covariates",
    "load_documents",
    "load_hrc",
    "load_sponsors",
]

#: The votes in the bundled matrix; a blank is a member without a seat in the roll call.
HRC_LETTERS = {
    "Y": Vote.YES,
    "N": Vote.NO,
    "A": Vote.ABSTAIN,
    "X": Vote.ABSENT,
    "R": Vote.NOT_RECORDED,
    "": Vote.NOT_MEMBER,
}


def data_path(name: str) -> Path:
    """Return the path of a bundled file, in the installed package or in the source repository.

    Parameters
    ----------
    name : str
        Path below the data folder, for instance ``"hrc/votes.csv"``.

    Raises
    ------
    InputError
        If the file is in neither place, so the installation is incomplete.
    """
    package = Path(__file__).parent
    for folder in (package / "data", package.parents[1] / "data"):
        if (folder / name).is_file():
            return folder / name
    raise InputError(f"the bundled file {name} is missing", remedy="reinstall voteshift")


def hrc_notice() -> tuple[str, ...]:
    """Return the lines of the credit and of the required notice of the bundled record."""
    lines = data_path("README.md").read_text(encoding="utf-8").splitlines()
    return tuple(line.removeprefix("> ") for line in lines if line.startswith("> "))


@checked
def load_hrc(*, include_unreconciled: bool = False) -> RollCalls:
    """Load the recorded votes of the UN Human Rights Council, June 2006 to March 2026.

    Parameters
    ----------
    include_unreconciled : bool, default False
        Also load the roll calls whose listed votes contradict the official totals, or include states that
        had no seat. ``reconciled`` is False for these roll calls.

    Returns
    -------
    RollCalls
        Ids of members are ISO 3166-1 alpha-3 codes, and groups are regional groups. Ids of roll calls are
        OHCHR record numbers.

    Notes
    -----
    Voting records: United Nations, OHCHR Search Library, Voting Collection. The record was built from the
    harvest of Szoszkiewicz (2026), https://doi.org/10.5281/zenodo.21281232. The notice in ``data/README.md``
    applies.
    """
    members = _read("hrc/members.csv").set_index("member")
    rollcalls = _read("hrc/rollcalls.csv").set_index("rollcall")
    for name in CAST:
        rollcalls[name] = pd.to_numeric(rollcalls[name]).astype("Int64")
    for name in ("amendment", "reconciled"):
        rollcalls[name] = rollcalls[name] == "yes"
    letters = _read("hrc/votes.csv").set_index("rollcall")
    codes = np.full(128, np.iinfo(np.int8).min, dtype=np.int8)
    for letter, vote in HRC_LETTERS.items():
        codes[ord(letter or " ")] = vote
    cells = letters.to_numpy(dtype="U1").T
    points = np.ascontiguousarray(cells).view(np.uint32)
    record = RollCalls(
        codes[np.where(points == 0, ord(" "), points)],
        members.loc[letters.columns],
        rollcalls.loc[letters.index],
        polarity="USA",
        source=COUNCIL,
    )
    if include_unreconciled:
        return record
    sound = record.rollcalls["reconciled"].to_numpy(bool)
    return record.select(rollcalls=record.rollcalls.index[sound])


def load_covariates() -> pd.DataFrame:
    """Load the bundled covariates of the states that held a seat in the Council, 2006 to 2023.

    Returns
    -------
    DataFrame
        One row per state and year.

        - ``member`` (ISO 3166-1 alpha-3 code) and ``year``.
        - ``voice``: voice and accountability, about -2.5 to 2.5. States with higher values are freer.
        - ``gdp_per_head``: gross domestic product per head, in current US dollars.
        - ``population``.

        A missing value is NaN. The source has no ``voice`` for the Democratic Republic of the Congo and
        Romania, and no ``gdp_per_head`` for some years of Afghanistan, Cuba, Eritrea, Qatar and Venezuela.

    Notes
    -----
    Voice and accountability: Worldwide Governance Indicators, World Bank, CC BY 4.0. GDP per head and
    population: World Bank, through Data Packages, PDDL. ``data/README.md`` contains the credit.

    Examples
    --------
    ``vs.panel(record, family, covariates=load_covariates(), lag=1)`` gives each vote the values of the year
    before the vote.
    """
    return pd.read_csv(
        data_path("covariates.csv"),
        keep_default_na=False,
        na_values={name: [""] for name in ("voice", "gdp_per_head", "population")},
        encoding="utf-8",
    )


def load_sponsors() -> pd.DataFrame:
    """Load the bundled list of the sponsors of draft A/HRC/37/L.36.

    Returns
    -------
    DataFrame
        One row per sponsor that the draft names, with or without a seat. Columns are ``symbol`` of the
        adopted resolution, ``draft`` and ``member`` (ISO 3166-1 alpha-3 code).
    """
    return _read("sponsors.csv")


def load_documents() -> pd.DataFrame:
    """Load the bundled statements and sponsors of draft A/HRC/37/L.36, in the format of `read_documents`.

    Returns
    -------
    DataFrame
        ``member``, ``rollcall`` (symbol), ``kind``, ``stance`` and ``source``: who spoke before the vote of
        23 March 2018, whether the statement criticised the wording, and who sponsored the draft. A statement
        for a group is listed for every member of the group that held a seat.
    """
    sponsors = load_sponsors()
    sponsors = pd.DataFrame(
        {
            "member": sponsors["member"],
            "rollcall": sponsors["symbol"],
            "kind": "sponsor",
            "stance": "supports",
            "source": sponsors["draft"],
        }
    )
    return pd.concat([_read("documents.csv"), sponsors], ignore_index=True)


def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(data_path(name), dtype=str, keep_default_na=False, encoding="utf-8")
