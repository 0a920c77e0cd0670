"""The page in a real browser: opens from disk without a word of complaint, on a phone and on paper."""

import json
import os
import re
import shutil
import subprocess

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PHONE = 360  # CSS pixels
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")

#: Measures a page from outside, in a frame as wide as a phone: the page itself runs no script.
PROBE = """<!DOCTYPE html><body><iframe id="f" src="report.html" width="{width}" height="800"></iframe>
<script>
window.onload = () => {{
  const frame = document.getElementById("f"), page = frame.contentDocument, root = page.documentElement;
  const inside = [...page.querySelectorAll("body *")].filter(e => !e.closest(".scroll, .frame"));
  const figures = [...page.querySelectorAll("figure svg")].map(e => {{
    const box = e.getBoundingClientRect();
    return {{width: box.width, height: box.height, drawn: e.querySelectorAll("path, use").length}};
  }});
  const said = {{scroll: root.scrollWidth, client: root.clientWidth, figures: figures,
    wide: inside.filter(e => e.getBoundingClientRect().right > root.clientWidth + 1).map(e => e.tagName),
    title: page.title, letters: parseFloat(frame.contentWindow.getComputedStyle(page.body).fontSize)}};
  const out = document.createElement("pre"); out.id = "out"; out.textContent = JSON.stringify(said);
  document.body.appendChild(out);
}};
</script></body>"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory, made):
    folder = tmp_path_factory.mktemp("browser")
    made.write(folder / "report.html")
    return folder


def chromium(folder, *arguments, page):
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    return subprocess.run(
        [CHROMIUM, *options, f"--user-data-dir={folder / 'profile'}", *arguments, (folder / page).as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env=os.environ | {"DBUS_SESSION_BUS_ADDRESS": "disabled:"},
    )


def measured(folder, width):
    (folder / "probe.html").write_text(PROBE.format(width=width), encoding="utf-8")
    shown = chromium(folder, "--allow-file-access-from-files", "--dump-dom", page="probe.html").stdout
    return json.loads(re.search(r'<pre id="out">(.*?)</pre>', shown, re.DOTALL)[1])


def test_it_opens_from_disk_and_the_console_stays_silent(folder):
    result = chromium(folder, "--dump-dom", page="report.html")
    assert "CONSOLE" not in result.stderr
    assert "Nothing here is" in result.stdout


def test_the_console_would_have_been_heard(folder):
    text = (folder / "report.html").read_text(encoding="utf-8")
    (folder / "bad.html").write_text(text.replace("<main>", '<main><img src="data:image/png;base64,x">'))
    assert "CONSOLE" in chromium(folder, "--dump-dom", page="bad.html").stderr


@pytest.mark.parametrize("width", [PHONE, 1000])
def test_nothing_is_wider_than_the_screen_and_every_figure_is_seen(folder, made, width):
    found = measured(folder, width)
    assert found["title"] == made.title
    assert found["scroll"] <= found["client"] <= width
    assert found["wide"] == []
    assert found["letters"] >= 16
    assert len(found["figures"]) == len(made.pictures())
    for figure in found["figures"]:
        assert figure["width"] > 250
        assert figure["height"] > 100
        assert figure["drawn"] > 20


def test_it_prints_on_a_sensible_number_of_pages(folder):
    chromium(folder, "--no-pdf-header-footer", f"--print-to-pdf={folder / 'r.pdf'}", page="report.html")
    pages = len(re.findall(rb"/Type\s*/Page\b", (folder / "r.pdf").read_bytes()))
    assert 8 <= pages <= 30
