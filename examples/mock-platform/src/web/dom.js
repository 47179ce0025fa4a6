// Elements. What comes from a design is shown as text, and never as markup.

export const $ = (id) => document.getElementById(id);

/** An element with properties and children; strings become text. */
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [property, value] of Object.entries(properties)) {
    if (property.includes("-")) element.setAttribute(property, value);
    else element[property] = value;
  }
  element.append(...children);
  return element;
}

export const json = (value) => JSON.stringify(value);
export const pretty = (value) => make("pre", {}, JSON.stringify(value, null, 2));

/** Says something in an element that is read out, once: the same again would be read out again. */
export function say(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}
