// Drives a running server with an official TypeScript client, over every transport, in every revision.
//
//     node client.mjs SDK PLAN [GROUP...]     SDK is sdk1 or sdk2; the plan says how to reach the server: run
//
// Prints one line per scenario: `client <TAB> transport <TAB> revision <TAB> scenario <TAB> ok|FAIL <TAB> detail`,
// and one with `-` and the reason for what this client cannot speak.
// Every scenario gets its own connection, so that one failure says nothing about the next.
// The same scenarios, in the same order, are in ../python/client.py and ../rust.

import assert from 'node:assert/strict';
import { codeOf, textOf, within } from './judging.mjs';

const SESSIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'];
const MODERN = '2026-07-28';
const LIMIT = 20_000; // milliseconds for one scenario, connecting included
const [module, plan, ...groups] = process.argv.slice(2);
const sdk = await import(`./${module}.mjs`);

/** What a person would be behind a client: answers questions, hears notifications. */
class Peer {
  answer = ({ params }) => {
    const answers = { username: 'testuser', email: 'test@example.com', name: 'Ada' };
    const wanted = Object.keys(params.requestedSchema.properties);
    return { action: 'accept', content: Object.fromEntries(wanted.map((key) => [key, answers[key]])) };
  };

  sample = () => ({
    role: 'assistant', model: 'none', stopReason: 'endTurn',
    content: { type: 'text', text: 'Paris, says the client' },
  });

  /** The next notification of this method; the caller bounds the wait. */
  next(client, method) {
    return new Promise((resolve) => sdk.hear(client, method, resolve));
  }
}

/** One scenario over one transport in one revision. */
class Case {
  constructor(way, transport, revision, name) {
    Object.assign(this, { transport, revision, modern: revision === MODERN, structured: revision >= '2025-06-18' });
    const label = `${sdk.NAME}/${transport}/${revision}/${name}`;
    const labelled = (part) => part.replace('LABEL', label);
    this.target = Array.isArray(way) ? way.map(labelled) : labelled(way);
  }

  open() {
    const Transport = sdk.TRANSPORTS[this.transport];
    if (this.transport !== 'stdio') return new Transport(new URL(this.target));
    const [command, ...args] = this.target;
    return new Transport({ command, args, stderr: 'inherit' });
  }

  /** `asking`: find out what the server speaks, instead of knowing it. */
  async connect(peer, asking = false) {
    const modern = asking ? 'auto' : { pin: MODERN };
    const client = sdk.create(this.modern ? modern : 'legacy');
    sdk.answer(client, 'elicitation/create', peer.answer);
    sdk.answer(client, 'sampling/createMessage', peer.sample);
    const transport = sdk.watched(this.open());
    await client.connect(transport, { timeout: LIMIT });
    assert.equal(sdk.revisionOf(client), this.revision);
    return { client, close: async () => { await transport.terminateSession?.(); await client.close(); } };
  }
}

const isPng = (base64) => Buffer.from(base64, 'base64').subarray(1, 4).toString() === 'PNG';
const SCENARIOS = {};

// --- what every server can do ------------------------------------------------------------------

