// The calls of a server, as they happen.

import { admin, of } from "./api.js";
import { traceText } from "./answers.js";
import { $, json, make, say } from "./dom.js";
import { follow } from "./events.js";

const SHOWN = 100; // rows, and what waits to become one; the platform keeps more

const STATES = {
  live: "Live", broken: "Interrupted, trying again", away: "Not followed while hidden", paused: "Paused", ended: "Ended", none: "",
};

let stop = () => {};
/** Rows that are not shown yet, oldest first. */
let waiting = [];
let isPaused = false;
let state = "none";

/** Shows the calls of a server, and goes on until another one is shown. `fail` is told what ends it. */
export async function showCalls(id, fail) {
  hideCalls();
  let gone = false;
  stop = () => (gone = true);
  try {
    const { calls, last_event_id: after } = await admin(of(id, "/calls"));
    if (gone) return;
    calls.slice(-SHOWN).forEach((call) => add(callText(call)));
    stop = follow(of(id, "/calls"), { after, heard, state: tell, ended: end(fail) });
  } catch (error) {
    if (!gone) end(fail)(error);
  }
}

/** Forgets what is shown. */
export function hideCalls() {
  stop();
  stop = () => {};
  waiting = [];
  isPaused = false;
  $("log").replaceChildren();
  $("no-calls").hidden = false;
  tell("none");
}

const end = (fail) => (error) => {
  tell("ended");
  fail(error);
};

function heard({ event, data }) {
  add(event === "lost" ? lostText(JSON.parse(data)) : callText(JSON.parse(data)));
}

/** Many rows that come at once are shown at once, and a page that nobody looks at shows none. */
function add(row) {
  waiting.push(row);
  if (waiting.length > SHOWN) waiting.shift();
  if (isPaused) tellPause();
  else if (waiting.length === 1) requestAnimationFrame(flush);
}

function flush() {
  if (isPaused || waiting.length === 0) return;
  $("log").prepend(...waiting.reverse());
  waiting = [];
  while ($("log").children.length > SHOWN) $("log").lastChild.remove();
  $("no-calls").hidden = true;
}

function tell(now) {
  state = now;
  tellPause();
}

function tellPause() {
  const shown = isPaused && state === "live" ? "paused" : state;
  $("connection").dataset.state = shown;
  say("connection", STATES[shown]);
  // A button is not read out when its text changes.
  const count = waiting.length < SHOWN ? waiting.length : `${SHOWN} or more`;
  $("pause").textContent = isPaused ? `Resume (${count} new)` : "Pause";
}

function lostText({ calls }) {
  const text = calls === null
    ? "Interrupted here. The platform began anew, and older calls are not known."
    : `${calls} ${calls === 1 ? "call is" : "calls are"} missing here: they came too fast, or were forgotten.`;
  return make("li", { className: "lost" }, text);
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

$("pause").addEventListener("click", () => {
  isPaused = !isPaused;
  flush();
  tellPause();
});
