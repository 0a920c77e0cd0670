"""What the tests of the readers share."""

from collections.abc import Callable
from pathlib import Path

#: Writes text or bytes to a name below the test's folder.
Write = Callable[[str, str | bytes], Path]
