// Makes transcripts of what the recorder of tests/interop has written down.
//
//     node normalise.mjs RECORDS INTO CELL...     a cell is CLIENT-REVISION-TRANSPORT
//
// What a server makes up anew each time gets a name, such as `{{session-1}}`, wherever it is said;
// README.md has the form of the lines.

import fs from 'node:fs';
import path from 'node:path';

const [records, into, ...cells] = process.argv.slice(2);

// Those whose exchange differs from all others; `image` is not here because it is long.
const SCENARIOS = ['negotiate', 'list_tools', 'call_tool_with_arguments', 'tool_error', 'unknown_tool',
  'structured_output', 'read_text_resource', 'unknown_resource', 'resource_template', 'list_prompts', 'get_prompt',
  'complete', 'progress', 'logging', 'elicitation', 'sampling', 'list_changed', 'resource_updated', 'cancellation',
  'reconnection'];
const LONG = 1000; // characters; a longer result is spelled out once per transcript
const SOMETIMES = 'test_extra_tool'; // an earlier scenario may have left it in the list

/** Every value in a tree, replaced by what `change` makes of it, leaves first. */
function map(value, change) {
  if (Array.isArray(value)) return change(value.map((item) => map(item, change)));
  if (value === null || typeof value !== 'object') return change(value);
  return change(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, map(item, change)])));
}

/** The names of what this server has made up in one scenario, by value. */
function names(events) {
  const found = new Map();
  const counts = {};
  const name = (kind, value) => {
    if (typeof value !== 'string' || found.has(value)) return;
    counts[kind] = (counts[kind] ?? 0) + 1;
    found.set(value, `{{${kind}-${counts[kind]}}}`);
  };
  for (const { head, endpoint, event, body, receive } of events) {
    name('session', head?.headers['mcp-session-id']);
    name('endpoint', endpoint);
    name('event', event?.id);
    for (const message of [event?.data, body, receive].filter((it) => it && typeof it === 'object')) {
      if (message.method) name('question', message.id);
      name('state', message.result?.requestState);
      const about = message.result?.serverInfo ?? message.result?._meta?.['io.modelcontextprotocol/serverInfo'];
      name('version', about?.version);
    }
  }
  return found;
}

function normalised(events, seen) {
  const found = names(events);
  const resumed = new Set(events.map(({ request }) => request?.headers['last-event-id']));
  // A client that closes at once may end its session before it has opened its stream: sometimes.
  const late = new Set(events.filter(({ head }) => head?.status === 404).map(({ stream }) => stream));
  const raced = new Set(
    events.filter(({ stream, request }) => request?.method === 'GET' && late.has(stream)).map(({ stream }) => stream),
  );
  const out = [];
  for (const line of events.filter(({ stream }) => !raced.has(stream))) {
    const { event } = line;
    if (event && event.data === '' && !resumed.has(event.id)) continue; // when it comes depends on time
    if (event && !resumed.has(event.id)) delete event.id;
    const answer = [event?.data, line.body, line.receive].find((it) => it?.result);
    if (answer) {
      if (answer.result.tools) answer.result.tools = answer.result.tools.filter(({ name }) => name !== SOMETIMES);
      const text = JSON.stringify(answer.result);
      if (text.length > LONG && seen.has(text)) answer.result = '{{seen}}';
      seen.add(text);
    }
    out.push(map(line, (value) => (typeof value === 'string' && found.get(value)) || value));
  }
  return out;
}

for (const cell of cells) {
  const [, client, revision, transport] = cell.match(/^(.+)-(\d{4}-\d\d-\d\d)-(\w+)$/);
  const seen = new Set();
  const lines = SCENARIOS.flatMap((scenario) => {
    const file = path.join(records, client, transport, revision, `${scenario}.jsonl`);
    const events = fs.readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
    return [{ scenario }, ...normalised(events, seen)];
  });
  fs.writeFileSync(path.join(into, `${cell}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
