"""The formats that come with voteshift, in the order in which they are tried on a file."""

import re
from functools import partial
from pathlib import Path
from typing import Final

from voteshift.columns import ROLLCALL_IDS
from voteshift.errors import InputError, UsageError, quote
from voteshift.readers.dataset import read_netcdf
from voteshift.readers.described import facts_beside_votes, facts_of_table
from voteshift.readers.facts import fact_columns
from voteshift.readers.findings import Notes
from voteshift.readers.formats import FORMATS, Format, Sample, read_naming
from voteshift.readers.groups import with_spells
from voteshift.readers.kh import read_kh, sniff_kh
from voteshift.readers.layouts import rename_columns
from voteshift.readers.matrix import list_votes
from voteshift.readers.members import member_table
from voteshift.readers.opening import find_file, list_folder, need_file, open_table
from voteshift.readers.options import OPTIONS
from voteshift.readers.own import read_own, sniff_own
from voteshift.readers.parliaments import HEADS, read_howtheyvote, read_legiscan, read_openstates
from voteshift.readers.pscl import parse_r, refuse_objects, rollcalls_of, sniff_rda
from voteshift.readers.record import Record, assemble
from voteshift.readers.rframes import r_table
from voteshift.readers.stored import is_json, json_names
from voteshift.readers.table import Table
from voteshift.readers.text import head_of, stem_of
from voteshift.readers.undl import is_undl, read_undl
from voteshift.readers.voeten import is_voeten, read_voeten
from voteshift.readers.voteview import (
    is_voteview,
    load_voteview,
    read_voteview,
    refuse_beside_voteview,
    voteview_files,
)

__all__ = ["add_formats"]

_NETCDF: Final = (b"\x89HDF\r\n\x1a\n", b"CDF\x01", b"CDF\x02", b"CDF\x05")


def add_formats() -> None:
    """Enter the formats into `voteshift.readers.formats.FORMATS`."""
    for entry in (
        Format("voteshift", "voteshift's own format", lambda sample: sniff_own(sample.head), _own),
        Format("netcdf", "netCDF as voteshift writes it", _is_netcdf, _netcdf),
        Format("rda", "votes saved by R", lambda sample: sniff_rda(sample.head), _rda, OPTIONS[:-1]),
        Format("kh", "Poole and Rosenthal's .ord files", lambda sample: sniff_kh(sample.first_line), _kh),
        Format("voteview", "Voteview's CSV files of Congress", _is_voteview, _voteview, ("encoding",)),
        Format("voeten", "Voeten's record of the General Assembly", _is_voeten, _voeten, ("encoding",)),
        *(
            Format(name, about, partial(_has_file, name), read, ("encoding",))
            for name, about, read in (
                ("howtheyvote", "HowTheyVote.eu's tables of the European Parliament", read_howtheyvote),
                ("legiscan", "LegiScan's tables of a session", read_legiscan),
                ("openstates", "Open States' tables of a session", read_openstates),
            )
        ),
        Format("undl", "voting data of the UN Digital Library", _is_undl, _undl, ("encoding",)),
        Format(
            "folder", "tables of votes and of roll calls", lambda sample: bool(sample.files), _folder, OPTIONS
        ),
        Format("table", "one row per vote, or a matrix", lambda sample: True, _table, OPTIONS),  # noqa: ARG005
    ):
        FORMATS[entry.name] = entry


# Detection


def _columns(sample: Sample) -> set[str]:
    """Return the names of the columns of a table, or of the table of votes in a folder, in lower case."""
    if not sample.files and is_json(sample.head):
        return json_names(sample.head)
    if not sample.files:
        return {name.strip(' "').lower() for name in re.split("[,;\t]", sample.first_line)}
    votes = voteview_files(sample.files)["votes"]
    if not votes:
        return set()
    return _columns(Sample(sample.path, head=head_of(sample.path / votes[0])))


def _has_file(name: str, sample: Sample) -> bool:
    """Return True if a folder has the file of votes of a format, with its columns."""
    pattern, columns = HEADS[name]
    files = [file for file in sample.files if pattern.fullmatch(file)]
    return bool(files) and columns <= _columns(Sample(sample.path, head=head_of(sample.path / files[0])))


