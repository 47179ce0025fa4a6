"""Drives a running server with the official Python client, once per era.

    client.py URL [GROUP...]      e.g. client.py http://127.0.0.1:8000/mcp progress elicitation

Prints one line per scenario: `python <TAB> era <TAB> scenario <TAB> ok|FAIL <TAB> detail`.
Every scenario gets its own connection, so that one failure says nothing about the next.
The same scenarios, in the same order, are in ../typescript/client.mjs.
"""

import base64
import itertools
import json
import sys
import traceback
import warnings

import anyio
from mcp import Client, MCPError
from mcp import types
from mcp.client.subscriptions import ResourceUpdated, ToolsListChanged

ERAS = {"legacy": "2025-11-25", "modern": "2026-07-28"}
LIMIT = 20  # seconds for one scenario, connecting included
SCENARIOS = []  # (group, function), in the order of the table


def scenario(group):
    def register(function):
        SCENARIOS.append((group, function))
        return function

    return register


class Peer:
    """What a person would be behind a client: answers questions, remembers notifications."""

    def __init__(self):
        self.send, self.notifications = anyio.create_memory_object_stream(100)

    async def elicit(self, _context, params):
        answers = {"username": "testuser", "email": "test@example.com", "name": "Ada"}
        wanted = params.requested_schema["properties"]
        return types.ElicitResult(action="accept", content={key: answers[key] for key in wanted})

    async def sample(self, _context, _params):
        text = types.TextContent(type="text", text="Paris, says the client")
        return types.CreateMessageResult(role="assistant", content=text, model="none", stop_reason="endTurn")

    async def notified(self, message):
        if not isinstance(message, Exception):
            await self.send.send(message)

    async def next(self, kind):
        """The next notification of this kind; the caller bounds the wait."""
        async for message in self.notifications:
            if isinstance(message, kind):
                return message


def connect(url, mode, peer):
    """`mode` forces the era: "legacy" = initialize, a revision = that one without asking, "auto" = discover."""
    return Client(
        url,
        mode=mode,
        client_info=types.Implementation(name="interop-python", version="1"),
        elicitation_callback=peer.elicit,
        sampling_callback=peer.sample,
        message_handler=peer.notified,
        read_timeout_seconds=LIMIT,
    )


def text_of(result):
    assert not result.is_error, f"isError: {result.content}"
    (block,) = result.content
    return block.text


async def code_of(awaitable):
    """The JSON-RPC error code with which the server refused."""
    try:
        result = await awaitable
    except MCPError as error:
        return error.code
    raise AssertionError(f"no error but {result}")


def names(items):
    return [item.name for item in items]


# --- what every server can do ------------------------------------------------------------------


@scenario("basic")
async def negotiate(c, peer, era):
    # "auto" asks first, and silently takes a server that gets discovery wrong for a legacy one.
    mode = "legacy" if era == "legacy" else "auto"
    async with connect(c.server, mode, peer) as found:
        assert found.protocol_version == ERAS[era], f"negotiated {found.protocol_version}"
        offered = found.server_capabilities
        assert found.server_info.name and offered.tools and offered.resources and offered.prompts, offered


@scenario("basic")
async def list_tools(c, peer, era):
    tools = (await c.list_tools()).tools
    assert {"test_simple_text", "add", "structured"} <= set(names(tools)), names(tools)
    add = next(tool for tool in tools if tool.name == "add")
    assert set(add.input_schema["properties"]) == {"a", "b"} and set(add.input_schema["required"]) == {"a", "b"}


@scenario("basic")
async def call_tool(c, peer, era):
    assert text_of(await c.call_tool("test_simple_text")) == "This is a simple text response for testing."


@scenario("basic")
async def call_tool_with_arguments(c, peer, era):
    assert text_of(await c.call_tool("add", {"a": 2, "b": 3})) == "5"


