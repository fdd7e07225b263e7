"""Tries the search of the built site: each word that people look for leads to the page that answers it.

python -m tests.docs.search_box SITE                   ask the index that the search box asks
python -m tests.docs.search_box SITE --browser         type the words into the search box of a headless Chromium
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: What people look for, and the page that must be among the first results.
WORDS = {
    "autouse": "quickstart/",
    "backoff": "producers/",
    "bisect": "lambda/",
    "checkpoint": "consumers/",
    "CI": "pytest/",
    "conftest": "quickstart/",
    "FastAPI": "asyncio/",
    "Hypothesis": "hypothesis/",
    "Jupyter": "without-pytest/",
    "KPL": "lambda/",
    "LocalStack": "from-localstack/",
    "moto": "from-moto/",
    "Powertools": "lambda/",
    "ResourceNotFoundException": "troubleshooting/",
    "snapshot": "consumers/",
    "Stubber": "from-stubber/",
    "TestClient": "asyncio/",
    "unittest": "without-pytest/",
    "xdist": "pytest/",
}
#: How many results people look at.
FIRST = 10


def ask_index(site: Path) -> Callable[[str], list[str]]:
    """Search in the index that the search box loads, as the box does."""
    from lunr import lunr

    searched = json.loads((site / "search/search_index.json").read_text(encoding="utf-8"))
    between_words = searched["config"]["separator"]
    documents = [{**document, "text": re.sub(between_words, " ", document["text"])} for document in searched["docs"]]
    index = lunr(ref="location", fields=[{"field_name": "title", "boost": 10}, "text"], documents=documents)
    return lambda word: [result["ref"] for result in index.search(word)[:FIRST]]


@contextmanager
def browser(site: Path) -> Iterator[Callable[[str], list[str]]]:
    """What the search box shows in Chromium, of the site as served on the loopback interface."""
    from selenium import webdriver
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    handler = functools.partial(_Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    options = webdriver.ChromeOptions()
    for argument in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-sync",
    ):
        options.add_argument(argument)
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        raise SystemExit("This needs chromium and chromedriver on the path.")
    options.binary_location = chromium
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(chromedriver))
    driver.set_window_size(1440, 900)

    def ask(word: str) -> list[str]:
        driver.get(address)
        WebDriverWait(driver, 20).until(
            lambda driver: driver.find_elements(By.CSS_SELECTOR, "[data-md-component=search]")
        )
        driver.find_element(By.CSS_SELECTOR, ".md-search__input").click()
        driver.find_element(By.CSS_SELECTOR, ".md-search__input").send_keys(word)
        WebDriverWait(driver, 20).until(
            lambda driver: "matching" in driver.find_element(By.CSS_SELECTOR, ".md-search-result__meta").text
        )
        links = driver.find_elements(By.CSS_SELECTOR, ".md-search-result a")[:FIRST]
        return [str(link.get_attribute("href")).removeprefix(address) for link in links]

    try:
        yield ask
    finally:
        driver.quit()
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


def missing(ask: Callable[[str], list[str]]) -> list[str]:
    """The words that do not lead where they should."""
    told = []
    for word, page in WORDS.items():
        found = ask(word)
        if not any(location.startswith(page) for location in found):
            told.append(f"{word} leads to {', '.join(found) or 'nothing'}, not to {page}")
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("site", type=Path)
    parser.add_argument("--browser", action="store_true")
    arguments = parser.parse_args()
    if arguments.browser:
        with browser(arguments.site) as ask:
            told = missing(ask)
    else:
        told = missing(ask_index(arguments.site))
    sys.stdout.write("\n".join(told or [f"all {len(WORDS)} words lead to their pages"]) + "\n")
    sys.exit(bool(told))


if __name__ == "__main__":
    main()
