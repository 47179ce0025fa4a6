// What the platform is asked, and the key that it wants.

import { json } from "./dom.js";

const KEY = "mock-platform-key";

export const hasKey = () => sessionStorage.getItem(KEY) !== null;
export const keepKey = (key) => sessionStorage.setItem(KEY, key);
export const forgetKey = () => sessionStorage.removeItem(KEY);

/** The platform says no; `status` says how. */
export class Refused extends Error {
  constructor(status, message) {
    super(message ?? `The platform answered ${status}.`);
    this.status = status;
  }
}

// The browser itself adds nothing, and asks nobody for a name and a password.
export const ALONE = { cache: "no-store", credentials: "omit" };

/** A response of the REST for administrators, if it is a good one. */
export async function ask(path, options = {}) {
  const headers = { ...options.headers, Authorization: `Bearer ${sessionStorage.getItem(KEY)}` };
  const response = await fetch(`api/admin/${path}`, { ...ALONE, ...options, headers });
  if (response.status === 401) throw new Refused(401, "This key is not the right one.");
  if (!response.ok) {
    const answer = await response.json().catch(() => null);
    throw new Refused(response.status, answer?.error?.message);
  }
  return response;
}

/** Reads something; with a body, does something. */
export async function admin(path, body) {
  if (body === undefined) return (await ask(path)).json();
  const headers = { "Content-Type": "application/json" };
  return (await ask(path, { method: "POST", headers, body: json(body) })).json();
}

export const of = (id, what = "") => `servers/${encodeURIComponent(id)}${what}`;

/** The address of something that belongs to the clients of a server. */
export const address = (id, what) => new URL(`api/platform/${encodeURIComponent(id)}/${what}`, location.href).href;

/** Calls a tool as any client would; comes to the status and the message that answers. */
export async function callTool(id, name, args, authorization) {
  const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
  if (authorization) headers.Authorization = authorization;
  const request = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } };
  const response = await fetch(address(id, "mcp"), { ...ALONE, method: "POST", headers, body: json(request) });
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
