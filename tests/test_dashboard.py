"""The dashboard in a browser: what each chart holds, every control, and both widths."""

import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ASV_BENCH = Path(__file__).parent.parent / "asv_bench"
for module in ("asv", "plotly", "selenium"):
    pytest.importorskip(module, reason=f'{module} is not installed; pip install ".[site]"')
if not ASV_BENCH.is_dir():
    pytest.skip("asv_bench is not beside the tests", allow_module_level=True)
CHROMIUM, DRIVER = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
if not (CHROMIUM and DRIVER):
    pytest.skip("Chromium and its driver are not installed", allow_module_level=True)

# Only now, since they need what was looked for above.
webdriver = pytest.importorskip("selenium.webdriver")
support = pytest.importorskip("selenium.webdriver.support.ui")
dashboard_results = pytest.importorskip("dashboard_results")
BENCHMARKS, COMPARISON = dashboard_results.BENCHMARKS, dashboard_results.COMPARISON
ActionChains, Keys, Select, CSS = webdriver.ActionChains, webdriver.Keys, support.Select, "css selector"

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
CONTROLS = "select, input, button, summary, a"
# The last commits of the fixture by their place on the horizontal axis.
SLIP, LAST = 3, 4


def built(config, comparison, output):
    """The folder of a dashboard made by the documented command."""
    command = [sys.executable, str(ASV_BENCH / "dashboard"), "--config", str(config), "--comparison", str(comparison),
               "--output", str(output)]
    subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": ""})
    return output


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The dashboard of the results in dashboard_results."""
    folder = tmp_path_factory.mktemp("small")
    return built(*dashboard_results.write(folder), folder / "html")


@pytest.fixture(scope="module")
def committed(tmp_path_factory):
    """The dashboard of the project's own results."""
    if not any((ASV_BENCH / "results").glob("*/machine.json")):
        pytest.skip("there are no results")
    return built(ASV_BENCH / "asv.conf.json", ASV_BENCH / "comparison.json", tmp_path_factory.mktemp("committed"))


