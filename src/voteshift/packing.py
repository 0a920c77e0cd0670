"""Conversion of frozen dataclasses into arrays and JSON and back, without running code from a file.

An object or array that occurs twice is written once, and becomes one object again when it is read.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Arrays", "pack", "unpack"]

Arrays: TypeAlias = dict[str, NDArray[Any]]


_CONTAINERS: dict[str, Callable[[Iterator[Any]], Any]] = {
    "tuple": tuple,
    "list": list,
    "slice": lambda parts: slice(*parts),
}


def pack(value: object, arrays: Arrays, rooms: Sequence[str]) -> Any:
    """Describe a value in JSON, and collect its arrays.

    Parameters
    ----------
    value
        A dataclass of the packages in `rooms`, an array, a data frame, an index of text, a slice, or a plain
        value. Also a tuple, list or dict of these.
    arrays : dict
        The function adds each array of the value, under its name in the description.
    rooms : sequence of str
        Packages whose dataclasses can be written.

    Raises
    ------
    TypeError
        If a part of the value cannot be written.
    """
    return _Packer(arrays, rooms).pack(value)


def unpack(described: Any, arrays: Arrays, rooms: Sequence[str]) -> Any:
    """Rebuild a value from the description and the arrays of `pack`.

    Parameters
    ----------
    described, arrays
        The description that `pack` returned, and the arrays that it collected.
    rooms : sequence of str
        Packages whose dataclasses may be built.

    Raises
    ------
    ValueError, TypeError, LookupError, AttributeError, ImportError
        If the description is invalid, or names a class of another package.
    """
    return _Unpacker(arrays, rooms).unpack(described)


def _within(module: str, rooms: Sequence[str]) -> bool:
    return any(module == room or module.startswith(f"{room}.") for room in rooms)


class _Packer:
    def __init__(self, arrays: Arrays, rooms: Sequence[str]) -> None:
        self.arrays, self.rooms = arrays, rooms
        self.known: dict[int, int] = {}
        self.alive: list[object] = []  # so that no id is given away again

    def pack(self, value: object) -> Any:
        if isinstance(value, np.generic):
            value = value.item()
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if isinstance(value, (tuple, list, dict, slice)):
            return self._container(value)
        if id(value) in self.known:
            return {"again": self.known[id(value)]}
        described = self._object(value)
        described["is"] = self.known[id(value)] = len(self.known)
        self.alive.append(value)
        return described

    def _container(self, value: tuple[Any, ...] | list[Any] | dict[Any, Any] | slice) -> Any:
        if isinstance(value, slice):
            return {"slice": [self.pack(part) for part in (value.start, value.stop, value.step)]}
        if not isinstance(value, dict):
            return {type(value).__name__: [self.pack(part) for part in value]}
        if not all(isinstance(name, str) for name in value):
            raise TypeError("a dict by anything but text has no form on disk")
        return {"dict": {name: self.pack(part) for name, part in value.items()}}

    def _object(self, value: object) -> dict[str, Any]:
        if isinstance(value, np.ndarray) and value.dtype != object:
            name = f"a{len(self.arrays)}"
            self.arrays[name] = value
            return {"array": name}
        if isinstance(value, pd.Index) and all(isinstance(label, str) for label in value):
            return {"index": list(value), "name": self.pack(value.name), "object": value.dtype == object}
        if isinstance(value, pd.DataFrame):
            rows = None if value.index.equals(pd.RangeIndex(len(value))) else self.pack(value.index)
            columns = {str(name): self._column(value[name].to_numpy()) for name in value.columns}
            return {"frame": columns, "rows": rows, "columns": self.pack(value.columns)}
        kind = type(value)
        if is_dataclass(value) and _within(kind.__module__, self.rooms):
            parts = {part.name: self.pack(getattr(value, part.name)) for part in fields(value) if part.init}
            return {"class": [kind.__module__, kind.__qualname__], "fields": parts}
        raise TypeError(f"{kind.__name__} has no form on disk")

    def _column(self, values: NDArray[Any]) -> Any:
        return self.pack(values.tolist() if values.dtype == object else values)


class _Unpacker:
    def __init__(self, arrays: Arrays, rooms: Sequence[str]) -> None:
        self.arrays, self.rooms = arrays, rooms
        self.known: dict[int, Any] = {}

    def unpack(self, described: Any) -> Any:
        if not isinstance(described, dict):
            return described
        for name, build in _CONTAINERS.items():
            if name in described:
                return build(self.unpack(part) for part in described[name])
        if "dict" in described:
            return {name: self.unpack(part) for name, part in described["dict"].items()}
        if "again" in described:
            return self.known[described["again"]]
        value = self.known[described["is"]] = self._object(described)
        return value

    def _object(self, described: dict[str, Any]) -> Any:
        if "array" in described:
            return self.arrays[described["array"]]
        if "index" in described:
            dtype = object if described["object"] else None  # else what this pandas makes of text
            return pd.Index(described["index"], name=described["name"], dtype=dtype)
        if "frame" in described:
            columns = {name: self.unpack(values) for name, values in described["frame"].items()}
            frame = pd.DataFrame(columns, index=self.unpack(described["rows"]))
            frame.columns = self.unpack(described["columns"])
            return frame
        module, name = described["class"]
        kind = getattr(import_module(module), name) if _within(module, self.rooms) else None
        if not (isinstance(kind, type) and is_dataclass(kind)):
            raise ValueError(f"{module}.{name} is nothing that was packed")
        return kind(**{part: self.unpack(value) for part, value in described["fields"].items()})
