"""Writing of records: voteshift's own format, tables, Voteview's tables, netCDF."""

from voteshift.writers.dataset import to_dataset
from voteshift.writers.writing import write

__all__ = ["to_dataset", "write"]
