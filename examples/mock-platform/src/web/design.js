// A design in words.

import { json, make } from "./dom.js";

export const nameOf = ({ name }, index) => name ?? `scenario ${index + 1}`;

/** A tool and its scenarios. */
export function toolText(tool) {
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

/** The condition of a scenario. */
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