@scenario("basic")
async def tool_error(c, peer, era):
    result = await c.call_tool("test_error_handling")
    assert result.is_error and "intentionally returns an error" in result.content[0].text, result


@scenario("basic")
async def unknown_tool(c, peer, era):
    assert await code_of(c.call_tool("no_such_tool")) == -32602


@scenario("basic")
async def structured_output(c, peer, era):
    tool = next(tool for tool in (await c.list_tools()).tools if tool.name == "structured")
    assert set(tool.output_schema["properties"]) == {"city", "temperature"}, tool.output_schema
    result = await c.call_tool("structured", {})  # the client checks it against the output schema
    assert isinstance(result.structured_content["city"], str), result
    assert isinstance(result.structured_content["temperature"], (int, float)), result
    assert json.loads(text_of(result)) == result.structured_content, "the text repeats the value"


@scenario("basic")
async def image(c, peer, era):
    (block,) = (await c.call_tool("test_image_content")).content
    assert block.type == "image" and block.mime_type == "image/png"
    assert base64.b64decode(block.data, validate=True).startswith(b"\x89PNG")


@scenario("basic")
async def list_resources(c, peer, era):
    uris = [str(resource.uri) for resource in (await c.list_resources()).resources]
    assert {"test://static-text", "test://static-binary"} <= set(uris), uris


@scenario("basic")
async def read_text_resource(c, peer, era):
    (content,) = (await c.read_resource("test://static-text")).contents
    assert str(content.uri) == "test://static-text" and content.mime_type == "text/plain"
    assert content.text == "This is the content of the static text resource."


@scenario("basic")
async def read_binary_resource(c, peer, era):
    (content,) = (await c.read_resource("test://static-binary")).contents
    assert content.mime_type == "image/png"
    assert base64.b64decode(content.blob, validate=True).startswith(b"\x89PNG")


@scenario("basic")
async def unknown_resource(c, peer, era):
    code = await code_of(c.read_resource("test://no-such-resource"))
    assert code == (-32602 if era == "modern" else -32002), code


@scenario("basic")
async def resource_template(c, peer, era):
    templates = (await c.list_resource_templates()).resource_templates
    assert "test://template/{id}/data" in [template.uri_template for template in templates]
    (content,) = (await c.read_resource("test://template/123/data")).contents
    assert str(content.uri) == "test://template/123/data" and json.loads(content.text)["id"] == "123"


@scenario("basic")
async def list_prompts(c, peer, era):
    prompts = (await c.list_prompts()).prompts
    prompt = next(prompt for prompt in prompts if prompt.name == "test_prompt_with_arguments")
    assert [(a.name, a.required) for a in prompt.arguments] == [("arg1", True), ("arg2", True)]


@scenario("basic")
async def get_prompt(c, peer, era):
    (message,) = (await c.get_prompt("test_prompt_with_arguments", {"arg1": "one", "arg2": "two"})).messages
    assert message.role == "user"
    assert message.content.text == "Prompt with arguments: arg1='one', arg2='two'"


# --- what a server grows into: each group is switched on by name -------------------------------


@scenario("progress")
async def progress(c, peer, era):
    seen = []

    async def on_progress(value, total, _message):
        seen.append((value, total))

    await c.call_tool("test_tool_with_progress", progress_callback=on_progress)
    assert seen == [(0, 100), (50, 100), (100, 100)], seen


@scenario("elicitation")
async def elicitation(c, peer, era):
    if era == "legacy":  # a request of the server, on the stream of the call
        text = text_of(await c.call_tool("test_elicitation", {"message": "Who are you?"}))
        assert "testuser" in text and "test@example.com" in text, text
    else:  # an input_required result, which the client answers by calling again
        text = text_of(await c.call_tool("test_input_required_result_elicitation"))
        assert text == "Hello, Ada!", text


@scenario("sampling")
async def sampling(c, peer, era):
    name, arguments = ("test_sampling", {"prompt": "The capital of France?"}) if era == "legacy" else (
        "test_input_required_result_sampling", None)
    assert "Paris, says the client" in text_of(await c.call_tool(name, arguments))


