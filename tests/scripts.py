"""Scripts of the repository, which are no package, as modules for a while."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

__all__ = ["scripts"]


@contextmanager
def scripts(folder: Path) -> Iterator[Callable[[str], ModuleType]]:
    """Import scripts of a folder by name; what has the same names elsewhere stands aside and comes back.

    ``report`` is a script of the benchmarks and a folder of tests: which of them an import finds must not
    depend on which test came first.
    """
    own = {path.stem for path in folder.glob("*.py")}
    aside = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in own}
    sys.path.insert(0, str(folder))
    try:
        yield import_module
    finally:
        sys.path.remove(str(folder))
        for name in own & set(sys.modules):
            del sys.modules[name]
        sys.modules.update(aside)
