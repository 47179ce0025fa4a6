// A way into the secure server for clients that know neither its certificate nor its tokens:
//
//     node with-token.mjs URL CREDENTIALS     trusts what NODE_EXTRA_CA_CERTS says
//
// It gets a token for the service in the file CREDENTIALS, and passes every request on with it, head
// and body as they are. It adds nothing else: what a client sees of the protocol is the server's.

import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const [url, credentials] = process.argv.slice(2);
const upstream = new URL(url);
const service = JSON.parse(readFileSync(credentials, 'utf8'));

const basic = Buffer.from(`${service.client_id}:${service.client_secret}`).toString('base64');
const granted = await fetch(new URL('/token', upstream), {
  method: 'POST',
  headers: { authorization: `Basic ${basic}` },
  body: new URLSearchParams({ grant_type: 'client_credentials', resource: url }),
});
const { access_token: token } = await granted.json();
if (!token) throw new Error(`no token: ${granted.status}`);

const agent = new https.Agent({ keepAlive: true });
const server = http.createServer((request, response) => {
  const headers = { ...request.headers, authorization: `Bearer ${token}` };
  // The certificate is checked for the server's own name, whatever `Host` a client sends.
  const servername = upstream.hostname;
  const options = { agent, servername, method: request.method, path: request.url, headers };
  const passed = https.request(upstream, options, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    response.flushHeaders();
    answer.pipe(response);
    answer.on('aborted', () => response.destroy());
  });
  passed.on('error', () => response.destroy());
  response.on('close', () => passed.destroy());
  request.pipe(passed);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}${upstream.pathname}`);
});
