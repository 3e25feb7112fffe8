"""Drives the page of `serve` in headless Chromium: python browse.py ADDRESS PICTURE SCREENSHOTS RUN PROCESS. PROCESS trains the head RUN now
and is interrupted in the end. Prints a line a check; ends with 1 where one fails."""

import json
import os
import signal
import sys
import tempfile
import urllib.request

from axe_selenium_python import Axe
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

ADDRESS, PICTURE, SHOTS, RUN = sys.argv[1:5]
TRAINING = int(sys.argv[5])
failures = []


def check(what, is_so):
    print(("ok    " if is_so else "WRONG ") + what, flush=True)
    if not is_so:
        failures.append(what)


def browser(width, is_dark=False):
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--window-size={width},900"]:
        options.add_argument(argument)
    if is_dark:
        options.add_argument("--force-dark-mode")
        options.add_argument("--blink-settings=preferredColorScheme=0")
    options.binary_location = "/usr/bin/chromium"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    made = webdriver.Chrome(options=options, service=webdriver.ChromeService("/usr/bin/chromedriver"))
    if width < 500:  # windows have a smallest width
        made.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 2, "mobile": True})
    return made


def wait(page, condition, seconds=120):
    # What was found a moment ago may have been replaced since.
    return WebDriverWait(page, seconds, ignored_exceptions=[StaleElementReferenceException]).until(condition)


def cards(page):
    return page.find_elements(By.CSS_SELECTOR, ".grid .card")


def status(page):
    return page.find_element(By.ID, "status").text


def open_view(page, view):
    page.get("about:blank")
    page.get(f"{ADDRESS}/#{view}")


def finish(page, name):
    page.save_screenshot(os.path.join(SHOTS, name + ".png"))
    axe = Axe(page)
    axe.inject()
    found = axe.run(options={"runOnly": ["wcag2a", "wcag2aa"]})["violations"]
    told = [(one["id"], one["nodes"][0]["html"][:120]) for one in found]
    check(f"{name}: axe finds nothing wrong with labels and contrast {json.dumps(told) if told else ''}", not found)
    check(f"{name}: names are text", not page.find_elements(By.CSS_SELECTOR, "img[src='x']"))
    check(f"{name}: nothing is shown that is not there", "null" not in page.find_element(By.TAG_NAME, "main").text)
    errors = [entry["message"] for entry in page.get_log("browser") if entry["level"] == "SEVERE"]
    check(f"{name}: no error on the console {errors or ''}", not errors)


def searches(page):
    open_view(page, "search")
    wait(page, lambda _: cards(page))
    check("the pictures of the store are shown", "pictures" in status(page))
    wait(page, lambda _: all(page.execute_script("return arguments[0].naturalWidth", i) for i in page.find_elements(By.CSS_SELECTOR, ".card img")[:6]))
    finish(page, "browse")
    page.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(PICTURE)
    wait(page, lambda _: "ms" in status(page) and len(cards(page)) == 24)
    check("an uploaded picture finds pictures", True)
    check("right and wrong labels are told apart without color, too", page.find_elements(By.CSS_SELECTOR, ".mark-right, .mark-wrong") != [])
    finish(page, "upload")
    gives(page, "paste")
    gives(page, "drop")
    path = cards(page)[3].get_attribute("title")
    cards(page)[3].click()
    wait(page, lambda _: "id=" in page.current_url and cards(page) and cards(page)[0].get_attribute("title") == path)
    check("a click on a picture searches for it", True)
    filters(page)


def gives(page, kind):
    """Pastes or drops a picture as a person would, who has it on the clipboard or under the pointer."""
    open_view(page, "search")
    wait(page, lambda _: cards(page) and "ms" not in status(page))
    page.execute_script(
        """
        const bytes = await (await fetch(document.querySelector(".card img").src)).blob();
        const data = new DataTransfer();
        data.items.add(new File([bytes], "a.jpg", { type: "image/jpeg" }));
        const options = { bubbles: true, cancelable: true };
        if (arguments[0] === "paste") document.body.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: data }));
        else document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { ...options, dataTransfer: data }));
        """, kind)
    wait(page, lambda _: "ms" in status(page) and len(cards(page)) == 24)
    check(f"a picture that is {'pasted' if kind == 'paste' else 'dropped'} finds pictures", True)


def filters(page):
    label = Select(page.find_element(By.NAME, "label"))
    name = label.options[-1].text
    label.select_by_visible_text(name)
    wait(page, lambda _: f"label={name}" in page.current_url)
    wait(page, lambda _: cards(page) and all(name in card.text for card in cards(page)))
    check("a filter leaves pictures of its label", True)
    wait(page, lambda _: "ms" in status(page))
    url = page.current_url
    page.get("about:blank")
    page.get(url)
    wait(page, lambda _: "ms" in status(page) and cards(page))
    check("the address gives the same again", all(name in card.text for card in cards(page)))
    for box in page.find_elements(By.CSS_SELECTOR, "input[name=head]"):
        if not page.find_element(By.CSS_SELECTOR, f"input[name=head][value='{box.get_attribute('value')}']").is_selected():
            box.click()
            break
    wait(page, lambda _: len(page.find_elements(By.CSS_SELECTOR, ".columns > section")) == 2)
    check("two heads are side by side", True)
    finish(page, "heads")
    copies(page)
    cards(page)[0].send_keys(Keys.ARROW_RIGHT)
    check("the arrow keys go to the next picture", page.execute_script("return document.activeElement") == cards(page)[1])
    page.find_element(By.TAG_NAME, "body").send_keys("/")
    check("/ goes to the search field", page.execute_script("return document.activeElement.id") == "id")


