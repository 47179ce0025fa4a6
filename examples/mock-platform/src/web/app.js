// The page of the mock platform. What comes from a design is shown as text, and never as markup.

const KEY = "mock-platform-key";
const EVERY = 1000; // milliseconds between looks at the calls
const SHOWN = 100; // calls; the platform keeps more

const $ = (id) => document.getElementById(id);

/** An element with properties and children; strings become text. */
function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [property, value] of Object.entries(properties)) {
    if (property.includes("-")) element.setAttribute(property, value);
    else element[property] = value;
  }
  element.append(...children);
  return element;
}

const json = (value) => JSON.stringify(value);
const pretty = (value) => make("pre", {}, JSON.stringify(value, null, 2));

/** Says what is wrong, once: the same again would be read out again. */
function explain(error) {
  if ($("problem").textContent !== error.message) $("problem").textContent = error.message;
}

/** The server that is shown, and the newest of its calls that is. */
let shown = null;
let newest = 0;
let looking = false;

// ---- What the platform says

class Refused extends Error {}

async function admin(path, body) {
  const headers = { Authorization: `Bearer ${sessionStorage.getItem(KEY)}` };
  const options = { headers, cache: "no-store" };
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    Object.assign(options, { method: "POST", body: json(body) });
  }
  const response = await fetch(`api/admin/${path}`, options);
  if (response.status === 401) throw new Refused("This key is not the right one.");
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Error(answer?.error?.message ?? `The platform answered ${response.status}.`);
  return answer;
}

const of = (id, what = "") => `servers/${encodeURIComponent(id)}${what}`;
const endpoint = (id) => new URL(`api/platform/${encodeURIComponent(id)}/mcp`, location.href).href;

/** Calls a tool as any client would; comes to the status and the message that answers. */
async function callTool(id, name, args) {
  const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
  const authorization = $("authorization").value.trim();
  if (authorization && !$("credentials").hidden) headers.Authorization = authorization;
  const request = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } };
  const response = await fetch(endpoint(id), { method: "POST", headers, body: json(request) });
  const text = await response.text();
  return { status: response.status, message: answerIn(response, text) };
}

function answerIn(response, text) {
  const streamed = response.headers.get("Content-Type")?.startsWith("text/event-stream");
  const lines = streamed ? text.split("\n").filter((line) => line.startsWith("data: ")) : [text];
  const messages = lines.map((line) => {
    try {
      return JSON.parse(streamed ? line.slice(6) : line);
    } catch {
      return { text: line };
    }
  });
  // Beside the answer a stream has notifications, which have no id.
  return messages.find((message) => message.id === 1) ?? messages.at(-1);
}

// ---- Coming in, and choosing a server

async function open() {
  const mayEnter = sessionStorage.getItem(KEY) !== null;
  $("entry").hidden = mayEnter;
  $("platform").hidden = $("leave").hidden = !mayEnter;
  if (!mayEnter) return $("key").focus();
  try {
    const { servers } = await admin("servers");
    $("problem").textContent = "";
    $("servers").replaceChildren(...servers.map(link));
    $("no-servers").hidden = servers.length > 0;
    await choose();
  } catch (error) {
    fail(error);
  }
}

function link({ id, name, version, status }) {
  const about = make("small", {}, `${status} · ${version}`);
  const anchor = make("a", { href: `#${encodeURIComponent(id)}` }, name, about);
  anchor.dataset.id = id;
  return make("li", {}, anchor);
}

function leave() {
  sessionStorage.removeItem(KEY);
  shown = null;
  $("server").hidden = true;
  $("servers").replaceChildren();
  $("log").replaceChildren();
  return open();
}

/** Tells what went wrong; a key that is not right is asked for again. */
function fail(error) {
  if (error instanceof Refused) leave();
  explain(error);
}

const chosen = () => {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
};

async function choose() {
  const id = chosen();
  for (const anchor of $("servers").querySelectorAll("a")) {
    if (anchor.dataset.id === id) anchor.setAttribute("aria-current", "page");
    else anchor.removeAttribute("aria-current");
  }
  if (sessionStorage.getItem(KEY) === null) return;
  shown = null;
  $("server").hidden = true;
  $("problem").textContent = "";
  if (!id) return;
  try {
    const design = await admin(of(id));
    if (id === chosen()) show(design);
  } catch (error) {
    if (id === chosen()) fail(error);
  }
}

// ---- A design

function show(design) {
  shown = design;
  newest = 0;
  $("name").textContent = design.name;
  $("description").textContent = design.description ?? "";
  $("endpoint").textContent = endpoint(design.id);
  const tools = design.tools ?? [];
  $("tools").replaceChildren(...tools.flatMap(toolText));
  $("tool").replaceChildren(...tools.map(({ name }) => make("option", {}, name)));
  $("call").hidden = tools.length === 0;
  $("authorization").value = "";
  $("credentials").hidden = (design.auth ?? "none") === "none" || design.auth?.type === "none";
  $("outcome").replaceChildren();
  $("log").replaceChildren();
  $("no-calls").hidden = false;
  $("server").hidden = false;
  chooseTool();
  $("name").focus();
  look();
}

