"""netCDF files of votes: changed and read with h5py, from docs/formats.md."""

import json
import math
import random
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from fuzz.expected import Expected, MustRefuse, Unsure
from fuzz.mutations import mutate_bytes
from fuzz.own import check_declared

__all__ = ["damage_netcdf", "read_netcdf"]

_LETTERS = {-3: ".", -2: "R", -1: "X", 0: "N", 1: "A", 2: "Y"}


def damage_netcdf(rng: random.Random, path: Path, expected: Expected) -> tuple[Expected, list[str]]:
    """Damage a file in place, or leave it; return what must be read of it and what was done."""
    chance = rng.random()
    if chance < 0.3:
        return Expected(read_netcdf(path), plain=True), []
    if chance < 0.6:
        data, change = mutate_bytes(rng, path.read_bytes())
        path.write_bytes(data)
        return Expected(expected.document, expected.reason), [change]
    kind = rng.choice(sorted(_EDITS))
    with h5py.File(path, "r+") as file:
        _EDITS[kind](rng, file)
    if kind == "attribute":
        return Expected(reason="attributes that say something else", unsure=True), [kind]
    try:
        return Expected(read_netcdf(path)), [kind]
    except MustRefuse as reason:
        return Expected(reason=str(reason)), [kind]
    except (Unsure, KeyError, OSError, TypeError, ValueError) as reason:
        return Expected(reason=str(reason), unsure=True), [kind]


def _texts(file: h5py.File, name: str) -> list[str]:
    if name not in file or not isinstance(file.get(name, getlink=True), h5py.HardLink):
        raise MustRefuse(f"no variable {name}")
    values = file[name][()]
    if values.dtype != object:
        raise Unsure(f"{name} holds no text")
    return [value.decode("utf-8") for value in values]


def read_netcdf(path: Path) -> dict[str, object]:
    """Return what a file that h5py can open holds."""
    with h5py.File(path) as file:
        members, rollcalls = _texts(file, "member"), _texts(file, "rollcall")
        if len(set(members)) < len(members) or len(set(rollcalls)) < len(rollcalls):
            raise MustRefuse("an id twice")
        if not all(id_.strip() for id_ in (*members, *rollcalls)):
            raise Unsure("a blank id")
        if "votes" not in file:
            raise MustRefuse("no votes")
        votes = file["votes"]
        if votes.shape != (len(members), len(rollcalls)) or votes.dtype != np.dtype("i1"):
            raise MustRefuse("votes of another shape or kind")
        if (
            list(votes.attrs.get("flag_values", [])) != list(_LETTERS)
            or votes.attrs.get("flag_meanings") != _MEANINGS
        ):
            raise Unsure("flags that mean something else")
        codes = votes[()]
        if not set(codes.ravel().tolist()) <= set(_LETTERS):
            raise MustRefuse("a code that is not a vote")
        document: dict[str, Any] = {
            "members": members,
            "rollcalls": rollcalls,
            "votes": ["".join(_LETTERS[int(code)] for code in row) for row in codes],
            "polarity": str(file.attrs["polarity"]) or None,
            "source": str(file.attrs["source"]),
        }
        kinds = {}
        for dimension in ("member", "rollcall"):
            kinds[dimension] = dict(json.loads(file.attrs[f"{dimension}_columns"]))
            document[f"{dimension}_columns"] = {
                name: _column(file, f"{dimension}_{place}", name, kind)
                for place, (name, kind) in enumerate(kinds[dimension].items())
            }
        check_declared(document, kinds["rollcall"])
    return document


_MEANINGS = "not_member not_recorded absent no abstain yes"


