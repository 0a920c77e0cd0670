"""Read and check files of roll calls in many formats, and identify states by their names."""

from voteshift.readers.check import Examined, check_file, examine
from voteshift.readers.dataset import from_dataset
from voteshift.readers.documents import read_documents
from voteshift.readers.findings import DataWarning, Finding
from voteshift.readers.formats import FORMATS, Format, Sample, register_reader
from voteshift.readers.names import nearest_names, state_id
from voteshift.readers.pairs import Pairs, read_pairs
from voteshift.readers.reading import read

__all__ = [
    "FORMATS",
    "DataWarning",
    "Examined",
    "Finding",
    "Format",
    "Pairs",
    "Sample",
    "check_file",
    "examine",
    "from_dataset",
    "nearest_names",
    "read",
    "read_documents",
    "read_pairs",
    "register_reader",
    "state_id",
]
