"""Drives a running server with an official Python client, over every transport, in every revision.

    client.py SDK PLAN [GROUP...]     SDK is sdk1 or sdk2; the plan says how to reach the server: run

Prints one line per scenario: `client <TAB> transport <TAB> revision <TAB> scenario <TAB> ok|FAIL <TAB> detail`,
and one with `-` and the reason for what this client cannot speak.
Every scenario gets its own connection, so that one failure says nothing about the next.
The same scenarios, in the same order, are in ../typescript/client.mjs and ../rust.
"""

import base64
import importlib
import json
import sys
import traceback
import warnings

import anyio

SESSIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]
MODERN = "2026-07-28"
LIMIT = 20  # seconds for one scenario, connecting included
SCENARIOS = []  # (group, function), in the order of the table
# tests/replicas and tests/mock-clients borrow from here; the first of them has no client to choose.
sdk = importlib.import_module(sys.argv[1] if sys.argv[1] in ("sdk1", "sdk2") else "sdk2")


def scenario(group):
    def register(function):
        SCENARIOS.append((group, function))
        return function

    return register


class Peer(sdk.Peer):
    """What a person would be behind a client: has answers, remembers notifications."""

    sampled = "Paris, says the client"

    def __init__(self):
        self.send, self.notifications = anyio.create_memory_object_stream(100)
        self.logs = []

    def form(self, wanted):
        answers = {"username": "testuser", "email": "test@example.com", "name": "Ada"}
        return {key: answers[key] for key in wanted}

    async def logged(self, params):
        self.logs.append(params.data)

    async def notified(self, message):
        if not isinstance(message, Exception):
            await self.send.send(message)

    async def next(self, kind):
        """The next notification of this kind; the caller bounds the wait."""
        async for message in self.notifications:
            if isinstance(message, kind):
                return message


class Case:
    """One scenario over one transport in one revision."""

    def __init__(self, plan, transport, revision, name):
        self.transport, self.revision, self.modern = transport, revision, revision == MODERN
        label = f"{sdk.NAME}/{transport}/{revision}/{name}"
        way = plan[transport]
        self.target = way.replace("LABEL", label) if isinstance(way, str) else [
            part.replace("LABEL", label) for part in way]

    def connect(self, peer, asking=False):
        """`asking`: find out what the server speaks, instead of knowing it."""
        mode = ("auto" if asking else MODERN) if self.modern else "legacy"
        return sdk.connect(self.transport, self.target, mode, peer, LIMIT)


def text_of(result):
    assert not result.is_error, f"isError: {result.content}"
    (block,) = result.content
    return block.text


async def code_of(awaitable):
    """The JSON-RPC error code with which the server refused."""
    try:
        result = await awaitable
    except sdk.ERROR as error:
        return sdk.code(error)
    raise AssertionError(f"no error but {result}")


def names(items):
    return [item.name for item in items]


# --- what every server can do ------------------------------------------------------------------


@scenario("basic")
async def negotiate(c, peer, case):
    # A client that asks first silently takes a server that gets discovery wrong for one of sessions.
    async with case.connect(peer, asking=True) as found:
        assert found.protocol_version == case.revision, f"negotiated {found.protocol_version}"
        offered = found.server_capabilities
        assert found.server_info.name and offered.tools and offered.resources and offered.prompts, offered


@scenario("basic")
async def list_tools(c, peer, case):
    tools = (await c.list_tools()).tools
    assert {"test_simple_text", "add", "structured"} <= set(names(tools)), names(tools)
    add = next(tool for tool in tools if tool.name == "add")
    assert set(add.input_schema["properties"]) == {"a", "b"} and set(add.input_schema["required"]) == {"a", "b"}


@scenario("basic")
async def call_tool(c, peer, case):
    assert text_of(await c.call_tool("test_simple_text")) == "This is a simple text response for testing."


@scenario("basic")
async def call_tool_with_arguments(c, peer, case):
    assert text_of(await c.call_tool("add", {"a": 2, "b": 3})) == "5"


@scenario("basic")
async def tool_error(c, peer, case):
    result = await c.call_tool("test_error_handling")
    assert result.is_error and "intentionally returns an error" in result.content[0].text, result


