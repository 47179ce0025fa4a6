// The official TypeScript client, 2.x: every revision; those of sessions by its mode `legacy`.

import { Client, ResourceNotFoundError, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

export const NAME = 'typescript-2';
export const MISSING = {}; // revision: why this client cannot speak it
export const TRANSPORTS = { http: StreamableHTTPClientTransport, sse: SSEClientTransport, stdio: StdioClientTransport };

/** `mode` forces the era: 'legacy' = initialize, {pin} = that revision or an error, 'auto' = discover. */
export const create = (mode) => new Client(
  { name: 'interop-typescript', version: '2' },
  { capabilities: { elicitation: {}, sampling: {} }, versionNegotiation: { mode } },
);

export const call = (client, params, options) => client.callTool(params, options);
export const answer = (client, method, handler) => client.setRequestHandler(method, handler);
export const hear = (client, method, handler) => client.setNotificationHandler(method, handler);
export const watched = (transport) => transport;
export const revisionOf = (client) => client.getNegotiatedProtocolVersion();

/** Whether the error says that this resource does not exist: this client folds the codes of both eras
 *  into one class, given that `data.uri` is there. */
export const isUnknownResource = (error, uri) => error instanceof ResourceNotFoundError && error.uri === uri;
