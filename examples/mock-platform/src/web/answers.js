// Answers of tools, and why they were given.

import { nameOf } from "./design.js";
import { json, make, pretty } from "./dom.js";

/** An answer to a call. */
export function answerText({ status, message }) {
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

/** What a trial says of the reasons. */
export function whyText({ trace, error }) {
  const inside = error ? make("p", { className: "fault" }, error.message) : traceText(trace);
  return [make("h3", {}, "Why"), inside];
}

/** Which scenarios were looked at, and why each did not answer. */
export function traceText({ scenarios, answered, problem }) {
  const looks = scenarios.map((look) => {
    const verdict = { fits: "answers", disabled: "is off" }[look.verdict] ?? "does not fit";
    const className = look.verdict === "fits" ? "fits" : "";
    const reasons = (look.why ?? []).map(missText).map((text) => make("li", {}, make("code", {}, text)));
    return make("li", {}, make("span", { className }, `${nameOf(look, look.index)} ${verdict}`), make("ul", {}, ...reasons));
  });
  if (answered.kind === "default") looks.push(make("li", { className: "fits" }, "the default answers"));
  if (answered.kind === "nothing") looks.push(make("li", { className: "failed" }, "nothing answers"));
  if (problem) looks.push(make("li", { className: "failed" }, `the answer is not what its schema allows: ${problem}`));
  return make("ol", { className: "trace" }, ...looks);
}

function missText({ field: path, operator, expected, actual, holds }) {
  const was = actual === undefined ? "it is missing" : `it is ${json(actual)}`;
  return `${path || "the arguments"} ${holds ? "must not be" : "must be"}: ${operator} ${json(expected)}; ${was}`;
}