def copies(page):
    page.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": ADDRESS})
    text = "return await navigator.clipboard.readText()"
    page.find_element(By.XPATH, "//button[text()='Copy as JSON']").click()
    wait(page, lambda _: "as JSON" in status(page))
    answer = json.loads(page.execute_script(text))
    check("the answer is copied as JSON", len(answer["results"]) == 2 and answer["results"][0]["neighbors"] != [])
    page.find_element(By.XPATH, "//button[text()='Copy link']").click()
    wait(page, lambda _: "the link" in status(page))
    check("the link that is copied names the query", f"id={answer['query']['id']}" in page.execute_script(text))


def maps(page):
    open_view(page, "map")
    wait(page, lambda _: "variance" in status(page))
    canvas = page.find_element(By.TAG_NAME, "canvas")
    page.find_element(By.XPATH, "//button[text()='Lasso']").click()
    wide, high = canvas.size["width"] - 20, canvas.size["height"] - 20
    actions = webdriver.ActionChains(page).move_to_element_with_offset(canvas, -wide // 2, -high // 2).click_and_hold()
    for step in [(wide, 0), (0, high), (-wide, 0), (0, 10 - high)]:
        actions = actions.move_by_offset(*step)
    actions.release().perform()
    wait(page, lambda _: "in the lasso" in status(page))
    check("a lasso chooses pictures", len(cards(page)) > 0)
    finish(page, "map")
    imported(page)


def imported(page):
    """Points that another tool computed, as t-SNE in scikit-learn would: by path, by id, and one of a picture that is not there."""
    with urllib.request.urlopen(f"{ADDRESS}/api/v1/pictures?limit=10") as answer:
        pictures = json.load(answer)["pictures"]
    with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as table:
        table.write("path,id,x,y\n")
        for place, picture in enumerate(pictures):
            name = '"' + picture["path"].replace('"', '""') + '"'
            table.write(f"{name},,{place},{place * 2}\n" if place % 2 else f",{picture['id']},{place},-{place}\n")
        table.write("nowhere/else.jpg,,1,1\n")
    page.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(table.name)
    wait(page, lambda _: status(page) == "10 pictures")
    check("points of another tool are shown", True)
    with open(table.name, "w", encoding="utf-8") as bad:
        bad.write("a,b\n1,2\n")
    page.find_element(By.CSS_SELECTOR, "input[type=file]").send_keys(table.name)
    wait(page, lambda _: "columns x, y" in status(page))
    check("a table without points is refused in words", True)
    os.unlink(table.name)


def watched(page):
    """The epoch that a run is in, -1 where it does not run, and the length of its curve: of one moment, as the page goes on."""
    text, curve = page.execute_script(
        "return [document.getElementById('status').textContent, document.querySelector('svg.chart path')?.getAttribute('d') ?? '']")
    return int(text.rsplit(" ", 1)[-1]) if text.startswith("running") else -1, len(curve)


def watches(page):
    """A run that goes on while it is looked at."""
    open_view(page, f"runs/{RUN}")
    wait(page, lambda _: watched(page)[0] >= 0)
    seen, length = watched(page)
    wait(page, lambda _: watched(page)[0] > seen)
    check("the curves of a run that goes on grow", watched(page)[1] > length)
    os.kill(TRAINING, signal.SIGINT)
    wait(page, lambda _: status(page) == "ended")
    check("a run that was interrupted is shown as ended", True)


def runs(page):
    watches(page)
    open_view(page, "runs")
    wait(page, lambda _: page.find_elements(By.CSS_SELECTOR, "tbody a"))
    page.find_element(By.LINK_TEXT, "h").click()
    wait(page, lambda _: len(page.find_elements(By.CSS_SELECTOR, "svg.chart path")) == 2)
    check("a run has its curves", True)
    page.find_element(By.XPATH, "//button[text()='Evaluate']").click()
    wait(page, lambda _: "queries" in status(page))
    check("a head is evaluated class by class", "Classes found worst" in page.page_source)
    check("changes of metrics have intervals", " to " in page.find_element(By.XPATH, "(//tr[td='map@r'])[last()]").text)
    finish(page, "run")


def stores(page):
    open_view(page, "store")
    wait(page, lambda _: page.find_elements(By.CSS_SELECTOR, ".bar"))
    page.find_element(By.XPATH, "//button[text()='Look']").click()
    wait(page, lambda _: "groups" in status(page))
    finish(page, "store")


def others():
    page = browser(1280, is_dark=True)
    open_view(page, "search")
    wait(page, lambda _: cards(page))
    page.find_element(By.ID, "theme").click()
    check("the theme can be chosen", page.execute_script("return document.documentElement.dataset.theme") in ["dark", "light"])
    page.execute_script("document.documentElement.dataset.theme = 'dark'")
    finish(page, "dark")
    page.quit()
    page = browser(375)
    for view in ["search", "map", "runs", "store"]:
        open_view(page, view)
        wait(page, lambda _: page.find_elements(By.TAG_NAME, "h1"))
        wide = page.execute_script("return document.documentElement.scrollWidth")
        check(f"{view} fits 375 pixels ({wide})", wide <= 375)
        if view == "search":
            wait(page, lambda _: cards(page))
            finish(page, "phone")
    page.quit()


page = browser(1280)
for part in [searches, maps, runs, stores]:
    part(page)
page.quit()
others()
sys.exit(1 if failures else 0)