def _is_netcdf(sample: Sample) -> bool:
    return sample.head.startswith(_NETCDF)


def _is_voteview(sample: Sample) -> bool:
    return {"icpsr", "rollnumber", "cast_code"} <= _columns(sample)


def _is_voeten(sample: Sample) -> bool:
    columns = _columns(sample)
    return {"rcid", "vote"} <= columns and bool({"iso2", "country_code", "ccode"} & columns)


def _is_undl(sample: Sample) -> bool:
    columns = _columns(sample)
    return "undl_id" in columns and bool({"ms_vote", "total_yes"} & columns)


# Reading


def _own(path: Path, notes: Notes) -> Record:  # noqa: ARG001
    return Record.of(read_own(path), path)


def _netcdf(path: Path, notes: Notes) -> Record:
    return Record.of(read_netcdf(path, notes), path)


def _rda(path: Path, notes: Notes) -> Record:
    objects = parse_r(path)
    record = rollcalls_of(objects, path)
    if record is not None:
        stated = [name for name in notes.options.set_names() if name not in notes.settings.set_names()]
        if stated:
            raise UsageError(
                f"{stated[0]}= does not apply to an object of class rollcall, which states its codes",
                file=path,
                remedy=f"leave out {stated[0]}=",
            )
        return Record.of(record, path)
    table = r_table(objects, path)
    if table is None:
        raise refuse_objects(objects, path)
    notes.format = "table"
    return _read(rename_columns(table, notes), path, notes)


def _kh(path: Path, notes: Notes) -> Record:  # noqa: ARG001
    return Record.of(read_naming(path, read_kh), path)


def _voteview(path: Path, notes: Notes) -> Record:
    if path.is_dir():
        return load_voteview(path, notes)
    return read_voteview(open_table(path, notes), None, None, notes)


def _undl(path: Path, notes: Notes) -> Record:
    table = open_table(path, notes)
    table.need("the record number of the library", "undl_id")
    return read_undl(table, notes)


def _voeten(path: Path, notes: Notes) -> Record:
    if not path.is_dir():
        return read_voeten(open_table(path, notes), None, None, notes)
    present = list_folder(path)
    described = open_table(need_file(path, present, "rollcalls"), notes)
    votes = open_table(need_file(path, present, "votes"), notes)
    issues = find_file(path, present, "issues")
    return read_voeten(votes, described, open_table(issues, notes) if issues else None, notes)


def _table(path: Path, notes: Notes) -> Record:
    return _read(open_table(path, notes), path, notes)


def _read(table: Table, path: Path, notes: Notes) -> Record:
    # The columns of a workbook are unknown until the workbook is read.
    if is_voeten(table):
        notes.format = "voeten"
        return read_voeten(table, None, None, notes)
    if is_undl(table):
        notes.format = "undl"
        return read_undl(table, notes)
    if is_voteview(table):
        notes.format = "voteview"
        return read_voteview(table, None, None, notes)
    refuse_beside_voteview(table)
    listing = list_votes(table, stem_of(path), notes)
    if listing.used is not None:
        used = {*listing.used, *fact_columns(table)}
        notes.unread = tuple(notes.printed(name) for name in table.names if name and name not in used)
    return assemble(listing, facts_beside_votes(table, listing, notes), None, notes)


def _folder(path: Path, notes: Notes) -> Record:
    present = list_folder(path)
    described = open_table(need_file(path, present, "rollcalls"), notes)
    votes = open_table(need_file(path, present, "votes"), notes)
    who = find_file(path, present, "members") or find_file(path, present, "states")
    members = member_table(open_table(who, notes), notes) if who else None
    if votes.find("vote"):
        votes.need("the roll call", *ROLLCALL_IDS)
    listing = list_votes(votes, "", notes)
    if listing.facts is not None:
        raise InputError(
            f"the matrix and {described.file.name} both describe the roll calls: the matrix has "
            f"{', '.join(map(quote, listing.facts.names[1:]))}",
            file=votes.file,
            line=votes.header,
            remedy=f"write these descriptions only to {described.file.name}",
        )
    record = assemble(listing, facts_of_table(described, notes), members, notes)
    spells = find_file(path, present, "groups")
    return with_spells(record, open_table(spells, notes), notes) if spells else record
