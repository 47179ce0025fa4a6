// Events of the platform, over connections that may break. `EventSource` could not send the key.

import { Refused, ask } from "./api.js";

const FIRST = 500; // milliseconds before the first attempt to come back; then twice as many, and so on
const LONGEST = 15_000;
const SILENCE = 45_000; // milliseconds; the platform says something every 15 seconds
const MOST = 1_048_576; // characters of one event

/**
 * Follows the events at a path until the answer is called, as long as the page is to be seen: a browser
 * has six connections to a host, which hidden tabs would keep from the others.
 *
 * `after` is the id of the last event that is known. `heard` is given each event, `state` whether it
 * is `live`, `broken` or, while the page is hidden, `away`, and `ended` why nothing will come any more.
 */
export function follow(path, { after, heard, state, ended }) {
  const stop = new AbortController();
  run(path, after, stop.signal, heard, state).catch((error) => {
    if (!stop.signal.aborted) ended(error);
  });
  return () => stop.abort();
}

async function run(path, after, stopped, heard, state) {
  let last = after;
  let wait = FIRST;
  for (;;) {
    if (document.hidden) {
      state("away");
      await shown(stopped);
      wait = FIRST;
    }
    const away = new AbortController();
    const leave = () => document.hidden && away.abort();
    document.addEventListener("visibilitychange", leave);
    try {
      for await (const event of connection(path, last, AbortSignal.any([stopped, away.signal]))) {
        stopped.throwIfAborted();
        state("live");
        wait = FIRST;
        last = event.id ?? last;
        if (event.data !== undefined) heard(event);
      }
    } catch (error) {
      stopped.throwIfAborted();
      if (isFinal(error)) throw error;
    } finally {
      document.removeEventListener("visibilitychange", leave);
    }
    if (away.signal.aborted) continue;
    state("broken");
    await pause(wait * (0.5 + Math.random() / 2), stopped);
    wait = Math.min(wait * 2, LONGEST);
  }
}

/** Whether coming back is of no use: the key is wrong, or the server is gone. */
const isFinal = (error) => error instanceof Refused && error.status < 500;

/** The events of one connection. */
async function* connection(path, last, stopped) {
  const silent = new AbortController();
  const signal = AbortSignal.any([stopped, silent.signal]);
  const headers = { Accept: "text/event-stream" };
  if (last !== undefined) headers["Last-Event-ID"] = last;
  let timer = setTimeout(() => silent.abort(), SILENCE);
  try {
    const response = await ask(path, { headers, signal });
    const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let piece = await pieces.read(); !piece.done; piece = await pieces.read()) {
      clearTimeout(timer);
      timer = setTimeout(() => silent.abort(), SILENCE);
      text += piece.value;
      const blocks = text.split("\n\n");
      text = blocks.pop();
      yield* blocks.map(eventOf);
      if (text.length > MOST) throw new Error("An event is too long.");
    }
  } finally {
    clearTimeout(timer);
    silent.abort();
  }
}

/** Reads what the platform writes: each member once, on one line. */
function eventOf(block) {
  const event = {};
  for (const line of block.split("\n")) {
    const [, name, value] = line.match(/^(\w+): ?(.*)$/) ?? [];
    if (name) event[name] = value;
  }
  return event;
}

function pause(time, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, time);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}

function shown(signal) {
  return new Promise((resolve, reject) => {
    document.addEventListener("visibilitychange", resolve, { once: true, signal });
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
