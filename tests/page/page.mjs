// Uses the page as a person would. Waits for what is to be seen, and never for time to pass.
//
//     node page.mjs URL KEY

import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { faintTexts, stumblingBlocks } from "./rules.mjs";

const [url, key] = process.argv.slice(2);
const FLAGS = [
  "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--no-sandbox",
];
const markup = '<img src="x" onerror="document.title = \'run\'"><script>document.title = "run"</script>';

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
const page = await browser.newPage({ colorScheme: "light", viewport: { width: 1200, height: 900 } });
page.setDefaultTimeout(15_000);
const complaints = [];
page.on("console", (message) => {
  if (["error", "warning"].includes(message.type())) complaints.push(message.text());
});
page.on("pageerror", (error) => complaints.push(String(error)));
const strangers = [];
page.on("request", (request) => {
  if (!request.url().startsWith(url) && !request.url().startsWith("data:")) strangers.push(request.url());
});

const $ = (selector) => page.locator(selector);
const seen = (selector, hasText) => $(selector).filter({ hasText }).first().waitFor();

/** The rules hold in this state, whatever the colours. */
async function keepsTheRules() {
  assert.deepEqual(await page.evaluate(stumblingBlocks), []);
  for (const colorScheme of ["dark", "light"]) {
    await page.emulateMedia({ colorScheme });
    assert.deepEqual(await page.evaluate(faintTexts), [], colorScheme);
  }
}

const steps = {
  async "is served with headers that keep others out"() {
    const headers = (await page.goto(url)).headers();
    assert.match(headers["content-security-policy"], /default-src 'none'; script-src 'self'/);
    assert.doesNotMatch(headers["content-security-policy"], /unsafe|\*/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["referrer-policy"], "no-referrer");
  },

  async "asks for the key again when it is wrong"() {
    await keepsTheRules();
    await page.getByLabel("Key of administrators").fill("wrong");
    await page.keyboard.press("Enter");
    await seen("[role=alert]", "This key is not the right one.");
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    // The browser itself notes the 401, and nothing else is wrong.
    assert.equal(complaints.length, 1);
    assert.match(complaints.pop(), /status of 401/);
  },

  async "lists the servers, and shows a design"() {
    await page.getByLabel("Key of administrators").fill(key);
    await page.keyboard.press("Enter");
    await page.getByRole("navigation", { name: "Servers" }).getByRole("link", { name: "Forecast" }).first().click();
    await page.getByRole("heading", { level: 2, name: "Forecast" }).waitFor();
    assert.equal(await $("#endpoint").textContent(), `${url}/api/platform/abc123/mcp`);
    await seen(".scenarios li", 'city equals "San Francisco" → {"temperature":72,"conditions":"Sunny"}');
    await seen(".scenarios li", '(units in ["C","K"] and when.month gte 11) → {"temperature":-3} after 200 ms');
    await keepsTheRules();
  },

  async "calls a tool, and shows the answer, the reason and the log"() {
    await page.getByLabel("city (required)").fill("San Francisco");
    await page.keyboard.press("Enter");
    await seen("#outcome pre.text", '{"temperature":72,"conditions":"Sunny"}');
    await seen("#outcome .trace li", "sf answers");
    await seen("#log summary", 'get_weather {"city":"San Francisco"} → response');
  },

  async "says why a scenario did not answer"() {
    await page.getByLabel("city (required)").fill("Graz");
    await page.getByRole("button", { name: "Call" }).click();
    await seen("#outcome pre.text", '{"temperature":15,"conditions":"Unknown"}');
    await seen("#outcome .trace li", 'city must be: equals "San Francisco"; it is "Graz"');
    await seen("#outcome .trace li", "the default answers");
    await seen("#log > li:first-child summary", 'get_weather {"city":"Graz"}');
    assert.equal(await $("#log > li").count(), 2);
    await keepsTheRules();
    if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT });
  },

  async "takes arguments as JSON, and no less"() {
    await page.getByLabel("Arguments as JSON").check();
    const field = page.getByLabel("Arguments", { exact: true });
    assert.deepEqual(JSON.parse(await field.inputValue()), { city: "Graz" });
    await field.fill("{");
    await page.getByRole("button", { name: "Call" }).click();
    await seen("#fault", "Arguments: this is no JSON.");
    await $("#json[aria-invalid=true]:focus").waitFor();
    await keepsTheRules();
    await field.fill('{"city": "err-1"}');
    await page.getByRole("button", { name: "Call" }).click();
    await seen("#outcome h3.failed", "Answer");
    await seen("#outcome pre.text", "backend down");
    await seen("#log summary", "tool error");
  },

  async "follows the calls of others, and shows markup as text"() {
    const request = {
      jsonrpc: "2.0", id: 3, method: "tools/call", params: { name: "get_weather", arguments: { city: markup } },
    };
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(`${url}/api/platform/abc123/mcp`, { method: "POST", headers, body: JSON.stringify(request) });
    assert.equal(response.status, 200);
    await seen("#log > li:first-child summary", "<img src=");
    assert.equal(await $("#log img, #log script").count(), 0);
    assert.equal(await page.title(), "Mock servers");
  },

  async "is found again by its address, with another tool of that name"() {
    await page.goto(`${url}/#paris`);
    await page.reload();
    await $("#servers a[aria-current=page][data-id=paris]").waitFor();
    await seen("#endpoint", "/api/platform/paris/mcp");
    await page.setViewportSize({ width: 400, height: 800 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "a phone scrolls sideways");
    await keepsTheRules();
  },

  async "forgets the key"() {
    await page.getByRole("button", { name: "Forget the key" }).click();
    await page.getByLabel("Key of administrators").waitFor();
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    assert.equal(await $("#server").isVisible(), false);
  },

  async "loads nothing from elsewhere, and the browser has nothing to complain of"() {
    assert.deepEqual(strangers, []);
    assert.deepEqual(complaints, []);
  },
};

try {
  for (const [name, step] of Object.entries(steps)) {
    await step().catch((error) => {
      throw new Error(`the page ${name}: failed; the browser said ${JSON.stringify(complaints)}`, { cause: error });
    });
    console.log(`the page ${name}`);
  }
} finally {
  await browser.close();
}