async def triggered(c, tool, arrival):
    """Calls `tool` until `arrival` returns. In a session the client opens its notification stream
    on its own and does not say when it is open, so the first call may be too early."""
    for _ in range(5):
        await c.call_tool(tool)
        with anyio.move_on_after(1):
            return await arrival()
    raise AssertionError(f"{tool} was called 5 times and no notification arrived")


@scenario("subscriptions")
async def list_changed(c, peer, era):
    if era == "legacy":
        await triggered(c, "test_trigger_tool_change", lambda: peer.next(types.ToolListChangedNotification))
    else:
        async with c.listen(tools_list_changed=True) as stream:
            assert stream.honored.tools_list_changed, stream.honored
            await c.call_tool("test_trigger_tool_change")
            assert await anext(stream) == ToolsListChanged()


@scenario("subscriptions")
async def resource_updated(c, peer, era):
    uri = "test://watched-resource"
    if era == "legacy":
        await c.subscribe_resource(uri)
        update = await triggered(
            c, "test_trigger_resource_update", lambda: peer.next(types.ResourceUpdatedNotification))
        assert str(update.params.uri) == uri
        await c.unsubscribe_resource(uri)
    else:
        async with c.listen(resource_subscriptions=[uri]) as stream:
            await c.call_tool("test_trigger_resource_update")
            assert await anext(stream) == ResourceUpdated(uri=uri)


KEYS = itertools.count()


@scenario("cancellation")
async def cancellation(c, peer, era):
    key = f"python-{era}-{next(KEYS)}"
    started = anyio.Event()

    async def on_progress(*_):
        started.set()

    async with anyio.create_task_group() as group:
        async def call():
            await c.call_tool("test_wait_for_cancellation", {"key": key}, progress_callback=on_progress)

        group.start_soon(call)
        await started.wait()  # the tool runs: now the caller loses interest
        group.cancel_scope.cancel()
    assert await cancellation_outcome(c, key) == "cancelled"


async def cancellation_outcome(c, key):
    """A second tool waits (bounded) until the server has dropped the first, and says so. Of several
    replicas one knows the first; a round-robin proxy soon comes to it."""
    for _ in range(10):
        outcome = text_of(await c.call_tool("test_cancellation_outcome", {"key": key}))
        if outcome != "unknown":
            break
    return outcome


@scenario("reconnection")
async def reconnection(c, peer, era):
    # In a session the server ends the stream of this call, and the client has to come back for the
    # answer. Without sessions there is nothing to come back to, and the stream stays.
    assert text_of(await c.call_tool("test_reconnection")) == "You have come back."


# --- the runner --------------------------------------------------------------------------------


def reason(error):
    """The innermost cause, in one line: task groups wrap what went wrong."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    line = traceback.extract_tb(error.__traceback__)[-1]
    return " ".join(f"{type(error).__name__}: {error} [{line.line}]".split())


async def run(url, era, function):
    peer = Peer()
    mode = "legacy" if era == "legacy" else ERAS[era]
    with anyio.fail_after(LIMIT):
        async with connect(url, mode, peer) as client:
            assert client.protocol_version == ERAS[era], f"negotiated {client.protocol_version}"
            await function(client, peer, era)


async def main(url, groups):
    for era in ERAS:
        for group, function in SCENARIOS:
            if group != "basic" and group not in groups:
                continue
            verdict, detail = "ok", ""
            try:
                await run(url, era, function)
            except Exception as error:
                verdict, detail = "FAIL", reason(error)
            print("python", era, function.__name__, verdict, detail, sep="\t", flush=True)


warnings.simplefilter("ignore")  # the legacy era is deprecated in this SDK, and tested on purpose
if __name__ == "__main__":
    anyio.run(main, sys.argv[1], sys.argv[2:])
