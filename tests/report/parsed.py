"""A page as a browser reads it: elements, attributes, text, tables."""

from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Read a page; elements that do not close are kept in `open`."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.said = [], [], []
        self.tables, self.cell = [], None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append({"caption": "", "rows": []})
        elif tag == "tr":
            self.tables[-1]["rows"].append([])
        elif tag in ("td", "th", "caption"):
            self.cell = ""

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"
        if tag in ("td", "th"):
            self.tables[-1]["rows"][-1].append(self.cell)
        elif tag == "caption":
            self.tables[-1]["caption"] = self.cell

    def handle_data(self, data):
        self.said.append(data)
        if self.cell is not None:
            self.cell += data

    @property
    def text(self):
        return " ".join(" ".join(self.said).split())

    def table(self, caption):
        (found,) = [table for table in self.tables if table["caption"].startswith(caption)]
        return found["rows"]