function toolText(tool) {
  const scenarios = (tool.scenarios ?? []).map((scenario, index) => make(
    "li",
    scenario.enabled === false ? { className: "off" } : {},
    make("strong", {}, nameOf(scenario, index)), " when ", make("code", {}, when(scenario)),
    " → ", make("code", {}, outcome(scenario)),
  ));
  if (tool.default !== undefined) {
    scenarios.push(make("li", {}, make("strong", {}, "default"), " → ", make("code", {}, json(tool.default))));
  }
  return [
    make("h3", {}, tool.name),
    make("p", {}, tool.description ?? ""),
    make("ol", { className: "scenarios" }, ...scenarios),
  ];
}

const nameOf = ({ name }, index) => name ?? `scenario ${index + 1}`;

/** The condition of a scenario, in words. */
function when({ condition, conditions, match = "all" }) {
  if (conditions) return words({ [match]: conditions });
  return condition ? words(condition) : "always";
}

function words(condition) {
  for (const [name, between] of [["all", " and "], ["any", " or "], ["none", " or "]]) {
    if (!Array.isArray(condition[name])) continue;
    const several = condition[name].map(words).join(between);
    return name === "none" ? `not (${several})` : `(${several})`;
  }
  if (condition.not) return `not (${words(condition.not)})`;
  const { field, operator, value } = condition;
  return [field || "the arguments", operator, value === undefined ? "" : json(value)].join(" ").trim();
}

function outcome({ response, content, sequence, error, delayMs }) {
  const says = sequence ? sequence.map(outcome).join(", then ") : json(response ?? content ?? { error });
  return delayMs ? `${says} after ${delayMs} ms` : says;
}

// ---- The form of a tool

const toolNow = () => shown.tools.find(({ name }) => name === $("tool").value);

function chooseTool() {
  const tool = toolNow();
  const properties = Object.entries(tool?.inputSchema?.properties ?? {});
  const required = tool?.inputSchema?.required ?? [];
  const rows = properties.map(([name, schema], index) => field(name, schema, index, required.includes(name)));
  const hint = rows.length > 0 ? "Empty fields are left out." : "This tool takes no named arguments.";
  $("fields").replaceChildren(...rows.flat(), make("p", { className: "hint" }, hint));
  $("json").value = "{}";
  $("fault").textContent = "";
  showRaw();
}

/** A label and an input for one argument. */
function field(name, schema, index, isRequired) {
  const id = `argument-${index}`;
  const title = isRequired ? `${name} (required)` : name;
  const rows = [make("label", { htmlFor: id }, title)];
  const input = inputFor(schema ?? {});
  input.id = id;
  input.dataset.name = name;
  rows.push(input);
  if (schema?.description) {
    rows.push(make("p", { className: "hint", id: `${id}-about` }, schema.description));
    input.setAttribute("aria-describedby", `${id}-about`);
  }
  return rows;
}

function inputFor({ type, enum: choices }) {
  const values = choices ?? (type === "boolean" ? [true, false] : null);
  if (values) {
    const options = values.map((value) => make("option", { value: json(value) }, String(value)));
    return kind(make("select", {}, make("option", { value: "" }, ""), ...options), "json");
  }
  if (type === "string") return kind(make("input", { type: "text", autocomplete: "off" }), "text");
  if (type === "number" || type === "integer") {
    return kind(make("input", { type: "text", inputMode: "decimal", autocomplete: "off" }), "json");
  }
  return kind(make("textarea", { rows: 2, spellcheck: false, placeholder: "JSON" }), "json");
}

function kind(input, name) {
  input.dataset.kind = name;
  return input;
}

/** Shows one of the two forms. */
function showRaw() {
  const isRaw = $("raw").checked;
  $("fields").hidden = isRaw;
  $("raw-field").hidden = !isRaw;
}

/** The value of an input; a fault is shown beside it. */
function valueOf(input, name) {
  input.removeAttribute("aria-invalid");
  try {
    return input.dataset.kind === "text" ? input.value : JSON.parse(input.value);
  } catch {
    input.setAttribute("aria-invalid", "true");
    input.focus();
    throw new Error(`${name}: this is no JSON.`);
  }
}

function argumentsNow() {
  return $("raw").checked ? valueOf($("json"), "Arguments") : fieldsNow();
}

function fieldsNow() {
  const filled = [...$("fields").querySelectorAll("[data-name]")].filter(({ value }) => value !== "");
  return Object.fromEntries(filled.map((input) => [input.dataset.name, valueOf(input, input.dataset.name)]));
}

