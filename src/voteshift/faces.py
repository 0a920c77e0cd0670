"""A registry of the functions that draw pictures and write reports of results.

A result knows no picture and no report; the package registers who draws and who writes when it is imported.
"""

from types import ModuleType

#: As in `typing`, which is not imported: the package registers its faces when it starts.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["load_face", "register_face"]

_LOADERS: "dict[str, Callable[[], ModuleType]]" = {}


def register_face(name: str, loader: "Callable[[], ModuleType]") -> None:
    """Register what shows results.

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
        If nothing is registered: an error of the program.
    """
    if name not in _LOADERS:
        raise LookupError(f"nothing is registered to show {name}")
    return _LOADERS[name]()
