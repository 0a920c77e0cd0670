"""Draw the pictures of the README and the documentation.

    python tools/pictures.py [FOLDER]

They go to ``docs/img``, or to FOLDER. The same versions give the same bytes.
"""

import sys
from pathlib import Path

import voteshift as vs
from voteshift.plots.style import off_screen

__all__ = ["main"]

FOLDER = Path(__file__).parents[1] / "docs" / "img"


def main(arguments: list[str]) -> int:
    """Draw every picture into a folder."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    record = vs.load_hrc()
    why = vs.explain(record, "mutually-beneficial-cooperation")
    pictures = {
        "flow": lambda: vs.plots.flow(why),
        "waterfall": lambda: vs.plots.waterfall(why, step=0),
    }
    for name, draw in pictures.items():
        with off_screen():
            draw().figure.savefig(folder / f"{name}.png", dpi=160, metadata={"Software": None})
        print(folder / f"{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
