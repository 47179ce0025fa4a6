// Drives a running server with the official TypeScript client, once per era.
//
//     node client.mjs URL [GROUP...]      e.g. node client.mjs http://127.0.0.1:8000/mcp progress
//
// Prints one line per scenario: `typescript <TAB> era <TAB> scenario <TAB> ok|FAIL <TAB> detail`.
// Every scenario gets its own connection, so that one failure says nothing about the next.
// The same scenarios, in the same order, are in ../python/client.py.

import assert from 'node:assert/strict';
import { Client, ResourceNotFoundError, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const ERAS = { legacy: '2025-11-25', modern: '2026-07-28' };
const LIMIT = 20_000; // milliseconds for one scenario, connecting included
const [url, ...groups] = process.argv.slice(2);

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
    return new Promise((resolve) => client.setNotificationHandler(method, resolve));
  }
}

/** `mode` forces the era: 'legacy' = initialize, {pin} = that revision or an error, 'auto' = discover. */
async function connect(mode, peer) {
  const client = new Client(
    { name: 'interop-typescript', version: '1' },
    { capabilities: { elicitation: {}, sampling: {} }, versionNegotiation: { mode } },
  );
  client.setRequestHandler('elicitation/create', peer.answer);
  client.setRequestHandler('sampling/createMessage', peer.sample);
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await client.connect(transport, { timeout: LIMIT });
  return { client, close: async () => { await transport.terminateSession(); await client.close(); } };
}

function textOf(result) {
  assert.ok(!result.isError, `isError: ${JSON.stringify(result.content)}`);
  assert.equal(result.content.length, 1);
  return result.content[0].text;
}

/** The JSON-RPC error code with which the server refused. */
const codeOf = (promise) =>
  promise.then((result) => assert.fail(`no error but ${JSON.stringify(result)}`), (error) => error.code);

const isPng = (base64) => Buffer.from(base64, 'base64').subarray(1, 4).toString() === 'PNG';
const SCENARIOS = {};

// --- what every server can do ------------------------------------------------------------------

SCENARIOS.basic = {
  async negotiate(c, peer, era) {
    // 'auto' asks first, and silently takes a server that gets discovery wrong for a legacy one.
    const { client, close } = await connect(era === 'legacy' ? 'legacy' : 'auto', peer);
    assert.equal(client.getNegotiatedProtocolVersion(), ERAS[era]);
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
    assert.equal(textOf(await c.callTool({ name: 'test_simple_text' })), 'This is a simple text response for testing.');
  },

  async call_tool_with_arguments(c) {
    assert.equal(textOf(await c.callTool({ name: 'add', arguments: { a: 2, b: 3 } })), '5');
  },

  async tool_error(c) {
    const result = await c.callTool({ name: 'test_error_handling' });
    assert.equal(result.isError, true);
    assert.match(result.content[0].text, /intentionally returns an error/);
  },

  async unknown_tool(c) {
    assert.equal(await codeOf(c.callTool({ name: 'no_such_tool' })), -32602);
  },

  async structured_output(c) {
    const { tools } = await c.listTools(); // so that the client checks the result against the schema
    const { outputSchema } = tools.find((tool) => tool.name === 'structured');
    assert.deepEqual(Object.keys(outputSchema.properties).sort(), ['city', 'temperature']);
    const result = await c.callTool({ name: 'structured', arguments: {} });
    assert.equal(typeof result.structuredContent.city, 'string');
    assert.equal(typeof result.structuredContent.temperature, 'number');
    assert.deepEqual(JSON.parse(textOf(result)), result.structuredContent, 'the text repeats the value');
  },

  async image(c) {
    const { content } = await c.callTool({ name: 'test_image_content' });
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
    // This client folds the codes of both eras into one class, given that `data.uri` is there.
    const uri = 'test://no-such-resource';
    const error = await c.readResource({ uri }).catch((refusal) => refusal);
    assert.ok(error instanceof ResourceNotFoundError, `${error.name} ${error.code}`);
    assert.equal(error.uri, uri);
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
};

// --- what a server grows into: each group is switched on by name -------------------------------

SCENARIOS.progress = {
  async progress(c) {
    const seen = [];
    await c.callTool({ name: 'test_tool_with_progress' }, { onprogress: (p) => seen.push([p.progress, p.total]) });
    assert.deepEqual(seen, [[0, 100], [50, 100], [100, 100]]);
  },
};

SCENARIOS.elicitation = {
  async elicitation(c, peer, era) {
    if (era === 'legacy') { // a request of the server, on the stream of the call
      const text = textOf(await c.callTool({ name: 'test_elicitation', arguments: { message: 'Who are you?' } }));
      assert.match(text, /testuser/);
      assert.match(text, /test@example\.com/);
    } else { // an input_required result, which the client answers by calling again
      assert.equal(textOf(await c.callTool({ name: 'test_input_required_result_elicitation' })), 'Hello, Ada!');
    }
  },
};

SCENARIOS.sampling = {
  async sampling(c, peer, era) {
    const call = era === 'legacy'
      ? { name: 'test_sampling', arguments: { prompt: 'The capital of France?' } }
      : { name: 'test_input_required_result_sampling' };
    assert.match(textOf(await c.callTool(call)), /Paris, says the client/);
  },
};

/** Calls `tool` until `arrival` resolves. In a session the client opens its notification stream
 *  on its own and does not say when it is open, so the first call may be too early. */
async function triggered(c, tool, arrival) {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await c.callTool({ name: tool });
    const seen = await within(1000, arrival).catch(() => null);
    if (seen) return seen;
  }
  throw new Error(`${tool} was called 5 times and no notification arrived`);
}

