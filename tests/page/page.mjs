// Uses the page as a person would. Waits for what is to be seen, and never for time to pass.
//
//     WORKSPACE=… node page.mjs DESIGNS

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { start } from "./platform.mjs";
import { faintTexts, stumblingBlocks } from "./rules.mjs";

const [designs] = process.argv.slice(2);
const key = "key-of-the-test";
const odd = {
  id: "odd", name: "Odd", version: "1", status: "published",
  tools: [{
    name: "choose",
    inputSchema: { type: "object", properties: { one: { enum: ["text", 1, { toString: 1 }, null] } } },
    outputSchema: { type: "object", properties: { one: { type: "number" } } },
    default: { one: "{{args.one}}" },
  }],
};
await writeFile(join(designs, "odd.json"), JSON.stringify(odd));
await writeFile(join(designs, "broken.json"), "{");
let platform = await start(designs, key);
const { url } = platform;
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

/** Calls the tool of the demo as somebody else would. */
async function callOfOthers(city, id = "abc123") {
  const params = { name: "get_weather", arguments: { city } };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 3, method: "tools/call", params });
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(`${url}/api/platform/${id}/mcp`, { method: "POST", headers, body });
  assert.equal(response.status, 200);
}

/** The page is told something else than the platform says. */
const answered = (path, status, json) => page.route(`**/${path}`, (route) => route.fulfill({ status, json }));

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
    await seen("#problem-list li", /^broken .+/);
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
    await page.getByRole("button", { name: "Call", exact: true }).click();
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
    await page.getByRole("button", { name: "Call", exact: true }).click();
    await seen("#fault", "Arguments: this is no JSON.");
    await $("#json[aria-invalid=true]:focus").waitFor();
    await keepsTheRules();
    await field.fill('{"city": "err-1"}');
    await page.getByRole("button", { name: "Call", exact: true }).click();
    await seen("#outcome h3.failed", "Answer");
    await seen("#outcome pre.text", "backend down");
    await seen("#log summary", "tool error");
  },

  async "follows the calls of others, and shows markup as text"() {
    await seen("#connection[role=status]", "Live");
    await callOfOthers(markup);
    await seen("#log > li:first-child summary", "<img src=");
    assert.equal(await $("#log img, #log script").count(), 0);
    assert.equal(await page.title(), "Mock servers");
    // Nothing was loaded again, and another server's calls are not among them.
    await callOfOthers("Paris", "paris");
    await callOfOthers("Linz");
    await seen("#log > li:first-child summary", "Linz");
    assert.equal(await $("#log summary").filter({ hasText: "Paris" }).count(), 0);
  },

  async "shows no more calls while it is paused, and then those that were made"() {
    const before = await $("#log > li").count();
    await page.getByRole("button", { name: "Pause" }).click();
    await seen("#connection", "Paused");
    await keepsTheRules();
    await callOfOthers("Wels");
    await page.getByRole("button", { name: "Resume (1 new)" }).waitFor();
    assert.equal(await $("#log > li").count(), before);
    await page.getByRole("button", { name: "Resume" }).click();
    await seen("#log > li:first-child summary", "Wels");
    assert.equal(await $("#log > li").count(), before + 1);
    await seen("#connection", "Live");
  },

  async "follows nothing while it is hidden, and then hears what was missed"() {
    const look = (hidden) => page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
    const isStream = (request) => request.url().endsWith("/servers/abc123/calls");
    const letGo = page.waitForEvent("requestfailed", isStream);
    await look(true);
    await letGo;
    await seen("#connection", "Not followed while hidden");
    await callOfOthers("Traun");
    const again = page.waitForRequest(isStream);
    await look(false);
    assert.ok((await again).headers()["last-event-id"]);
    await seen("#log > li:first-child summary", "Traun");
    await seen("#connection", "Live");
    assert.equal(await $("#log > li.lost").count(), 0);
  },

  async "shows a hundred calls, however many there are"() {
    for (let call = 1; call <= 120; call++) await callOfOthers(`city ${call}`);
    await seen("#log > li:first-child summary", '"city 120"');
    assert.equal(await $("#log > li").count(), 100);
    await seen("#log > li:last-child summary", '"city 21"');
  },

  async "comes back to a platform that was stopped and started again"() {
    assert.equal(await platform.stop(), 0, "those who follow must not keep it from ending");
    await seen("#connection", "Interrupted, trying again");
    await keepsTheRules();
    platform = await start(designs, key, new URL(url).host);
    // What is called before the page is back is heard of, too.
    await callOfOthers("Steyr");
    await seen("#connection", "Live");
    await seen("#log > li:first-child summary", "Steyr");
    await seen("#log > li.lost", "The platform began anew");
    await callOfOthers("Enns");
    await seen("#log > li:first-child summary", "Enns");
    // The browser itself notes each attempt, and nothing else is wrong.
    for (const complaint of complaints.splice(0)) assert.match(complaint, /net::ERR_/);
  },

  async "makes credentials after a question, and says why it cannot"() {
    const sure = page.getByRole("dialog", { name: "Make new credentials?" });
    const makeThem = async (kind) => {
      await page.getByLabel("New credentials", { exact: true }).selectOption(kind);
      await page.getByRole("button", { name: "Make", exact: true }).click();
      await sure.waitFor();
      await keepsTheRules();
    };
    await $("#credentials summary").click();
    await makeThem("bearer");
    await sure.getByRole("button", { name: "Keep what there is" }).click();
    await sure.waitFor({ state: "hidden" });
    await answered("servers/abc123/credentials", 501, { error: { message: "not here" } });
    await makeThem("bearer");
    await sure.getByRole("button", { name: "Make new ones" }).click();
    await seen("#access-fault[role=alert]", "not here");
    assert.match(complaints.pop(), /status of 501/);
    assert.equal(await $("#access").isVisible(), false);

    await page.unrouteAll();
    const call = () => page.getByRole("button", { name: "Call", exact: true }).click();
    const callInVain = async () => {
      // The browser itself notes the 401.
      const noted = page.waitForEvent("console", (message) => /status of 401/.test(message.text()));
      await call();
      await noted;
      complaints.pop();
    };
    for (const [kind, names] of Object.entries({
      bearer: ["token"], basic: ["username", "password"], oauth2: ["client_id", "client_secret", "token_url"],
    })) {
      await makeThem(kind);
      await sure.getByRole("button", { name: "Make new ones" }).click();
      await $(`#made-${names[0]}`).waitFor();
      const made = {};
      for (const name of names) made[name] = await $(`#made-${name}`).textContent();
      await keepsTheRules();
      // They are filled in already, and the platform takes them.
      const inputs = names.filter((name) => name !== "token_url");
      for (const name of inputs) assert.equal(await $(`#${name}`).inputValue(), made[name]);
      await call();
      await seen("#outcome h3", "Answer (HTTP 200)");
      await page.getByRole("button", { name: "I have kept them" }).click();
      assert.equal(await page.getByText(made[names[0]], { exact: true }).count(), 0);
      // Without them it takes nothing, and the browser asks nobody for others.
      for (const name of inputs) await $(`#${name}`).fill("");
      const { username = "u", password = "p" } = made;
      await page.context().setHTTPCredentials({ username, password });
      await callInVain();
      await seen("#outcome h3", "Answer (HTTP 401)");
      await page.context().setHTTPCredentials(null);
      // Others are refused, by the server or where tokens are made.
      for (const name of inputs) await $(`#${name}`).fill("wrong");
      await callInVain();
      if (kind === "oauth2") await seen("#fault", "No token");
      else await seen("#outcome h3", "Answer (HTTP 401)");
    }
  },

  async "chooses among values of any kind, and says what is wrong with an answer"() {
    await page.goto(`${url}/#odd`);
    await page.getByRole("heading", { level: 2, name: "Odd" }).waitFor();
    await page.getByLabel("Arguments as JSON").uncheck();
    const field = page.getByLabel("one", { exact: true });
    assert.deepEqual(await field.locator("option").allTextContents(), ["", "text", "1", '{"toString":1}', "null"]);
    await field.selectOption('{"toString":1}');
    await page.getByRole("button", { name: "Call", exact: true }).click();
    await seen("#log summary", 'choose {"one":{"toString":1}} → wrong response');
    await seen("#outcome .trace li.failed", "the answer is not what its schema allows: /one: ");
    await keepsTheRules();
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
  assert.equal(await platform.stop(), 0);
}
