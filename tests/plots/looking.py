"""Look at a picture as a reader would: is every text on the paper, and does none lie on another?"""

from itertools import combinations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

TOUCH = 0.5  # pixels two boxes may share: rounding, not overlap


def texts(figure):
    """Return every text that is drawn, with its box in pixels."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    drawn = {}
    for axes in figure.axes:
        hidden = set()
        for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            low, high = sorted(limits)
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                outside = not low <= tick.get_loc() <= high
                if outside or not axes.axison:
                    hidden |= {tick.label1, tick.label2}
            if not axes.axison:
                hidden |= {axis.label, axis.get_offset_text()}
        for text in axes.findobj(Text):
            if text in hidden or not text.get_visible() or not text.get_text().strip():
                continue
            drawn[text] = text.get_window_extent(renderer)
    return [(text.get_text(), box) for text, box in drawn.items()]


def faults(figure):
    """Return what is wrong: texts that leave the paper, and pairs that overlap."""
    boxes = texts(figure)
    paper = figure.bbox
    found = [
        f"{said!r} leaves the paper"
        for said, box in boxes
        if box.x0 < paper.x0 - TOUCH
        or box.y0 < paper.y0 - TOUCH
        or box.x1 > paper.x1 + TOUCH
        or box.y1 > paper.y1 + TOUCH
    ]
    for (one, a), (other, b) in combinations(boxes, 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        if wide > TOUCH and high > TOUCH:
            found.append(f"{one!r} lies on {other!r}")
    return found
