// Drives the secure example with the official TypeScript client, from 401 to step-up.
//
//     NODE_EXTRA_CA_CERTS=target/secure/ca.pem node oauth.mjs https://localhost:8443/mcp
//
// Prints one line per scenario: `typescript <TAB> era <TAB> scenario <TAB> ok|FAIL <TAB> detail`.
// The same scenarios, in the same order, are in oauth.py.

import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport, UnauthorizedError, refreshAuthorization } from '@modelcontextprotocol/client';

const ERAS = { legacy: '2025-11-25', modern: '2026-07-28' };
const LIMIT = 30_000; // milliseconds for one scenario
const url = process.argv[2];
const issuer = new URL(url).origin;

/** What a client keeps, and a person who agrees: follows the authorization URL to where it leads. */
class Provider {
  redirectUrl = 'http://127.0.0.1:33418/callback';
  scopes = [];
  visits = [];

  get clientMetadata() {
    return {
      client_name: 'interop-typescript', redirect_uris: [this.redirectUrl], token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'],
    };
  }

  state = () => 'a state';
  clientInformation = () => this.client;
  saveClientInformation = (client) => { this.client = client; };
  tokens = () => this.held;
  saveTokens = (tokens) => { this.held = tokens; this.scopes.push(tokens.scope); };
  saveCodeVerifier = (verifier) => { this.verifier = verifier; };
  codeVerifier = () => this.verifier;
  saveDiscoveryState = (state) => { this.discovered = state; };
  discoveryState = () => this.discovered;

  redirectToAuthorization = async (there) => {
    this.visits.push(there.searchParams);
    const reply = await fetch(there, { redirect: 'manual' });
    assert.equal(reply.status, 302, await reply.text());
    this.answer = new URL(reply.headers.get('location')).searchParams;
    assert.equal(this.answer.get('state'), 'a state');
  };
}

/** Runs something, and again after signing in if that is what it takes. */
async function signedIn(session, action) {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    await session.transport.finishAuth(session.provider.answer);
    return action();
  }
}

class Session {
  constructor(era, provider) {
    this.era = era;
    this.provider = provider;
  }

  async connect() {
    const mode = this.era === 'legacy' ? 'legacy' : { pin: ERAS.modern };
    this.client = new Client(
      { name: 'interop-typescript', version: '1' },
      { capabilities: { elicitation: { form: {} } }, versionNegotiation: { mode } },
    );
    this.client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { confirm: true } }));
    this.transport = new StreamableHTTPClientTransport(new URL(url), { authProvider: this.provider });
    await this.client.connect(this.transport, { timeout: LIMIT });
    return this;
  }

  static async open(era, provider) {
    const session = new Session(era, provider);
    await signedIn(session, () => session.connect());
    return session;
  }

  async call(name, args = {}) {
    const result = await signedIn(this, () => this.client.callTool({ name, arguments: args }, { timeout: LIMIT }));
    assert.ok(!result.isError, JSON.stringify(result.content));
    return result;
  }

  async close() {
    await this.transport.terminateSession();
    await this.client.close();
  }
}

const scenarios = {
  async sign_in(era) {
    const provider = new Provider();
    const session = await Session.open(era, provider);
    const caller = (await session.call('whoami')).structuredContent;
    assert.equal(caller.subject, 'ada');
    assert.equal(caller.client, provider.client.client_id);
    assert.equal(caller.scopes, 'notes:read');
    assert.equal(provider.visits.length, 1);
    assert.equal(provider.visits[0].get('code_challenge_method'), 'S256');
    assert.equal(provider.visits[0].get('resource'), url);
    await session.close();
  },

  async step_up(era) {
    const provider = new Provider();
    const session = await Session.open(era, provider);
    await session.call('notes_list');
    const note = (await session.call('notes_write', { title: 'Tea', text: 'hot' })).structuredContent;
    assert.equal((await session.call('notes_read', { id: note.id })).structuredContent.text, 'hot');
    assert.match((await session.call('notes_purge')).content[0].text, /removed/);
    const widened = ['notes:read', 'notes:read notes:write', 'admin notes:read notes:write'];
    assert.deepEqual(provider.scopes, widened);
    await session.close();
  },

  async refresh(era) {
    const provider = new Provider();
    await (await Session.open(era, provider)).close();
    const first = provider.held;
    const metadata = await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json();
    const renewed = await refreshAuthorization(issuer, {
      metadata, clientInformation: provider.client, refreshToken: first.refresh_token, resource: new URL(url),
    });
    assert.notEqual(renewed.refresh_token, first.refresh_token);
    provider.held = { ...first, ...renewed };
    const session = await Session.open(era, provider);
    assert.equal((await session.call('whoami')).structuredContent.subject, 'ada');
    assert.equal(provider.visits.length, 1, 'nobody was asked again');
    await session.close();
  },

  async guide(era) {
    const provider = new Provider();
    const session = await Session.open(era, provider);
    await session.call('notes_write', { title: 'Guide', text: 'simple' });
    await session.close();
    const guide = new Guide(provider.held.access_token);
    assert.equal((await guide.initialize()).result.protocolVersion, '2025-06-18');
    for (let round = 0; round < 3; round++) {
      const listed = await guide.callTool('notes_list', {});
      assert.equal(listed.id, 2);
      assert.ok(listed.result.structuredContent.notes.length > 0);
    }
    const counted = await guide.callTool('slow_count', { to: 3, pause: 1 });
    assert.equal(counted.result.content[0].text, 'Counted to 3.');
  },
};

/** As a guide has it, of 2025: always id 2, never "initialized", no `Accept` of its own. */
class Guide {
  constructor(token) {
    this.headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
  }

  async post(id, method, params) {
    const body = JSON.stringify({ jsonrpc: '2.0', id, method, params });
    const reply = await fetch(url, { method: 'POST', headers: this.headers, body });
    const session = reply.headers.get('Mcp-Session-Id');
    if (session) this.headers['Mcp-Session-Id'] = session;
    return reply.json();
  }

  initialize = () => this.post(1, 'initialize', {
    protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'guide', version: '1.0' },
  });

  callTool = (name, args) => this.post(2, 'tools/call', { name, arguments: args });
}

const oneLine = (error) => `${error.name}: ${error.message}`.replace(/\s+/g, ' ').slice(0, 300);

for (const era of Object.keys(ERAS)) {
  for (const [name, run] of Object.entries(scenarios)) {
    let verdict = ['ok', ''];
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done after ${LIMIT} ms`)), LIMIT);
    });
    try {
      await Promise.race([run(era), late]);
    } catch (error) {
      verdict = ['FAIL', oneLine(error)];
    }
    clearTimeout(timer);
    console.log(['typescript', era, name, ...verdict].join('\t'));
  }
}
process.exit(0);
