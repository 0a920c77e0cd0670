"""Reading of posterior files of earlier versions: old names of classes and fields, or no specification."""

from typing import Any, Final

import pandas as pd

from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.dynamic.spec import RandomWalk
from voteshift.ideal.methods import Mode
from voteshift.ideal.objective import Priors
from voteshift.ideal.spec import IdealPoints
from voteshift.packing import Arrays, unpack
from voteshift.posterior.storage import ROOMS

__all__ = [
    "FORMER_DYNAMIC_FORMAT",
    "FORMER_STATIC_FORMAT",
    "read_former_spec",
    "read_former_start",
    "update_classes",
]

FORMER_STATIC_FORMAT: Final = "voteshift posterior 1"
FORMER_DYNAMIC_FORMAT: Final = "voteshift posterior of walks 1"
_RENAMED: Final = {
    "MovingEncoded": "DynamicEncoded",
    "MovingModel": "DynamicModel",
    "Paths": "DynamicPoint",
}


def read_former_spec(about: dict[str, Any]) -> IdealPoints:
    """Return the specification of a static posterior from the description in its file.

    The description does not contain the polarity member, so the specification has none.
    """
    return IdealPoints(
        link=about["link"], priors=Priors(*about["priors"]), level=about["level"], threads=about["threads"]
    )


def read_former_start(described: dict[str, Any], arrays: Arrays) -> DynamicFit:
    """Return the fit from which the chains of a dynamic posterior started.

    Parameters
    ----------
    described : dict
        The description in the file.
    arrays : dict of str to ndarray
        The arrays that are named in the description.

    Returns
    -------
    DynamicFit
        The fit. Its specification is reconstructed: bridges are an explicit mapping, and there is no polarity
        member.
    """
    packed = update_classes(described["fields"])
    # One value, because an array that two fields share is described only in the first field.
    values = unpack({"tuple": list(packed.values())}, arrays, ROOMS)
    parts = dict(zip(packed, values, strict=True))
    encoded, model = parts["encoded"], parts["model"]
    items = pd.Series(encoded.items, index=encoded.rollcalls)
    shared = items[items.duplicated(keep=False)]
    spec = IdealPoints(
        link=model.link,
        priors=model.priors,
        dynamics=RandomWalk(
            encoded.periods.name,
            items=shared.to_dict() if len(shared) else None,
            tau=parts["tau"],
            delta=model.walk.delta,
            delta_group=0.0,
        ),
        method="mode",
        level=parts.pop("level"),
        threads=model.threads,
    )
    return DynamicFit(**parts, spec=spec)


def update_classes(described: Any) -> Any:
    """Return a description in which every class has its current name and its current fields."""
    if isinstance(described, list):
        return [update_classes(part) for part in described]
    if not isinstance(described, dict):
        return described
    updated = {name: update_classes(part) for name, part in described.items()}
    if isinstance(described.get("class"), list):
        module, name = described["class"]
        updated["class"] = [module, _RENAMED.get(name, name)]
        if name == IdealPoints.__name__:
            _move_starts(updated["fields"])
    return updated


def _move_starts(fields: dict[str, Any]) -> None:
    """Replace the former field `starts` of a specification by its method."""
    starts = fields.pop("starts", None)
    if starts is not None:
        # Other objects of a description are numbered from 0.
        fields["method"] = {
            "class": [Mode.__module__, Mode.__qualname__],
            "fields": {"starts": starts},
            "is": -1,
        }
