// The page of the mock platform: coming in, choosing a server, calling its tools.

import { authorization, showAccess } from "./access.js";
import { answerText, whyText } from "./answers.js";
import { address, admin, callTool, forgetKey, hasKey, keepKey, of } from "./api.js";
import { hideCalls, showCalls } from "./calls.js";
import { toolText } from "./design.js";
import { $, make, say } from "./dom.js";
import { argumentsNow, showForm } from "./form.js";

/** The id of the server that is shown. */
let shown = null;

// ---- Coming in, and choosing a server

async function open() {
  $("entry").hidden = hasKey();
  $("platform").hidden = $("leave").hidden = !hasKey();
  if (!hasKey()) return $("key").focus();
  try {
    const { servers, problems } = await admin("servers");
    $("problem").textContent = "";
    $("servers").replaceChildren(...servers.map(link));
    $("no-servers").hidden = servers.length > 0;
    showProblems(problems);
    await choose();
  } catch (error) {
    fail(error);
  }
}

/** What is stored and cannot be served. */
function showProblems(problems) {
  const items = problems.map(({ id, reason }) => make("li", {}, make("strong", {}, id), ` ${reason}`));
  $("problem-list").replaceChildren(...items);
  $("problems").hidden = problems.length === 0;
}

function link({ id, name, version, status }) {
  const about = make("small", {}, `${status} · ${version}`);
  const anchor = make("a", { href: `#${encodeURIComponent(id)}` }, name, about);
  anchor.dataset.id = id;
  return make("li", {}, anchor);
}

function leave() {
  forgetKey();
  hide();
  $("servers").replaceChildren();
  showProblems([]);
  return open();
}

/** Tells what went wrong; a key that is not right is asked for again. */
function fail(error) {
  if (error.status === 401) leave();
  say("problem", error.message);
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
  if (!hasKey()) return;
  hide();
  $("problem").textContent = "";
  if (!id) return;
  try {
    const design = await admin(of(id));
    if (id === chosen()) show(design);
  } catch (error) {
    if (id === chosen()) fail(error);
  }
}

function hide() {
  shown = null;
  $("server").hidden = true;
  hideCalls();
  showAccess({ id: null });
}

function show(design) {
  shown = design.id;
  $("name").textContent = design.name;
  $("description").textContent = design.description ?? "";
  $("endpoint").textContent = address(design.id, "mcp");
  $("tools").replaceChildren(...(design.tools ?? []).flatMap(toolText));
  $("outcome").replaceChildren();
  $("server").hidden = false;
  showAccess(design);
  showForm(design);
  $("name").focus();
  showCalls(design.id, fail);
}

// ---- Calling a tool

async function send() {
  $("fault").textContent = "";
  const id = shown;
  const tool = $("tool").value;
  $("send").disabled = true;
  try {
    const args = argumentsNow();
    const access = await authorization();
    const answer = await callTool(id, tool, args, access)
      .catch((error) => ({ status: 0, message: { text: error.message } }));
    // The decision depends on the arguments alone, so that it can be asked for by itself.
    const why = await admin(of(id, "/test"), { tool, arguments: args }).catch((error) => ({ error }));
    if (shown === id) $("outcome").replaceChildren(...answerText(answer), ...whyText(why));
  } catch (error) {
    if (shown === id) $("fault").textContent = error.message;
  } finally {
    $("send").disabled = false;
  }
}

$("entry").addEventListener("submit", (event) => {
  event.preventDefault();
  keepKey($("key").value);
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
addEventListener("hashchange", choose);
open();