@scenario("basic")
async def unknown_tool(c, peer, case):
    assert await code_of(c.call_tool("no_such_tool")) == -32602


@scenario("basic")
async def structured_output(c, peer, case):
    tool = next(tool for tool in (await c.list_tools()).tools if tool.name == "structured")
    if case.revision < "2025-06-18":  # where it does not exist, the text has it
        result = await c.call_tool("structured", {})
        assert tool.output_schema is None and result.structured_content is None, (tool, result)
        assert isinstance(json.loads(text_of(result))["city"], str), result
        return
    assert set(tool.output_schema["properties"]) == {"city", "temperature"}, tool.output_schema
    result = await c.call_tool("structured", {})  # the client checks it against the output schema
    assert isinstance(result.structured_content["city"], str), result
    assert isinstance(result.structured_content["temperature"], (int, float)), result
    assert json.loads(text_of(result)) == result.structured_content, "the text repeats the value"


@scenario("basic")
async def image(c, peer, case):
    (block,) = (await c.call_tool("test_image_content")).content
    assert block.type == "image" and block.mime_type == "image/png"
    assert base64.b64decode(block.data, validate=True).startswith(b"\x89PNG")


@scenario("basic")
async def list_resources(c, peer, case):
    uris = [str(resource.uri) for resource in (await c.list_resources()).resources]
    assert {"test://static-text", "test://static-binary"} <= set(uris), uris


@scenario("basic")
async def read_text_resource(c, peer, case):
    (content,) = (await c.read_resource("test://static-text")).contents
    assert str(content.uri) == "test://static-text" and content.mime_type == "text/plain"
    assert content.text == "This is the content of the static text resource."


@scenario("basic")
async def read_binary_resource(c, peer, case):
    (content,) = (await c.read_resource("test://static-binary")).contents
    assert content.mime_type == "image/png"
    assert base64.b64decode(content.blob, validate=True).startswith(b"\x89PNG")


@scenario("basic")
async def unknown_resource(c, peer, case):
    code = await code_of(c.read_resource("test://no-such-resource"))
    assert code == (-32602 if case.modern else -32002), code


@scenario("basic")
async def resource_template(c, peer, case):
    templates = (await c.list_resource_templates()).resource_templates
    assert "test://template/{id}/data" in [template.uri_template for template in templates]
    (content,) = (await c.read_resource("test://template/123/data")).contents
    assert str(content.uri) == "test://template/123/data" and json.loads(content.text)["id"] == "123"


@scenario("basic")
async def list_prompts(c, peer, case):
    prompts = (await c.list_prompts()).prompts
    prompt = next(prompt for prompt in prompts if prompt.name == "test_prompt_with_arguments")
    assert [(a.name, a.required) for a in prompt.arguments] == [("arg1", True), ("arg2", True)]


@scenario("basic")
async def get_prompt(c, peer, case):
    (message,) = (await c.get_prompt("test_prompt_with_arguments", {"arg1": "one", "arg2": "two"})).messages
    assert message.role == "user"
    assert message.content.text == "Prompt with arguments: arg1='one', arg2='two'"


@scenario("basic")
async def complete(c, peer, case):
    prompt = sdk.types.PromptReference(type="ref/prompt", name="test_prompt_with_arguments")
    completion = (await c.complete(prompt, {"name": "arg1", "value": "teste"})).completion
    assert completion.values == ["tested"], completion


# --- what a server grows into: each group is switched on by name -------------------------------


@scenario("progress")
async def progress(c, peer, case):
    seen = []

    async def on_progress(value, total, _message):
        seen.append((value, total))

    await c.call_tool("test_tool_with_progress", progress_callback=on_progress)
    assert seen == [(0, 100), (50, 100), (100, 100)], seen


@scenario("logging")
async def logging(c, peer, case):
    expected = ["Tool execution started", "Tool processing data", "Tool execution completed"]
    if case.modern:  # each request says which logs it wants
        await c.call_tool("test_logging_tool", meta={"io.modelcontextprotocol/logLevel": "debug"})
    else:
        await c.set_logging_level("debug")
        await c.call_tool("test_tool_with_logging")
    while len(peer.logs) < 3:  # they may be handed on after the answer
        await anyio.sleep(0.01)
    assert peer.logs == expected, peer.logs


