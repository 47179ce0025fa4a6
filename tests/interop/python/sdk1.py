"""The official Python client, 1.x, made to look like 2.x as far as the scenarios go: sessions only."""

import re
from contextlib import asynccontextmanager
from datetime import timedelta

import anyio
import httpx
from mcp import ClientSession, McpError, StdioServerParameters, stdio_client, types
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

NAME = "python-1"
MISSING = {"2026-07-28": "Python 1.x speaks the revisions of sessions"}
HTTP = httpx.AsyncClient
TOOLS_CHANGED, RESOURCE_UPDATED = types.ToolListChangedNotification, types.ResourceUpdatedNotification


class Snake:
    """A value of the client whose fields have the names of 2.x: `is_error` for `isError`."""

    def __init__(self, value):
        self.value = value

    def __getattr__(self, name):
        camel = re.sub(r"_(\w)", lambda match: match[1].upper(), name)
        found = getattr(self.value, name, None)
        return snake(getattr(self.value, camel) if found is None else found)

    def __repr__(self):
        return repr(self.value)


def snake(value):
    if isinstance(value, list):
        return [snake(item) for item in value]
    return Snake(value) if hasattr(value, "model_fields") else value


class Peer:
    """What a person would be behind a client: answers questions."""

    async def elicit(self, _context, params):
        return types.ElicitResult(action="accept", content=self.form(params.requestedSchema["properties"]))

    async def sample(self, _context, _params):
        text = types.TextContent(type="text", text=self.sampled)
        return types.CreateMessageResult(role="assistant", content=text, model="none", stopReason="endTurn")


class Session:
    """The methods of 2.x's `Client`."""

    def __init__(self, session, result):
        self.session = session
        self.protocol_version = str(result.protocolVersion)
        self.server_capabilities, self.server_info = snake(result.capabilities), snake(result.serverInfo)

    def __getattr__(self, name):
        async def method(*arguments):
            return snake(await getattr(self.session, name)(*arguments))

        return method

    async def call_tool(self, name, arguments=None, progress_callback=None):
        id = self.session._request_id
        try:
            return snake(await self.session.call_tool(name, arguments, progress_callback=progress_callback))
        except anyio.get_cancelled_exc_class():
            # This client leaves it to its user to say that the answer is no longer wanted.
            with anyio.CancelScope(shield=True):
                params = types.CancelledNotificationParams(requestId=id)
                await self.session.send_notification(
                    types.ClientNotification(types.CancelledNotification(params=params)))
            raise


@asynccontextmanager
async def connect(transport, target, _mode, peer, limit, http=None):
    async def notified(message):
        await peer.notified(getattr(message, "root", message))

    if transport == "stdio":
        streams = stdio_client(StdioServerParameters(command=target[0], args=target[1:]))
    else:
        streams = sse_client(target) if transport == "sse" else streamable_http_client(target, http_client=http)
    async with streams as (read, write, *_):
        async with ClientSession(
            read, write, timedelta(seconds=limit), peer.sample, peer.elicit,
            logging_callback=peer.logged, message_handler=notified,
            client_info=types.Implementation(name="interop-python", version="1"),
        ) as session:
            yield Session(session, await session.initialize())


def code(error):
    return error.error.code


ERROR = McpError
