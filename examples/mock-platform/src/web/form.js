// The form of a tool: its arguments, from its schema or as JSON.

import { $, json, make } from "./dom.js";

let tools = [];

/** Shows the form for the tools of a design. */
export function showForm(design) {
  tools = design.tools ?? [];
  $("tool").replaceChildren(...tools.map(({ name }) => make("option", {}, name)));
  $("call").hidden = tools.length === 0;
  chooseTool();
}

function chooseTool() {
  const tool = tools.find(({ name }) => name === $("tool").value);
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
    const options = values.map((value) => make("option", { value: json(value) }, typeof value === "string" ? value : json(value)));
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

/** What was filled in. Throws what is to be told where that is no JSON. */
export function argumentsNow() {
  return $("raw").checked ? valueOf($("json"), "Arguments") : fieldsNow();
}

function fieldsNow() {
  const filled = [...$("fields").querySelectorAll("[data-name]")].filter(({ value }) => value !== "");
  return Object.fromEntries(filled.map((input) => [input.dataset.name, valueOf(input, input.dataset.name)]));
}

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