SCENARIOS.basic = {
  async negotiate(c, peer, connection) {
    // A client that asks first silently takes a server that gets discovery wrong for one of sessions.
    const { client, close } = await connection.connect(peer, true);
    const offered = client.getServerCapabilities();
    assert.ok(offered.tools && offered.resources && offered.prompts, JSON.stringify(offered));
    assert.ok(client.getServerVersion().name);
    await close();
  },

  async list_tools(c) {
    const { tools } = await c.listTools();
    const names = tools.map((tool) => tool.name);
    for (const name of ['test_simple_text', 'add', 'structured']) assert.ok(names.includes(name), `${names}`);
    const { inputSchema } = tools.find((tool) => tool.name === 'add');
    assert.deepEqual(Object.keys(inputSchema.properties).sort(), ['a', 'b']);
    assert.deepEqual([...inputSchema.required].sort(), ['a', 'b']);
  },

  async call_tool(c) {
    assert.equal(textOf(await sdk.call(c, { name: 'test_simple_text' })), 'This is a simple text response for testing.');
  },

  async call_tool_with_arguments(c) {
    assert.equal(textOf(await sdk.call(c, { name: 'add', arguments: { a: 2, b: 3 } })), '5');
  },

  async tool_error(c) {
    const result = await sdk.call(c, { name: 'test_error_handling' });
    assert.equal(result.isError, true);
    assert.match(result.content[0].text, /intentionally returns an error/);
  },

  async unknown_tool(c) {
    assert.equal(await codeOf(sdk.call(c, { name: 'no_such_tool' })), -32602);
  },

  async structured_output(c, peer, connection) {
    const { tools } = await c.listTools(); // so that the client checks the result against the schema
    const { outputSchema } = tools.find((tool) => tool.name === 'structured');
    if (!connection.structured) { // where it does not exist, the text has it
      const result = await sdk.call(c, { name: 'structured', arguments: {} });
      assert.ok(outputSchema === undefined && result.structuredContent === undefined);
      assert.equal(typeof JSON.parse(textOf(result)).city, 'string');
      return;
    }
    assert.deepEqual(Object.keys(outputSchema.properties).sort(), ['city', 'temperature']);
    const result = await sdk.call(c, { name: 'structured', arguments: {} });
    assert.equal(typeof result.structuredContent.city, 'string');
    assert.equal(typeof result.structuredContent.temperature, 'number');
    assert.deepEqual(JSON.parse(textOf(result)), result.structuredContent, 'the text repeats the value');
  },

  async image(c) {
    const { content } = await sdk.call(c, { name: 'test_image_content' });
    assert.equal(content[0].type, 'image');
    assert.equal(content[0].mimeType, 'image/png');
    assert.ok(isPng(content[0].data));
  },

  async list_resources(c) {
    const uris = (await c.listResources()).resources.map((resource) => resource.uri);
    for (const uri of ['test://static-text', 'test://static-binary']) assert.ok(uris.includes(uri), `${uris}`);
  },

  async read_text_resource(c) {
    const { contents } = await c.readResource({ uri: 'test://static-text' });
    assert.equal(contents[0].uri, 'test://static-text');
    assert.equal(contents[0].mimeType, 'text/plain');
    assert.equal(contents[0].text, 'This is the content of the static text resource.');
  },

  async read_binary_resource(c) {
    const { contents } = await c.readResource({ uri: 'test://static-binary' });
    assert.equal(contents[0].mimeType, 'image/png');
    assert.ok(isPng(contents[0].blob));
  },

  async unknown_resource(c) {
    const uri = 'test://no-such-resource';
    const error = await c.readResource({ uri }).catch((refusal) => refusal);
    assert.ok(sdk.isUnknownResource(error, uri), `${error.name} ${error.code}`);
  },

  async resource_template(c) {
    const { resourceTemplates } = await c.listResourceTemplates();
    assert.ok(resourceTemplates.some((template) => template.uriTemplate === 'test://template/{id}/data'));
    const { contents } = await c.readResource({ uri: 'test://template/123/data' });
    assert.equal(contents[0].uri, 'test://template/123/data');
    assert.equal(JSON.parse(contents[0].text).id, '123');
  },

  async list_prompts(c) {
    const { prompts } = await c.listPrompts();
    const prompt = prompts.find(({ name }) => name === 'test_prompt_with_arguments');
    assert.deepEqual(prompt.arguments.map(({ name, required }) => [name, required]), [['arg1', true], ['arg2', true]]);
  },

  async get_prompt(c) {
    const { messages } = await c.getPrompt({
      name: 'test_prompt_with_arguments', arguments: { arg1: 'one', arg2: 'two' },
    });
    assert.equal(messages.length, 1);
    assert.equal(messages[0].role, 'user');
    assert.equal(messages[0].content.text, "Prompt with arguments: arg1='one', arg2='two'");
  },

  async complete(c) {
    const ref = { type: 'ref/prompt', name: 'test_prompt_with_arguments' };
    const { completion } = await c.complete({ ref, argument: { name: 'arg1', value: 'teste' } });
    assert.deepEqual(completion.values, ['tested']);
  },
};

// --- what a server grows into: each group is switched on by name -------------------------------

SCENARIOS.progress = {
  async progress(c) {
    const seen = [];
    await sdk.call(c, { name: 'test_tool_with_progress' }, { onprogress: (p) => seen.push([p.progress, p.total]) });
    assert.deepEqual(seen, [[0, 100], [50, 100], [100, 100]]);
  },
};

SCENARIOS.logging = {
  async logging(c, peer, connection) {
    const logs = [];
    const arrived = new Promise((resolve) => sdk.hear(c, 'notifications/message', ({ params }) => {
      if (logs.push(params.data) === 3) resolve(); // they may be handed on after the answer
    }));
    if (connection.modern) { // each request says which logs it wants
      await sdk.call(c, { name: 'test_logging_tool', _meta: { 'io.modelcontextprotocol/logLevel': 'debug' } });
    } else {
      await c.setLoggingLevel('debug');
      await sdk.call(c, { name: 'test_tool_with_logging' });
    }
    await arrived;
    assert.deepEqual(logs, ['Tool execution started', 'Tool processing data', 'Tool execution completed']);
  },
};

SCENARIOS.elicitation = {
  async elicitation(c, peer, connection) {
    if (connection.revision < '2025-06-18') { // nobody may be asked, and the tool says so
      const result = await sdk.call(c, { name: 'test_elicitation', arguments: { message: 'Who are you?' } });
      assert.equal(result.isError, true);
    } else if (!connection.modern) { // a request of the server, on the stream of the call
      const text = textOf(await sdk.call(c, { name: 'test_elicitation', arguments: { message: 'Who are you?' } }));
      assert.match(text, /testuser/);
      assert.match(text, /test@example\.com/);
    } else { // an input_required result, which the client answers by calling again
      assert.equal(textOf(await sdk.call(c, { name: 'test_input_required_result_elicitation' })), 'Hello, Ada!');
    }
  },
};