@scenario("elicitation")
async def elicitation(c, peer, case):
    if case.revision < "2025-06-18":  # nobody may be asked, and the tool says so
        result = await c.call_tool("test_elicitation", {"message": "Who are you?"})
        assert result.is_error, result
    elif not case.modern:  # a request of the server, on the stream of the call
        text = text_of(await c.call_tool("test_elicitation", {"message": "Who are you?"}))
        assert "testuser" in text and "test@example.com" in text, text
    else:  # an input_required result, which the client answers by calling again
        text = text_of(await c.call_tool("test_input_required_result_elicitation"))
        assert text == "Hello, Ada!", text


@scenario("sampling")
async def sampling(c, peer, case):
    name, arguments = ("test_sampling", {"prompt": "The capital of France?"}) if not case.modern else (
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
async def list_changed(c, peer, case):
    if not case.modern:
        await triggered(c, "test_trigger_tool_change", lambda: peer.next(sdk.TOOLS_CHANGED))
    else:
        async with c.listen(tools_list_changed=True) as stream:
            assert stream.honored.tools_list_changed, stream.honored
            await c.call_tool("test_trigger_tool_change")
            assert await anext(stream) == sdk.LISTEN_EVENTS[0]()


@scenario("subscriptions")
async def resource_updated(c, peer, case):
    uri = "test://watched-resource"
    if not case.modern:
        await c.subscribe_resource(uri)
        update = await triggered(c, "test_trigger_resource_update", lambda: peer.next(sdk.RESOURCE_UPDATED))
        assert str(update.params.uri) == uri
        await c.unsubscribe_resource(uri)
    else:
        async with c.listen(resource_subscriptions=[uri]) as stream:
            await c.call_tool("test_trigger_resource_update")
            assert await anext(stream) == sdk.LISTEN_EVENTS[1](uri=uri)


@scenario("cancellation")
async def cancellation(c, peer, case):
    key = f"{sdk.NAME}-{case.transport}-{case.revision}"
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
async def reconnection(c, peer, case):
    # In a session over HTTP the server ends the stream of this call, and from 2025-11-25 on the client
    # comes back for the answer. Elsewhere there is nothing to come back to, and the stream stays.
    assert text_of(await c.call_tool("test_reconnection")) == "You have come back."


# --- the runner --------------------------------------------------------------------------------


def reason(error):
    """The innermost cause, in one line: task groups wrap what went wrong."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    line = traceback.extract_tb(error.__traceback__)[-1]
    return " ".join(f"{type(error).__name__}: {error} [{line.line}]".split())


async def run(plan, transport, revision, function):
    peer = Peer()
    case = Case(plan, transport, revision, function.__name__)
    with anyio.fail_after(LIMIT):
        async with case.connect(peer) as client:
            assert client.protocol_version == revision, f"negotiated {client.protocol_version}"
            await function(client, peer, case)


def missing(transport, revision):
    """Why this client cannot speak this revision over this transport, if it cannot."""
    if transport == "sse" and revision == MODERN:
        return "HTTP+SSE knows sessions only"
    return sdk.MISSING.get(revision)


async def main(plan, groups):
    chosen = [function for group, function in SCENARIOS if group == "basic" or group in groups]
    for transport in plan:
        for revision in [*SESSIONS, MODERN]:
            if why := missing(transport, revision):
                print(sdk.NAME, transport, revision, "-", "-", why, sep="\t", flush=True)
                continue
            for function in chosen:
                verdict, detail = "ok", ""
                try:
                    await run(plan, transport, revision, function)
                except Exception as error:
                    verdict, detail = "FAIL", reason(error)
                print(sdk.NAME, transport, revision, function.__name__, verdict, detail, sep="\t", flush=True)


warnings.simplefilter("ignore")  # sessions are deprecated in 2.x, and tested on purpose
if __name__ == "__main__":
    anyio.run(main, json.loads(sys.argv[2]), sys.argv[3:])
