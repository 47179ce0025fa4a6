// Rules that every state of the page has to keep. Both run inside of it.

/** What a reader without eyes or mouse would stumble over. */
export function stumblingBlocks() {
  const visible = (element) => element.checkVisibility({ visibilityProperty: true });
  const all = (selector) => [...document.querySelectorAll(selector)].filter(visible);
  const found = [];
  const expect = (holds, problem) => holds || found.push(problem);

  expect(document.documentElement.lang, "the page says no language");
  expect(document.title, "the page has no title");
  expect(all("h1").length === 1, "there is not one h1");
  expect(all("main").length === 1, "there is not one main");
  let level = 0;
  for (const heading of all("h1, h2, h3, h4, h5, h6")) {
    const here = Number(heading.tagName[1]);
    expect(here <= level + 1, `a level is left out before '${heading.textContent}'`);
    expect(heading.textContent.trim(), `an ${heading.tagName} is empty`);
    level = here;
  }
  for (const input of all("input, select, textarea")) {
    const label = [...input.labels].map(({ textContent }) => textContent.trim()).join("");
    expect(label, `no label: ${input.outerHTML}`);
  }
  for (const control of all("button, a, summary")) {
    expect(control.textContent.trim(), `no name: ${control.outerHTML}`);
    expect(control.tabIndex >= 0, `no keyboard reaches ${control.outerHTML}`);
  }
  for (const element of document.querySelectorAll("[aria-labelledby], [aria-describedby]")) {
    const ids = `${element.getAttribute("aria-labelledby") ?? ""} ${element.getAttribute("aria-describedby") ?? ""}`;
    for (const id of ids.split(/\s+/).filter(Boolean)) {
      expect(document.getElementById(id), `nothing has the id ${id}`);
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  expect(new Set(ids).size === ids.length, "an id is there twice");
  return found;
}

/** Texts that stand out less than 4.5 to 1 from what is behind them (WCAG 2.2, 1.4.3). */
export function faintTexts() {
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const light = (color) => {
    const [red, green, blue] = channels(color).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if ((channels(color)[3] ?? 1) === 1) return color;
    }
    throw new Error("nothing is behind the page");
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    if (!hasText(element) || !element.checkVisibility()) continue;
    const [darker, lighter] = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => a - b);
    const contrast = (lighter + 0.05) / (darker + 0.05);
    if (contrast < 4.5) found.push(`${contrast.toFixed(2)}: ${element.textContent.trim()}`);
  }
  return found;
}