SCENARIOS.sampling = {
  async sampling(c, peer, connection) {
    const call = !connection.modern
      ? { name: 'test_sampling', arguments: { prompt: 'The capital of France?' } }
      : { name: 'test_input_required_result_sampling' };
    assert.match(textOf(await sdk.call(c, call)), /Paris, says the client/);
  },
};

/** Calls `tool` until `arrival` resolves. In a session the client opens its notification stream
 *  on its own and does not say when it is open, so the first call may be too early. */
async function triggered(c, tool, arrival) {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await sdk.call(c, { name: tool });
    const seen = await within(1000, arrival).catch(() => null);
    if (seen) return seen;
  }
  throw new Error(`${tool} was called 5 times and no notification arrived`);
}

SCENARIOS.subscriptions = {
  async list_changed(c, peer, connection) {
    const arrival = peer.next(c, 'notifications/tools/list_changed');
    if (connection.modern) {
      const stream = await c.listen({ toolsListChanged: true });
      assert.equal(stream.honoredFilter.toolsListChanged, true);
      await sdk.call(c, { name: 'test_trigger_tool_change' });
      await arrival;
      await stream.close();
    } else {
      await triggered(c, 'test_trigger_tool_change', arrival);
    }
  },

  async resource_updated(c, peer, connection) {
    const uri = 'test://watched-resource';
    const arrival = peer.next(c, 'notifications/resources/updated');
    if (connection.modern) {
      const stream = await c.listen({ resourceSubscriptions: [uri] });
      await sdk.call(c, { name: 'test_trigger_resource_update' });
      assert.equal((await arrival).params.uri, uri);
      await stream.close();
    } else {
      await c.subscribeResource({ uri });
      assert.equal((await triggered(c, 'test_trigger_resource_update', arrival)).params.uri, uri);
      await c.unsubscribeResource({ uri });
    }
  },
};

SCENARIOS.cancellation = {
  async cancellation(c, peer, connection) {
    const key = `${sdk.NAME}-${connection.transport}-${connection.revision}`;
    const caller = new AbortController();
    const call = sdk.call(c, 
      { name: 'test_wait_for_cancellation', arguments: { key } },
      // The first progress says that the tool runs: then the caller loses interest.
      { signal: caller.signal, onprogress: () => caller.abort('no longer wanted') },
    );
    await assert.rejects(call);
    // A second tool waits (bounded) until the server has dropped the first, and says so. Of several
    // replicas one knows the first; a round-robin proxy soon comes to it.
    let outcome = 'unknown';
    for (let attempt = 0; attempt < 10 && outcome === 'unknown'; attempt += 1) {
      outcome = textOf(await sdk.call(c, { name: 'test_cancellation_outcome', arguments: { key } }));
    }
    assert.equal(outcome, 'cancelled');
  },
};

SCENARIOS.reconnection = {
  async reconnection(c) {
    // In a session over HTTP the server ends the stream of this call, and from 2025-11-25 on the client
    // comes back for the answer. Elsewhere there is nothing to come back to, and the stream stays.
    assert.equal(textOf(await sdk.call(c, { name: 'test_reconnection' })), 'You have come back.');
  },
};

// --- the runner --------------------------------------------------------------------------------

async function run(way, transport, revision, name, scenario) {
  const peer = new Peer();
  const connection = new Case(way, transport, revision, name);
  const { client, close } = await connection.connect(peer);
  try {
    await scenario(client, peer, connection);
  } finally {
    await close();
  }
}

/** Why this client cannot speak this revision over this transport, if it cannot. */
const missing = (transport, revision) =>
  (transport === 'sse' && revision === MODERN ? 'HTTP+SSE knows sessions only' : sdk.MISSING[revision]);

const report = (...fields) => console.log([sdk.NAME, ...fields].join('\t'));
const chosen = Object.entries(SCENARIOS)
  .filter(([group]) => group === 'basic' || groups.includes(group))
  .flatMap(([, scenarios]) => Object.entries(scenarios));
for (const [transport, way] of Object.entries(JSON.parse(plan))) {
  for (const revision of [...SESSIONS, MODERN]) {
    const why = missing(transport, revision);
    if (why) report(transport, revision, '-', '-', why);
    for (const [name, scenario] of why ? [] : chosen) {
      const failure = await within(LIMIT, run(way, transport, revision, name, scenario))
        .then(() => null, (error) => error);
      const detail = failure ? `${failure.name}: ${failure.message}`.replace(/\s+/g, ' ') : '';
      report(transport, revision, name, failure ? 'FAIL' : 'ok', detail);
    }
  }
}
process.exit(0); // a failed scenario may have left a connection open
