// Who may call a server: what its clients have to show, and new credentials.

import { ALONE, address, admin, of } from "./api.js";
import { $, make } from "./dom.js";

const RULES = {
  none: "anybody may call",
  bearer: "a token is needed",
  basic: "a name and a password are needed",
  oauth2: "OAuth 2, with client credentials",
};
const LABELS = {
  token: "Token", username: "Name", password: "Password",
  client_id: "Client id", client_secret: "Client secret", token_url: "Where clients get tokens",
};

let id = null;
let kind = "none";
/** The token that the client credentials were last worth. */
let granted = null;

/** Shows what the access rules of a design are. */
export function showAccess(design) {
  id = design.id;
  $("made").hidden = true;
  $("made-values").replaceChildren();
  $("access-fault").textContent = "";
  for (const input of inputs()) input.value = "";
  $("credentials").open = false;
  setKind(design.auth?.type ?? "none");
}

const inputs = () => $("access").querySelectorAll("input");

function setKind(now) {
  kind = now;
  granted = null;
  $("rule").textContent = RULES[kind];
  $("access").hidden = kind === "none";
  for (const part of $("access").querySelectorAll("[data-kind]")) part.hidden = part.dataset.kind !== kind;
  $("kind").value = kind === "none" ? "bearer" : kind;
}

/** What a call has to show; nothing, where nothing is needed or filled in. */
export async function authorization() {
  if (kind === "bearer" && $("token").value) return `Bearer ${$("token").value.trim()}`;
  if (kind === "basic" && $("username").value) return basic($("username").value, $("password").value);
  if (kind === "oauth2" && $("client_id").value) return `Bearer ${await token()}`;
  return undefined;
}

function basic(name, secret) {
  const bytes = new TextEncoder().encode(`${name}:${secret}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** What client credentials are worth, as long as they and it last. */
async function token() {
  const shown = [$("client_id").value, $("client_secret").value];
  const same = granted?.id === id && granted.shown.every((value, index) => value === shown[index]);
  if (same && Date.now() < granted.until) return granted.token;
  // The form of RFC 6749, 2.3.1: both parts are encoded before they are put together.
  const authorization = basic(...shown.map(encodeURIComponent));
  const response = await fetch(address(id, "oauth/token"), {
    ...ALONE,
    method: "POST",
    headers: { Authorization: authorization },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const answer = await response.json().catch(() => null);
  if (!answer?.access_token) {
    const reason = answer?.error_description ?? answer?.error?.message ?? answer?.error;
    throw new Error(`No token: ${reason ?? `the platform answered ${response.status}.`}`);
  }
  // A little earlier than it ends.
  const until = Date.now() + ((answer.expires_in ?? 0) - 10) * 1000;
  granted = { id, shown, token: answer.access_token, until };
  return granted.token;
}

/** Makes new credentials, shows them this once, and fills them in. */
async function renew() {
  const server = id;
  $("access-fault").textContent = "";
  $("renew").disabled = true;
  try {
    const made = await admin(of(server, "/credentials"), { type: $("kind").value });
    if (id !== server) return;
    setKind(made.type);
    const values = Object.entries(LABELS).filter(([name]) => name in made);
    $("made-values").replaceChildren(...values.flatMap(([name, label]) => [
      make("dt", {}, label), make("dd", {}, make("code", { id: `made-${name}` }, made[name])),
    ]));
    for (const input of inputs()) input.value = made[input.id] ?? "";
    $("made").hidden = false;
    $("made-title").focus();
  } catch (error) {
    if (id === server) $("access-fault").textContent = error.message;
  } finally {
    $("renew").disabled = false;
  }
}

$("renew").addEventListener("click", () => {
  $("sure-text").textContent = kind === "none"
    ? "Anybody may call this server now. From then on only whoever has them may."
    : "Those that there are will not be taken any more.";
  $("sure").showModal();
});
$("sure-no").addEventListener("click", () => $("sure").close());
$("sure-yes").addEventListener("click", () => {
  $("sure").close();
  renew();
});
$("seen").addEventListener("click", () => {
  $("made-values").replaceChildren();
  $("made").hidden = true;
  $("renew").focus();
});