async function send() {
  $("fault").textContent = "";
  const { id } = shown;
  const tool = $("tool").value;
  let args;
  try {
    args = argumentsNow();
  } catch (error) {
    $("fault").textContent = error.message;
    return;
  }
  $("send").disabled = true;
  try {
    const answer = await callTool(id, tool, args).catch((error) => ({ status: 0, message: { text: error.message } }));
    // The decision depends on the arguments alone, so that it can be asked for by itself.
    const why = await admin(of(id, "/test"), { tool, arguments: args }).catch((error) => ({ error }));
    if (shown?.id !== id) return;
    $("outcome").replaceChildren(...answerText(answer), ...whyText(why));
    await look();
  } finally {
    $("send").disabled = false;
  }
}

// ---- Answers, traces and calls

function answerText({ status, message }) {
  const result = message?.result;
  const failed = result === undefined || result.isError === true;
  const title = status === 0 ? "Answer (cut off)" : `Answer (HTTP ${status})`;
  const parts = [make("h3", { className: failed ? "failed" : "" }, title)];
  for (const part of result?.content ?? []) {
    if (part.type === "text") parts.push(make("pre", { className: "text" }, part.text));
  }
  parts.push(make("details", {}, make("summary", {}, "The whole message"), pretty(message ?? null)));
  parts.at(-1).open = failed && parts.length === 2;
  return parts;
}

function whyText({ trace, error }) {
  const inside = error ? make("p", { className: "fault" }, error.message) : traceText(trace);
  return [make("h3", {}, "Why"), inside];
}

function traceText({ scenarios, answered }) {
  const looks = scenarios.map((look) => {
    const verdict = { fits: "answers", disabled: "is off" }[look.verdict] ?? "does not fit";
    const className = look.verdict === "fits" ? "fits" : "";
    const reasons = (look.why ?? []).map(missText).map((text) => make("li", {}, make("code", {}, text)));
    return make("li", {}, make("span", { className }, `${nameOf(look, look.index)} ${verdict}`), make("ul", {}, ...reasons));
  });
  if (answered.kind === "default") looks.push(make("li", { className: "fits" }, "the default answers"));
  if (answered.kind === "nothing") looks.push(make("li", { className: "failed" }, "nothing answers"));
  return make("ol", { className: "trace" }, ...looks);
}

function missText({ field: path, operator, expected, actual, holds }) {
  const was = actual === undefined ? "it is missing" : `it is ${json(actual)}`;
  return `${path || "the arguments"} ${holds ? "must not be" : "must be"}: ${operator} ${json(expected)}; ${was}`;
}

function callText({ at, tool, arguments: args, outcome: came, duration_micros: micros, trace }) {
  const time = make("time", { dateTime: at, className: "when" }, new Date(at).toLocaleTimeString());
  const line = make(
    "summary", {},
    time, " ", make("strong", {}, tool), " ", make("code", {}, json(args)), ` → ${came} `,
    make("span", { className: "when" }, `${(micros / 1000).toFixed(1)} ms`),
  );
  return make("li", {}, make("details", {}, line, trace ? traceText(trace) : "The trace was too long to keep."));
}

/** Adds the calls that are new. */
async function look() {
  if (!shown || document.hidden || looking) return;
  const design = shown;
  looking = true;
  try {
    const { calls } = await admin(of(design.id, "/calls"));
    if (shown !== design) return;
    const last = calls.at(-1)?.sequence ?? 0;
    if (last < newest || calls.length === 0) {
      // They were forgotten.
      newest = 0;
      $("log").replaceChildren();
    }
    const fresh = calls.filter(({ sequence }) => sequence > newest).slice(-SHOWN);
    newest = last;
    $("log").prepend(...fresh.reverse().map(callText));
    while ($("log").children.length > SHOWN) $("log").lastChild.remove();
    $("no-calls").hidden = calls.length > 0;
    $("problem").textContent = "";
  } catch (error) {
    if (shown === design) fail(error);
  } finally {
    looking = false;
  }
}

$("entry").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, $("key").value);
  $("key").value = "";
  open();
});
$("call").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
$("leave").addEventListener("click", () => {
  $("problem").textContent = "";
  leave();
});
$("tool").addEventListener("change", chooseTool);
$("raw").addEventListener("change", () => {
  try {
    // What was filled in is taken along.
    if ($("raw").checked) $("json").value = JSON.stringify(fieldsNow(), null, 2);
    $("fault").textContent = "";
  } catch (error) {
    $("raw").checked = false;
    $("fault").textContent = error.message;
  }
  showRaw();
});
addEventListener("hashchange", choose);
document.addEventListener("visibilitychange", look);
setInterval(look, EVERY);
open();
