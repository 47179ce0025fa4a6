// Stands between a client and the server, and writes down what each says to the other.
//
//     node recorder.mjs http DIR UPSTREAM [SSE_UPSTREAM]       prints `listening on http://…`
//     node recorder.mjs stdio DIR LABEL COMMAND [ARGUMENT...]  in the place of the server's command
//
// A label is client/transport/revision/scenario. Over HTTP it is the path of the URL that the client is
// given; the rest of the record is in DIR/LABEL.jsonl, one line per event, as docs in README.md say.
//
// The recorder changes two things. In `initialize` it asks for the label's revision, since few clients
// let themselves be told; what follows is the client's own. And the URL for messages that a server of
// HTTP+SSE announces is made to lead back here.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import readline from 'node:readline';

const NEWEST_SESSION = '2025-11-25'; // every client asks for this one, or a newer one, by itself
const REQUEST_HEADERS = ['accept', 'content-type', 'last-event-id'];
const RESPONSE_HEADERS = ['allow', 'content-type', 'mcp-session-id'];
const [mode, directory, ...rest] = process.argv.slice(2);

/** Appends to the record of one label; streams are numbered in the order of their requests. */
class Record {
  constructor(label) {
    this.file = path.join(directory, `${label}.jsonl`);
    this.revision = label.split('/')[2];
    this.streams = 0;
    fs.mkdirSync(path.dirname(this.file), { recursive: true });
  }

  /** Written at once: a client may end this process whenever it likes. */
  write(event) {
    fs.appendFileSync(this.file, `${JSON.stringify(event)}\n`);
  }

  /** The message as the server shall see it. */
  asked(message) {
    if (message.method !== 'initialize' || this.revision >= NEWEST_SESSION) return message;
    return { ...message, params: { ...message.params, protocolVersion: this.revision } };
  }
}

const parsed = (text) => {
  try { return JSON.parse(text); } catch { return text; }
};

const picked = (headers, names) => Object.fromEntries(
  Object.entries(headers).filter(([name]) => names.includes(name) || name.startsWith('mcp-')),
);

// --- stdio -------------------------------------------------------------------------------------

function stdio([label, command, ...args]) {
  const record = new Record(label);
  const stream = fs.existsSync(record.file)
    ? fs.readFileSync(record.file, 'utf8').split('\n').filter((line) => line.includes('"spawn":')).length : 0;
  record.write({ stream, spawn: null });
  const server = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  readline.createInterface({ input: process.stdin }).on('line', (line) => {
    const message = record.asked(parsed(line));
    record.write({ stream, send: message });
    server.stdin.write(`${JSON.stringify(message)}\n`);
  }).on('close', () => {
    record.write({ stream, end: 'client' });
    server.stdin.end();
  });
  readline.createInterface({ input: server.stdout }).on('line', (line) => {
    record.write({ stream, receive: parsed(line) });
    process.stdout.write(`${line}\n`);
  });
  server.stdin.on('error', () => {}); // the server has ended: its exit says so
  server.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
  process.on('SIGTERM', () => server.kill('SIGTERM'));
}

// --- HTTP --------------------------------------------------------------------------------------

const records = new Map();
const recordOf = (label) => {
  if (!records.has(label)) records.set(label, new Record(label));
  return records.get(label);
};

/** Where a request goes, by its path: /CLIENT/TRANSPORT/REVISION/SCENARIO[/@/PATH]. */
function route(url) {
  const [, labelled, beyond] = url.match(/^\/((?:[^/]+\/){3}[^/@?]+)(?:\/@(\/.*))?$/) ?? [];
  if (!labelled) return null;
  const upstream = new URL(labelled.split('/')[1] === 'sse' ? rest[1] : rest[0]);
  return { label: labelled, target: beyond ? new URL(beyond, upstream) : upstream, announced: beyond };
}

/** Cuts what the server streams into events, and hands each on as it is complete. */
class Events {
  constructor(label, report) {
    Object.assign(this, { label, report, text: '' });
  }

  /** The bytes to pass on. Keep-alive comments are passed on and not recorded. */
  push(chunk) {
    this.text += chunk.toString('utf8');
    let out = '';
    for (let end; (end = this.text.search(/\r?\n\r?\n/)) >= 0;) {
      const block = this.text.slice(0, end);
      this.text = this.text.slice(end).replace(/^\r?\n\r?\n/, '');
      out += `${this.event(block)}\n\n`;
    }
    return out;
  }

  event(block) {
    const fields = block.split(/\r?\n/).map((line) => line.match(/^([^:]*):? ?(.*)$/s).slice(1));
    const value = (name) => fields.filter(([key]) => key === name).map(([, text]) => text).join('\n');
    const kind = value('event');
    if (!fields.some(([key]) => key)) return block;
    if (kind === 'endpoint') {
      const announced = value('data');
      const { pathname, search } = new URL(announced, rest[1]);
      this.report({ endpoint: `${pathname}${search}` });
      return `event: endpoint\ndata: /${this.label}/@${pathname}${search}`;
    }
    const event = { data: parsed(value('data')) };
    if (value('id')) event.id = value('id');
    this.report({ event });
    return block;
  }
}

function forward(request, response, body) {
  const to = route(request.url);
  if (!to) return response.writeHead(404).end('no label in the path');
  const record = recordOf(to.label);
  record.streams += 1;
  const stream = record.streams;
  const message = body.length ? parsed(body.toString('utf8')) : undefined;
  const asked = message && typeof message === 'object' ? record.asked(message) : message;
  // What was not changed goes on byte by byte.
  const bytes = asked === message ? body : Buffer.from(JSON.stringify(asked));
  record.write({ stream, request: {
    method: request.method, headers: picked(request.headers, REQUEST_HEADERS), body: asked,
    ...(to.announced && { path: to.announced }),
  } });

  const headers = { ...request.headers, host: to.target.host };
  delete headers['transfer-encoding'];
  if (bytes.length) headers['content-length'] = bytes.length;
  const upstream = http.request(to.target, { method: request.method, headers, agent: false });
  let over = false;
  const end = (who) => {
    if (!over) record.write({ stream, end: who });
    over = true;
  };
  upstream.on('response', (answer) => relay(answer, response, stream, record, to.label, end));
  upstream.on('error', () => { end('server'); response.destroy(); });
  response.on('close', () => { end('client'); upstream.destroy(); });
  upstream.end(bytes);
}

function relay(answer, response, stream, record, label, end) {
  const headers = picked(answer.headers, RESPONSE_HEADERS);
  record.write({ stream, head: { status: answer.statusCode, headers } });
  response.writeHead(answer.statusCode, answer.headers);
  response.flushHeaders();
  const streaming = (answer.headers['content-type'] ?? '').startsWith('text/event-stream');
  const events = streaming && new Events(label, (what) => record.write({ stream, ...what }));
  const whole = [];
  answer.on('data', (chunk) => {
    if (!streaming) whole.push(chunk);
    response.write(streaming ? events.push(chunk) : chunk);
  });
  answer.on('end', () => {
    if (whole.length) record.write({ stream, body: parsed(Buffer.concat(whole).toString('utf8')) });
    end('server');
    response.end();
  });
  answer.on('error', () => response.destroy());
}

function serve() {
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => forward(request, response, Buffer.concat(chunks)));
  });
  server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
  process.on('SIGTERM', () => process.exit(0));
}

if (mode === 'stdio') stdio(rest);
else serve();
