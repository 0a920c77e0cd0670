"""Limits on the data read from a file, from the size of the file and before memory is allocated.

Files are not trusted: a few bytes can announce unlimited arrays, cells or text. All readers use these limits.
"""

from dataclasses import dataclass
from typing import Final

__all__ = [
    "ARRAYS",
    "COLUMNS",
    "PACKED_COLUMNS",
    "PARSED",
    "SEATS",
    "SHEET_CELLS",
    "TABLE_CELLS",
    "UNPACKED",
    "WORKBOOK",
    "Budget",
]


@dataclass(frozen=True, slots=True)
class Budget:
    """The memory that a reader may use for a file.

    Parameters
    ----------
    free : int
        The allowance of every file.
    ratio : int
        The further allowance for each byte of the file.
    most : int
        The largest allowance of any file.
    """

    free: int
    ratio: int
    most: int

    def limit(self, size: int) -> int:
        """Return the limit for a file of `size` bytes."""
        return min(self.most, self.free + self.ratio * size)


#: Unpacked size of an archive (gzip, xz, bzip2) in bytes. Rows of votes shrink to a fiftieth at most, and
#: unanimous rows to a two-hundredth.
UNPACKED: Final = Budget(free=1 << 21, ratio=400, most=1 << 32)
#: Bytes of an R file, unpacked: it is parsed as a whole, and its numbers are copied.
PARSED: Final = Budget(free=1 << 21, ratio=400, most=1 << 27)
#: Bytes that the parts of a workbook unpack to. Votes shrink to a twentieth.
WORKBOOK: Final = Budget(free=1 << 22, ratio=50, most=1 << 29)
#: Bytes of all arrays of an HDF5 file together; draws of a posterior are among what is read.
ARRAYS: Final = Budget(free=1 << 26, ratio=400, most=1 << 36)
#: Bytes of the columns of a Parquet file.
PACKED_COLUMNS: Final = Budget(free=1 << 22, ratio=400, most=1 << 29)
#: Cells of a table as it is written: at most one for each byte, a few where the file is packed.
TABLE_CELLS: Final = Budget(free=1 << 23, ratio=8, most=1 << 28)
#: Cells of a sheet of a workbook: votes take two bytes and more.
SHEET_CELLS: Final = Budget(free=1 << 20, ratio=2, most=1 << 26)
#: Cells of the matrix, members by roll calls. A list of votes contains few of the cells if members change.
SEATS: Final = Budget(free=1 << 26, ratio=32, most=1 << 31)
#: Columns of a table, and roll calls of a matrix: more than Congress ever held.
COLUMNS: Final = 1 << 17
