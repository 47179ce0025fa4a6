// The official TypeScript client, 1.x: sessions only.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import * as types from '@modelcontextprotocol/sdk/types.js';

export const NAME = 'typescript-1';
export const MISSING = { '2026-07-28': 'TypeScript 1.x speaks the revisions of sessions' };
export const TRANSPORTS = { http: StreamableHTTPClientTransport, sse: SSEClientTransport, stdio: StdioClientTransport };

const SCHEMAS = {
  'elicitation/create': types.ElicitRequestSchema,
  'sampling/createMessage': types.CreateMessageRequestSchema,
  'notifications/message': types.LoggingMessageNotificationSchema,
  'notifications/resources/updated': types.ResourceUpdatedNotificationSchema,
  'notifications/tools/list_changed': types.ToolListChangedNotificationSchema,
};

/** This client has no modes: it initializes. */
export const create = () => new Client(
  { name: 'interop-typescript', version: '1' },
  { capabilities: { elicitation: {}, sampling: {} } },
);

export const call = (client, params, options) => client.callTool(params, undefined, options);
export const answer = (client, method, handler) => client.setRequestHandler(SCHEMAS[method], handler);
export const hear = (client, method, handler) => client.setNotificationHandler(SCHEMAS[method], handler);

const agreed = new WeakMap(); // by transport: this client tells nobody else which revision it speaks

export const watched = (transport) => {
  const told = transport.setProtocolVersion?.bind(transport);
  transport.setProtocolVersion = (revision) => {
    agreed.set(transport, revision);
    told?.(revision);
  };
  return transport;
};
export const revisionOf = (client) => agreed.get(client.transport);

export const isUnknownResource = (error, uri) => error.code === -32002 && error.data.uri === uri;