@pytest.fixture(scope="module")
def chrome(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("headless=new", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-sync",
                     "disable-background-networking", "disable-component-update", "disable-dev-shm-usage",
                     f"user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


class Page:
    """The front page as a person sees it."""

    def __init__(self, chrome, folder, size="desktop"):
        self.chrome = chrome
        width, height = SIZES[size]
        chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"})
        chrome.get((folder / "index.html").as_uri())
        support.WebDriverWait(chrome, 30).until(lambda _: self.traces("grid-chart") is not None)

    def find(self, css):
        return self.chrome.find_element(CSS, css)

    def all(self, css):
        return self.chrome.find_elements(CSS, css)

    def traces(self, chart):
        """{name: (x, y)} of what a chart has drawn."""
        drawn = self.chrome.execute_script(
            "const drawn = document.getElementById(arguments[0])?._fullData;"
            "return drawn && drawn.map(({name, x, y}) => [name, [...x], [...y]])", chart)
        return drawn and {name: (x, y) for name, x, y in drawn}

    def marks(self, chart):
        """Marks on the screen."""
        return len(self.all(f"#{chart} .points path"))

    def choose(self, select, value):
        Select(self.find(f"#{select}")).select_by_value(value)

    def errors(self):
        return [entry for entry in self.chrome.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]


def series(name, parameter=0):
    """{parameter: values over the commits} of a benchmark in the fixture."""
    _, _, parameters, values = BENCHMARKS[name]
    return {each: [row[i] if row else None for row in values] for i, each in enumerate(parameters[parameter])}


def test_grid_has_a_mark_for_each_time_in_copies(chrome, small):
    page = Page(chrome, small)
    expected = {}
    for case in COMPARISON["cases"]:
        for name in set(case["seconds"]) - {"floor", "fresh"}:
            expected.setdefault(name, {})[case["case"]] = case["seconds"][name] / case["seconds"]["floor"]
    assert {name: dict(zip(y, x)) for name, (x, y) in page.traces("grid-chart").items()} == expected
    assert page.marks("grid-chart") == sum(map(len, expected.values()))
    assert page.find("#grid-count").text == "4 of 4 cases; a peer has 3 of them, and cypool is fastest in 2."


@pytest.mark.parametrize(("control", "value", "cases"), [
    ("grid-operation", "max", ["tiny 8", "stem NHWC"]),
    ("grid-operation", "max gradient", ["stem gradient"]),
    ("grid-layout", "channels first", ["tiny 8", "stem gradient"]),
    ("grid-dtype", "u1", ["blur u8"]),
    ("grid-order", "slow", ["tiny 8", "blur u8", "stem gradient", "stem NHWC"]),
    ("grid-order", "behind", ["blur u8", "stem NHWC", "tiny 8", "stem gradient"]),
])
def test_grid_is_filtered_and_ordered(chrome, small, control, value, cases):
    page = Page(chrome, small)
    page.choose(control, value)
    assert page.traces("grid-chart")["cypool"][1] == cases


def test_grid_is_searched_and_peers_are_hidden(chrome, small):
    page = Page(chrome, small)
    page.find("#grid-search").send_keys("STEM" + Keys.ENTER)
    assert page.traces("grid-chart")["cypool"][1] == ["stem NHWC", "stem gradient"]
    page.find("#grid-peers input[value=PyTorch]").click()
    assert set(page.traces("grid-chart")) == {"cypool", "JAX"}
    page.find("#grid-numbers summary").click()
    support.WebDriverWait(chrome, 5).until(lambda _: page.all("#grid-numbers tbody tr"))
    assert [row.text for row in page.all("#grid-numbers tbody tr")] == [
        "stem NHWC 300 13.4 1.50 PyTorch 2.00", "stem gradient 1000 4.01 5.00 none"]


@pytest.mark.parametrize(("section", "benchmark", "names"), [
    ("copies", "pooling.Floor.track_copies", dashboard_results.CASES),
    ("instructions", "pooling.Instructions.track_instructions", dashboard_results.CALLS),
])
def test_history_has_a_line_for_each_case(chrome, small, section, benchmark, names):
    page = Page(chrome, small)
    traces = page.traces(f"{section}-chart")
    assert {name: y for name, (_, y) in traces.items()} == series(benchmark)
    assert all(x == [0, 1, 2, 3, 4] for x, _ in traces.values())
    page.choose(f"{section}-scale", "last")
    last = {name: [y and y / values[LAST] for y in values] for name, values in series(benchmark).items()}
    assert {name: y for name, (_, y) in page.traces(f"{section}-chart").items()} == last
    page.find(f"#{section}-series input[value='{names[0]}']").click()
    assert set(page.traces(f"{section}-chart")) == set(names[1:])


@pytest.mark.parametrize(("metric", "expected"), [
    ("size", {"wheel": [1, 1, 2, 2, 2.5], "installed": [3, 3, 5, 5, 6]}),
    ("import", {"import": [1.5, 1.5, 1.4, 1.3, 1.25]}),
    ("memory", {"VGG NCHW": [60, 60, 50, 50, 50]}),
])
def test_cost_has_a_line_for_each_metric(chrome, small, metric, expected):
    page = Page(chrome, small)
    page.choose("cost-metric", metric)
    traces = {name: y for name, (_, y) in page.traces("cost-chart").items()}
    assert traces == {name: pytest.approx(y) for name, y in expected.items()}


def test_a_step_names_its_commit(chrome, small):
    page = Page(chrome, small)
    mark = page.all("#instructions-chart .scatterlayer .trace:first-child .points path")[SLIP - 1]
    chrome.execute_script("arguments[0].scrollIntoView({block: 'center'})", mark)
    ActionChains(chrome).move_to_element(mark).click().perform()
    says = page.find("#instructions-says").text
    assert dashboard_results.SUBJECTS[SLIP - 1] in says
    assert "max 2x2 800 1,200 +50.0 %" in says
    assert "avg 2x2" not in says, "a change of 0.2 % is not listed"
    hover = page.find("#instructions-chart .hoverlayer").text
    assert "1,200" in hover
    assert "<b>maxima</b>" in hover.replace("\n", "")


def test_a_commit_that_the_clone_has_not_is_shown_without_subject(chrome, small):
    page = Page(chrome, small)
    page.choose("copies-commit", "0")
    assert "ffffffffffff of 2023-11-14: not in this clone" in page.find("#copies-says").text


def test_another_machine_has_a_history_of_its_own(chrome, small):
    page = Page(chrome, small)
    page.choose("machine", "1")
    assert page.traces("copies-chart")["tiny 8"] == ([0], [9])
    assert {note.find_element("xpath", "..").get_attribute("id") for note in page.all("section .note")} == {
        "instructions", "threads", "windows"}
    page.choose("machine", "0")
    assert page.all("section .note") == []
    assert page.traces("copies-chart")["tiny 8"] == ([0, 1, 2, 3, 4], series("pooling.Floor.track_copies")["tiny 8"])


def test_scaling_is_speed_up_and_time_an_output(chrome, small):
    page = Page(chrome, small)
    assert page.traces("threads-chart") == {"tiny 8": ([1, 2], [1, 1]), "stem NCHW": ([1, 2], [1, 2])}
    assert page.traces("windows-chart") == {"max float32": ([3, 9, 31], pytest.approx([1, 1.2, 1.5])),
                                            "avg float32": ([3, 9, 31], pytest.approx([2, 2, 2.5]))}


def test_headline(chrome, small):
    cards = Page(chrome, small).find("#headline").text.split("\n")
    assert dict(zip(cards[::2], cards[1::2])).items() >= {
        "cases in the grid": "4", "fastest, of the cases that a peer has": "2 of 3", "wheel": "2.50 MB",
        "import, in NumPy's own": "1.25\N{MULTIPLICATION SIGN}"}.items()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("results", ["small", "committed"])
def test_every_control_works_without_an_error(chrome, request, results, size):
    page = Page(chrome, request.getfixturevalue(results), size)
    for name in [select.get_attribute("id") for select in page.all("select") if select.is_displayed()]:
        select = Select(page.find(f"#{name}"))
        for i in [*range(len(select.options)), 0]:
            select.select_by_index(i)
    for clicked in page.all("input[type=checkbox], fieldset button, summary"):
        clicked.click()
    for button in page.all("fieldset button"):
        if button.text == "all":
            button.click()
    for scheme in ("dark", "light"):
        chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})
    charts = [chart.get_attribute("id") for chart in page.all(".chart")]
    assert charts == [f"{name}-chart" for name in ("grid", "copies", "instructions", "cost", "threads", "windows")]
    for chart in charts:
        drawn = sum(sum(value is not None for value in y) for _, y in page.traces(chart).values())
        assert drawn > 0, chart
        assert page.marks(chart) == drawn, chart
    assert page.errors() == []


