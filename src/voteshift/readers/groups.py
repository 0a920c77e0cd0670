"""Groups that change: the table of spells in a folder."""

from dataclasses import replace

import numpy as np
import pandas as pd

from voteshift.errors import InputError
from voteshift.readers.findings import Notes
from voteshift.readers.members import identify
from voteshift.readers.record import Record
from voteshift.readers.table import Table
from voteshift.spells import SPELL_COLUMNS, complete_spells

__all__ = ["with_spells"]


def with_spells(record: Record, table: Table, notes: Notes) -> Record:
    """Return a record with the spells of a table: ``member``, ``group``, ``from`` and ``to``.

    Raises
    ------
    InputError
        If a column is missing, a member is unknown, a day is not valid, or two spells of a member overlap.
    """
    columns = [table.need(f"the {name} of the spell", name) for name in SPELL_COLUMNS]
    frame = pd.DataFrame({name: table[column] for name, column in zip(SPELL_COLUMNS, columns, strict=True)})
    labels, first = np.unique(frame["member"].to_numpy(str), return_index=True)
    ids = identify(labels.astype(object), table.lines[first], table.file, notes)
    frame["member"] = frame["member"].map(dict(zip(labels.tolist(), ids, strict=True)))
    try:
        spells = complete_spells(frame, record.members.index)
    except InputError as error:
        raise InputError(error.message, file=table.file, id=error.id, remedy=error.remedy) from None
    last = dict(zip(spells["member"], spells["group"], strict=True))
    group = [last.get(member, before) for member, before in record.members["group"].items()]
    return replace(record, members=record.members.assign(group=group), groups=spells)