SCENARIOS.subscriptions = {
  async list_changed(c, peer, era) {
    const arrival = peer.next(c, 'notifications/tools/list_changed');
    if (era === 'modern') {
      const stream = await c.listen({ toolsListChanged: true });
      assert.equal(stream.honoredFilter.toolsListChanged, true);
      await c.callTool({ name: 'test_trigger_tool_change' });
      await arrival;
      await stream.close();
    } else {
      await triggered(c, 'test_trigger_tool_change', arrival);
    }
  },

  async resource_updated(c, peer, era) {
    const uri = 'test://watched-resource';
    const arrival = peer.next(c, 'notifications/resources/updated');
    if (era === 'modern') {
      const stream = await c.listen({ resourceSubscriptions: [uri] });
      await c.callTool({ name: 'test_trigger_resource_update' });
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
  async cancellation(c, peer, era) {
    const key = `typescript-${era}-${process.pid}`;
    const caller = new AbortController();
    const call = c.callTool(
      { name: 'test_wait_for_cancellation', arguments: { key } },
      // The first progress says that the tool runs: then the caller loses interest.
      { signal: caller.signal, onprogress: () => caller.abort('no longer wanted') },
    );
    await assert.rejects(call);
    // A second tool waits (bounded) until the server has dropped the first, and says so. Of several
    // replicas one knows the first; a round-robin proxy soon comes to it.
    let outcome = 'unknown';
    for (let attempt = 0; attempt < 10 && outcome === 'unknown'; attempt += 1) {
      outcome = textOf(await c.callTool({ name: 'test_cancellation_outcome', arguments: { key } }));
    }
    assert.equal(outcome, 'cancelled');
  },
};

SCENARIOS.reconnection = {
  async reconnection(c) {
    // In a session the server ends the stream of this call, and the client has to come back for the
    // answer. Without sessions there is nothing to come back to, and the stream stays.
    assert.equal(textOf(await c.callTool({ name: 'test_reconnection' })), 'You have come back.');
  },
};

// --- the runner --------------------------------------------------------------------------------

/** `promise`, or a rejection after `ms`. */
function within(ms, promise) {
  let timer;
  const limit = new Promise((_, reject) => { timer = setTimeout(reject, ms, new Error(`nothing within ${ms} ms`)); });
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
}

async function run(era, scenario) {
  const peer = new Peer();
  const { client, close } = await connect(era === 'legacy' ? 'legacy' : { pin: ERAS[era] }, peer);
  try {
    assert.equal(client.getNegotiatedProtocolVersion(), ERAS[era]);
    await scenario(client, peer, era);
  } finally {
    await close();
  }
}

for (const era of Object.keys(ERAS)) {
  for (const [group, scenarios] of Object.entries(SCENARIOS)) {
    if (group !== 'basic' && !groups.includes(group)) continue;
    for (const [name, scenario] of Object.entries(scenarios)) {
      const failure = await within(LIMIT, run(era, scenario)).then(() => null, (error) => error);
      const detail = failure ? `${failure.name}: ${failure.message}`.replace(/\s+/g, ' ') : '';
      console.log(['typescript', era, name, failure ? 'FAIL' : 'ok', detail].join('\t'));
    }
  }
}
process.exit(0); // a failed scenario may have left a connection open