@pytest.mark.parametrize("results", ["small", "committed"])
@pytest.mark.parametrize("size", SIZES)
def test_page_is_as_wide_as_the_screen(chrome, request, results, size):
    page = Page(chrome, request.getfixturevalue(results), size)
    width = SIZES[size][0]
    assert chrome.execute_script("return document.documentElement.scrollWidth") <= width
    for chart in page.all(".chart"):
        rectangle = chart.find_element(CSS, ".main-svg").rect
        assert rectangle["x"] >= 0, chart.get_attribute("id")
        assert rectangle["x"] + rectangle["width"] <= width, chart.get_attribute("id")


def test_controls_are_reached_by_the_keyboard(chrome, small):
    page = Page(chrome, small)
    wanted = {control.id for control in page.all(CONTROLS) if control.is_displayed()}
    reached = set()
    for _ in range(len(wanted)):
        ActionChains(chrome).send_keys(Keys.TAB).perform()
        reached.add(chrome.switch_to.active_element.id)
    assert wanted <= reached
    page.find("#grid-peers input").send_keys(Keys.SPACE)
    assert "cypool" not in page.traces("grid-chart")


def test_nothing_is_loaded_from_elsewhere(chrome, small):
    page = Page(chrome, small)
    loaded = chrome.execute_script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert [name for name in loaded if not name.startswith(small.as_uri())] == []
    assert page.errors() == []
    ours = [source for source in small.iterdir() if source.is_file() and source.name != "plotly.min.js"]
    assert [source.name for source in ours if re.search("https?://", source.read_text())] == []


def test_text_without_scripts_says_where_the_figures_are(chrome, small):
    Page(chrome, small)
    chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    chrome.refresh()
    try:
        assert "drawn by JavaScript" in chrome.find_element(CSS, "noscript").text
    finally:
        chrome.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_asv_pages_lie_beside_and_link_back(chrome, small):
    index = json.loads((small / "asv" / "index.json").read_text())
    assert set(index["benchmarks"]) == set(BENCHMARKS)
    assert index["project_url"] == "../index.html"
    assert "".join(sorted(index["revision_to_hash"].values())).count("f" * 40) == 0
    assert all((small / "asv" / "graphs").rglob("*.json"))
    link = Page(chrome, small).find("nav a[href='asv/index.html']")
    assert Path(link.get_attribute("href").removeprefix("file://")).exists()


@pytest.fixture
def served(small):
    """The address of the dashboard on a server; asv's pages fetch their data."""
    handler = functools.partial(QuietHandler, directory=small)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.mark.skipif(not (ASV_BENCH / "dashboard" / "node_modules").is_dir(),
                    reason="asv's pages would load their libraries from the network; see asv_bench/dashboard/vendor.py")
@pytest.mark.parametrize(("page", "drawn"), [
    ("#/", "#summarygrid-display canvas"), ("#/summarylist", "#summarylist-body tbody tr"),
    ("#/regressions", "#regressions-body"),
    *[(f"#{name}", "#main-graph canvas") for name in BENCHMARKS]])
def test_asv_pages_draw(chrome, served, page, drawn):
    chrome.get("about:blank")
    chrome.get(f"{served}/asv/index.html{page}")
    support.WebDriverWait(chrome, 30).until(lambda _: any(
        each.is_displayed() for each in chrome.find_elements(CSS, drawn)))
    loaded = chrome.execute_script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert [name for name in loaded if not name.startswith(served)] == []
    # asv asks for the graphs of machines that have none, too.
    errors = [entry["message"] for entry in chrome.get_log("browser") if entry["level"] == "SEVERE"]
    assert [error for error in errors if not ("/graphs/" in error and "another%20machine" in error)] == []
    assert chrome.find_element(CSS, "#project-name").get_attribute("href") == f"{served}/index.html"


def test_without_results_the_page_says_so(chrome, tmp_path):
    config, _ = dashboard_results.write(tmp_path)
    for result in (tmp_path / "results").glob("*/*-*.json"):
        result.unlink()
    folder = built(config, tmp_path / "none.json", tmp_path / "html")
    chrome.get((folder / "index.html").as_uri())
    notes = chrome.find_elements(CSS, "section .note")
    assert [note.text for note in notes] == ["No results yet."] * 6
    assert [entry for entry in chrome.get_log("browser") if entry["level"] == "SEVERE"] == []
