// Drives servers of one mock platform with an official TypeScript client, several of them at once.
//
//     node mocks.mjs SDK PLATFORM KEY     SDK is sdk1 or sdk2 of ../interop/typescript; KEY is that of administrators
//
// Prints one line per scenario: `client <TAB> era <TAB> scenario <TAB> ok|FAIL <TAB> detail`.
// The same scenarios, in the same order, are in mocks.py.

import assert from 'node:assert/strict';
import { codeOf, textOf, within } from './judging.mjs';

const LIMIT = 20_000; // milliseconds for one scenario, connecting included
const MODERN = '2026-07-28';
const [module, platform, key] = process.argv.slice(2);
const sdk = await import(`./${module}.mjs`);
const ERAS = { sessions: '2025-11-25', ...(MODERN in sdk.MISSING ? {} : { modern: MODERN }) };

/** A connection of its own. `options` are those of the transport. */
async function connect(era, path, options = {}) {
  const client = sdk.create(era === 'modern' ? 'auto' : 'legacy');
  const transport = sdk.watched(new sdk.TRANSPORTS.http(new URL(platform + path), options));
  await client.connect(transport, { timeout: LIMIT });
  return client;
}

/** Runs `use` with clients, and closes them after it. */
async function using(connections, use) {
  const clients = await Promise.all(connections);
  try {
    return await use(...clients);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

const server = (era, id, options) => connect(era, `/api/platform/${id}/mcp`, options);
const management = (era) =>
  connect(era, '/api/platform-mcp/mcp', { requestInit: { headers: { Authorization: `Bearer ${key}` } } });
const weather = (c, args = {}) => sdk.call(c, { name: 'get_weather', arguments: args });
const names = (items) => items.map(({ name }) => name);
const shown = ({ name, description, inputSchema }) => ({ name, description, inputSchema });
const SCENARIOS = {
  // --- two servers at once: the shipped designs ------------------------------------------------

  async negotiate(era, forecast, paris) {
    for (const [c, name] of [[forecast, 'Forecast'], [paris, 'Paris']]) {
      assert.equal(sdk.revisionOf(c), ERAS[era]);
      assert.equal(c.getServerVersion().name, name);
      assert.equal(c.getServerVersion().version, '1.0.0');
    }
    const [one, other] = [forecast.getServerCapabilities(), paris.getServerCapabilities()];
    assert.ok(one.tools && one.resources && one.prompts, JSON.stringify(one));
    assert.ok(other.tools && other.resources && !other.prompts, JSON.stringify(other));
    // Sessions have no stream to be told of changes on: nothing is promised.
    assert.equal(Boolean(other.tools.listChanged), era === 'modern');
  },

  async list_tools(era, forecast, paris) {
    const [one, other] = await Promise.all([forecast.listTools(), paris.listTools()]);
    assert.deepEqual(one.tools.map(shown), [{
      name: 'get_weather',
      description: 'Weather for a city',
      inputSchema: {
        type: 'object', properties: { city: { type: 'string', description: 'City' } }, required: ['city'],
      },
    }]);
    assert.deepEqual(names(other.tools), ['get_weather', 'roll', 'flaky']);
    assert.deepEqual(shown(other.tools[0]), {
      name: 'get_weather',
      description: 'Weather in Paris, whatever the city',
      inputSchema: { type: 'object', properties: { city: { type: 'string' } } },
    });
  },

  async call_both(era, forecast, paris) {
    const [one, other] = await Promise.all([weather(forecast, { city: 'Graz' }), weather(paris, { city: 'Graz' })]);
    assert.equal(textOf(one), '{"temperature":15,"conditions":"Unknown"}');
    assert.deepEqual(one.structuredContent, { temperature: 15, conditions: 'Unknown' });
    assert.equal(textOf(other), 'It is always lovely in Paris.');
    // A value that is no object is structured in the newest revision only.
    assert.equal(other.structuredContent, era === 'modern' ? textOf(other) : undefined);
  },

  async call_scenarios(era, forecast, paris) {
    let [one, other] = await Promise.all([
      weather(forecast, { city: 'San Francisco' }), weather(paris, { city: 'PARIS' }),
    ]);
    assert.equal(textOf(one), '{"temperature":72,"conditions":"Sunny"}');
    assert.equal(textOf(other), '{"city":"PARIS","temperature":21,"conditions":"Lovely"}');
    assert.equal(other.structuredContent.city, 'PARIS');
    // The design of Paris is one that says how it was decided.
    assert.ok(other._meta['dev.mock/trace'] && !one._meta?.['dev.mock/trace']);
    [one, other] = await Promise.all([
      weather(forecast, { city: 'Paris', units: 'C', when: { month: 12 } }), weather(paris, { city: 'San Francisco' }),
    ]);
    assert.equal(textOf(one), '{"temperature":-3}');
    assert.equal(textOf(other), 'It is always lovely in Paris.');
  },

  async progress(era, forecast, paris) {
    const seen = [];
    const onprogress = ({ progress, total, message }) => seen.push([progress, total, message]);
    await sdk.call(paris, { name: 'get_weather', arguments: { city: 'Paris' } }, { onprogress });
    assert.deepEqual(seen, [[1, 2, 'Looking out of the window'], [2, 2, undefined]]);
  },

  async tool_error(era, forecast, paris) {
    const [one, other] = await Promise.all([weather(forecast, { city: 'err-1' }), weather(paris, { city: 'err-1' })]);
    assert.equal(one.isError, true);
    assert.equal(one.content[0].text, 'backend down');
    assert.equal(textOf(other), 'It is always lovely in Paris.');
  },

  async bad_arguments(era, forecast, paris) {
    const [missing, wrong, other] = await Promise.all([
      weather(forecast), weather(forecast, { city: 5 }), weather(paris),
    ]);
    assert.equal(missing.isError, true);
    assert.equal(missing.content[0].text, "Invalid params: missing required field 'city'");
    assert.equal(wrong.isError, true);
    assert.match(wrong.content[0].text, /^Invalid params: \/city: /);
    assert.equal(textOf(other), 'It is always lovely in Paris.');
  },

  async unknown_tool(era, forecast, paris) {
    // It is one of the other server.
    const [code, rolled] = await Promise.all([
      codeOf(sdk.call(forecast, { name: 'roll' })), sdk.call(paris, { name: 'roll' }),
    ]);
    assert.equal(code, -32602);
    assert.ok([1, 2, 3, 4, 5, 6].includes(rolled.structuredContent.face));
  },

  async resources(era, forecast, paris) {
    const [one, templates] = await Promise.all([forecast.listResources(), paris.listResourceTemplates()]);
    const [{ uri, name, description, mimeType }, ...others] = one.resources;
    assert.deepEqual([uri, name, description, mimeType, others.length],
      ['weather://cities', 'Cities', 'Known cities', 'application/json', 0]);
    assert.deepEqual(templates.resourceTemplates.map((template) => [template.uriTemplate, template.name]),
      [['paris://districts/{number}', 'District']]);
    const read = async (c, wanted) => (await c.readResource({ uri: wanted })).contents[0];
    const [cities, first, other] = await Promise.all([
      read(forecast, uri), read(paris, 'paris://districts/1'), read(paris, 'paris://districts/7'),
    ]);
    assert.deepEqual([cities.uri, cities.mimeType, cities.text],
      ['weather://cities', 'application/json', '["Graz","Linz"]']);
    assert.deepEqual([first.text, other.text], ['The Louvre', 'District 7']);
    const error = await paris.readResource({ uri }).catch((refusal) => refusal);
    assert.ok(sdk.isUnknownResource(error, uri), `${error.name} ${error.code}`);
  },

  async prompts(era, forecast) {
    const { prompts: [prompt, ...others] } = await forecast.listPrompts();
    assert.deepEqual([prompt.name, prompt.description, others.length], ['weather_query', 'Ask for weather', 0]);
    assert.deepEqual(prompt.arguments, [{ name: 'location', description: 'Where', required: true }]);
    const { messages } = await forecast.getPrompt({ name: prompt.name, arguments: { location: 'Graz' } });
    assert.deepEqual(messages, [{ role: 'user', content: { type: 'text', text: 'How is the weather in Graz?' } }]);
    assert.equal(await codeOf(forecast.getPrompt({ name: prompt.name, arguments: {} })), -32602);
    assert.equal(await codeOf(forecast.getPrompt({ name: 'nothing', arguments: {} })), -32602);
  },

  // --- other servers of the same platform ------------------------------------------------------

  async answers_as_json(era) {
    const types = new Set();
    const asJson = {
      fetch: async (url, init) => {
        const headers = new Headers(init.headers);
        headers.set('Accept', 'application/json');
        const response = await fetch(url, { ...init, headers });
        // Notifications are answered with nothing.
        if (response.status === 200) types.add(response.headers.get('content-type').split(';')[0]);
        return response;
      },
    };
    await using([server(era, 'abc123', asJson), server(era, 'paris', asJson)], async (one, other) => {
      assert.equal(textOf(await weather(one, { city: 'San Francisco' })), '{"temperature":72,"conditions":"Sunny"}');
      assert.equal(textOf(await weather(other, { city: 'Graz' })), 'It is always lovely in Paris.');
    });
    assert.deepEqual([...types], ['application/json']);
  },

  async strict_profile(era) {
    await using([server(era, 'strict')], async (strict) => {
      // Whatever a handshake asks for, it is given the oldest revision; the newest one has none.
      assert.equal(sdk.revisionOf(strict), era === 'sessions' ? '2024-11-05' : MODERN);
      assert.deepEqual(names((await strict.listTools()).tools), ['get_weather']);
      assert.equal(textOf(await weather(strict, { city: 'Graz' })), '{"temperature":15,"conditions":"Unknown"}');
      assert.equal(await codeOf(sdk.call(strict, { name: 'roll' })), -32601);
      assert.equal(await codeOf(weather(strict)), -32602);
    });
  },

  async add_a_tool(era) {
    const id = `${sdk.NAME}-${era}`;
    const [first, second] = ['first', 'second'].map((name) => ({ name, default: name }));
    await using([management(era)], async (manager) => {
      const manage = async (name, args) => {
        const result = await sdk.call(manager, { name, arguments: args });
        assert.ok(!result.isError, JSON.stringify(result));
        return result.structuredContent;
      };
      const offered = names((await manager.listTools()).tools);
      for (const name of ['create_mcp_server', 'publish_mcp_server', 'add_tool', 'delete_mcp_server']) {
        assert.ok(offered.includes(name), `${offered}`);
      }
      const design = { id, name: 'Live', version: '1', tools: [first] };
      const made = await manage('create_mcp_server', { design });
      assert.deepEqual([made.id, made.status], [id, 'draft']);
      assert.equal((await manage('publish_mcp_server', { id })).status, 'published');
      const refused = await sdk.call(manager, { name: 'add_tool', arguments: { server: id, tool: first } });
      assert.equal(refused.isError, true);
      assert.match(refused.content[0].text, /\/tools\/1\/name/);

      await using([server(era, id)], async (live) => {
        assert.deepEqual(names((await live.listTools()).tools), ['first']);
        if (era === 'modern') {
          const arrival = new Promise((resolve) => sdk.hear(live, 'notifications/tools/list_changed', resolve));
          const stream = await live.listen({ toolsListChanged: true });
          assert.equal(stream.honoredFilter.toolsListChanged, true);
          await manage('add_tool', { server: id, tool: second });
          await arrival;
          await stream.close();
        } else { // such a client hears nothing: it has to look
          await manage('add_tool', { server: id, tool: second });
        }
        assert.deepEqual(names((await live.listTools()).tools), ['first', 'second']);
        assert.equal(textOf(await sdk.call(live, { name: 'second' })), 'second');
        await manage('delete_mcp_server', { id });
      });
    });
  },
};

// --- the runner --------------------------------------------------------------------------------

for (const era of Object.keys(ERAS)) {
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    const ran = using([server(era, 'abc123'), server(era, 'paris')], (...both) => scenario(era, ...both));
    const failure = await within(LIMIT, ran).then(() => null, (error) => error);
    const detail = failure ? `${failure.name}: ${failure.message}`.replace(/\s+/g, ' ') : '';
    console.log([sdk.NAME, era, name, failure ? 'FAIL' : 'ok', detail].join('\t'));
  }
}
process.exit(0); // a failed scenario may have left a connection open
