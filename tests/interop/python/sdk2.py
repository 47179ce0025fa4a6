"""The official Python client, 2.x: every revision; those of sessions as its `legacy` mode."""

import httpx2
from mcp import Client, MCPError, types
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.client.subscriptions import ResourceUpdated, ToolsListChanged

NAME = "python-2"
MISSING = {}  # revision: why this client cannot speak it
HTTP = httpx2.AsyncClient
TOOLS_CHANGED, RESOURCE_UPDATED = types.ToolListChangedNotification, types.ResourceUpdatedNotification
LISTEN_EVENTS = (ToolsListChanged, ResourceUpdated)


class Peer:
    """What a person would be behind a client: answers questions."""

    async def elicit(self, _context, params):
        content = self.form(params.requested_schema["properties"])
        return types.ElicitResult(action="accept", content=content)

    async def sample(self, _context, _params):
        text = types.TextContent(type="text", text=self.sampled)
        return types.CreateMessageResult(role="assistant", content=text, model="none", stop_reason="endTurn")


def transport_to(transport, target, http):
    if transport == "stdio":
        return stdio_client(StdioServerParameters(command=target[0], args=target[1:]))
    if http:
        return streamable_http_client(target, http_client=http)
    return sse_client(target) if transport == "sse" else target


def connect(transport, target, mode, peer, limit, http=None):
    """`mode` forces the era: "legacy" = initialize, a revision = that one without asking, "auto" = discover.
    `http` sends the requests of the Streamable HTTP transport, instead of a client of its own."""
    return Client(
        transport_to(transport, target, http),
        mode=mode,
        client_info=types.Implementation(name="interop-python", version="2"),
        elicitation_callback=peer.elicit,
        sampling_callback=peer.sample,
        logging_callback=peer.logged,
        message_handler=peer.notified,
        read_timeout_seconds=limit,
    )


def code(error):
    return error.code


ERROR = MCPError
