"""A registry of the functions that draw pictures and write reports of results.

The classes of results do not import the modules `plots` and `report`. The package registers these modules
when it is imported.
"""

from types import ModuleType

#: As in `typing`, which is not imported: the package registers its faces when it starts.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["load_face", "register_face"]

_LOADERS: "dict[str, Callable[[], ModuleType]]" = {}


def register_face(name: str, loader: "Callable[[], ModuleType]") -> None:
    """Register the module that draws pictures or writes reports.

    Parameters
    ----------
    name : str
        ``"plots"`` or ``"report"``.
    loader : callable
        Called without arguments when a result is first shown; returns the module.
    """
    _LOADERS[name] = loader


def load_face(name: str) -> ModuleType:
    """Return the module registered under a name.

    Raises
    ------
    LookupError
        If no module is registered under this name. This is a programming error.
    """
    if name not in _LOADERS:
        raise LookupError(f"no module is registered under the name {name}")
    return _LOADERS[name]()