def _column(file: h5py.File, variable: str, name: str, kind: str) -> list[Any]:
    if variable not in file:
        raise MustRefuse(f"no variable {variable}")
    data = file[variable]
    if data.attrs.get("long_name") != name:
        raise Unsure("a column that is called otherwise than announced")
    values = data[()]
    if kind in {"text", "object", "boolean", "Int64", "Float64"}:
        if values.dtype != object:
            raise MustRefuse(f"{variable} holds no JSON")
        try:
            cells = [json.loads(value) for value in values]
        except (ValueError, RecursionError):
            raise MustRefuse(f"{variable} holds no JSON") from None
        types = {"text": str, "object": str, "boolean": bool, "Int64": int, "Float64": int | float | str}[
            kind
        ]
        if not all(isinstance(cell, types) or (cell is None and kind != "text") for cell in cells):
            raise MustRefuse(f"{variable} holds JSON of another kind")
        return cells
    if kind == "datetime64[s]":
        return [
            None if value == np.iinfo("i8").min else str(np.datetime64(int(value), "s")) for value in values
        ]
    if kind == "bool":
        return [bool(value) for value in values]
    return [_finite(value) for value in values.tolist()]


def _finite(value: Any) -> Any:
    if not isinstance(value, float) or math.isfinite(value):
        return value
    return None if math.isnan(value) else ("inf" if value > 0 else "-inf")


def _vote(rng: random.Random, file: h5py.File) -> None:
    votes = file["votes"]
    votes[rng.randrange(votes.shape[0]), rng.randrange(votes.shape[1])] = rng.choice(
        [-3, -2, -1, 0, 1, 2, 3, 7, -4, 127, -128]
    )


def _remove(rng: random.Random, file: h5py.File) -> None:
    del file[rng.choice(sorted(file))]


def _id(rng: random.Random, file: h5py.File) -> None:
    ids = file[rng.choice(["member", "rollcall"])]
    ids[rng.randrange(len(ids))] = rng.choice([ids[0].decode(), "", "Zoe", "1", " "])


def _cell(rng: random.Random, file: h5py.File) -> None:
    columns = [name for name in file if name.startswith(("member_", "rollcall_"))]
    if not columns:
        return
    data = file[rng.choice(sorted(columns))]
    place = rng.randrange(len(data))
    if data.dtype == object:
        data[place] = rng.choice(
            ['"Zoe"', "null", "1", "{", "[" * 3000, "[1]", "NaN", "1e999", '"\\ud800"', ""]
        )
    elif data.dtype.kind == "f":
        data[place] = rng.choice([0.5, np.inf, np.nan])
    elif data.dtype == np.dtype("i8"):
        data[place] = rng.choice([0, 1, 86_400, 2**40])
    else:
        data[place] = rng.choice([0, 1])


def _retype(rng: random.Random, file: h5py.File) -> None:
    name = rng.choice(["votes", "member", "rollcall"])
    shape = file[name].shape
    del file[name]
    file.create_dataset(name, shape, rng.choice(["f8", "i8", "S4", "u1"]))


def _reshape(rng: random.Random, file: h5py.File) -> None:
    name = rng.choice(["votes", "member"])
    kind, shape = file[name].dtype, file[name].shape
    del file[name]
    bigger = rng.choice([1, 1000])
    file.create_dataset(name, tuple(size + bigger for size in shape), kind)


def _flags(rng: random.Random, file: h5py.File) -> None:
    attributes = file["votes"].attrs
    name = rng.choice(["flag_values", "flag_meanings"])
    if rng.random() < 0.5:
        del attributes[name]
    elif name == "flag_values":
        attributes[name] = np.array(rng.choice([[3, 2, 1, 0, -1, -2], [0, 1, 2], []]), "i1")
    else:
        attributes[name] = rng.choice(["no yes", "yes abstain no absent not_recorded not_member", ""])


def _attribute(rng: random.Random, file: h5py.File) -> None:
    name = rng.choice(["voteshift_layout", "source", "polarity", "member_columns", "rollcall_columns"])
    if rng.random() < 0.5:
        del file.attrs[name]
    else:
        file.attrs[name] = rng.choice(["", "[]", "{", "[[1]]", "nobody", "[" * 5000])


_EDITS = {
    "vote": _vote, "remove": _remove, "id": _id, "cell": _cell, "retype": _retype, "reshape": _reshape,
    "flags": _flags, "attribute": _attribute,
}  # fmt: skip
