"""The result that a file must have: a record, a refusal, or either."""

from dataclasses import dataclass

from fuzz.records import Record, Value

__all__ = ["Expected", "MustRefuse", "Unsure", "record_document"]


class MustRefuse(Exception):  # noqa: N818
    """The documentation says that such a file is an error."""


class Unsure(Exception):  # noqa: N818
    """The documentation does not say; anything but a crash will do."""


@dataclass(frozen=True)
class Expected:
    """The outcomes that are right.

    Where `document` is given, a record that is read must equal it; a refusal is right too. `plain` marks a
    file that the documentation promises to read. Where it is None, the file must be refused, unless `unsure`.
    """

    document: dict[str, object] | None = None
    reason: str = ""
    unsure: bool = False
    plain: bool = False


def record_document(
    record: Record,
    *,
    ordered: bool = True,
    source: str = "",
    carried: dict[str, dict[str, Value]] | None = None,
) -> dict[str, object]:
    """Return a record as the plain document that outcomes are compared in."""
    return {
        "members": list(record.members),
        "rollcalls": list(record.rollcalls),
        "votes": list(record.votes),
        "facts": record.facts,
        "groups": record.groups,
        "ordered": ordered,
        "source": source,
        "carried": carried or {},
    }
