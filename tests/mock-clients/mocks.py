"""Drives servers of one mock platform with an official Python client, several of them at once.

    mocks.py SDK PLATFORM KEY     SDK is sdk1 or sdk2 of ../interop/python; KEY is that of administrators

Prints one line per scenario: `client <TAB> era <TAB> scenario <TAB> ok|FAIL <TAB> detail`.
The same scenarios, in the same order, are in mocks.mjs.
"""

import sys
import warnings
from asyncio import gather
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import anyio

sys.path.insert(0, str(Path(__file__).parents[1] / "interop/python"))
from client import LIMIT, MODERN, Peer, code_of, names, reason, sdk, text_of  # noqa: E402

PLATFORM, KEY = sys.argv[2:]
ERAS = {"sessions": "2025-11-25"} | ({} if MODERN in sdk.MISSING else {"modern": MODERN})
CITY = {"type": "string", "description": "City"}
SCENARIOS = []  # in the order of the table


def scenario(function):
    SCENARIOS.append(function)
    return function


@asynccontextmanager
async def connect(era, path, headers=None, answered=None):
    """A connection of its own; `answered` sees every response."""
    hooks = {"response": [answered]} if answered else None
    async with AsyncExitStack() as stack:
        http = None
        if headers or hooks:
            http = await stack.enter_async_context(sdk.HTTP(timeout=LIMIT, event_hooks=hooks))
            headers and http.event_hooks["request"].append(overwriting(headers))
        mode = "auto" if era == "modern" else "legacy"
        yield await stack.enter_async_context(sdk.connect("http", PLATFORM + path, mode, Peer(), LIMIT, http))


def overwriting(headers):
    async def overwrite(request):
        request.headers.update(headers)

    return overwrite


def server(era, id, **how):
    return connect(era, f"/api/platform/{id}/mcp", **how)


def management(era):
    return connect(era, "/api/platform-mcp/mcp", headers={"Authorization": f"Bearer {KEY}"})


def weather(c, **arguments):
    return c.call_tool("get_weather", arguments)


def shown(tools):
    return [(tool.name, tool.description, tool.input_schema) for tool in tools]


# --- two servers at once: the shipped designs --------------------------------------------------


@scenario
async def negotiate(era, forecast, paris):
    assert forecast.protocol_version == paris.protocol_version == ERAS[era]
    assert (forecast.server_info.name, forecast.server_info.version) == ("Forecast", "1.0.0")
    assert (paris.server_info.name, paris.server_info.version) == ("Paris", "1.0.0")
    one, other = forecast.server_capabilities, paris.server_capabilities
    assert one.tools and one.resources and one.prompts, one
    assert other.tools and other.resources and not other.prompts, other
    # Sessions have no stream to be told of changes on: nothing is promised.
    assert bool(other.tools.list_changed) == (era == "modern"), other


@scenario
async def list_tools(era, forecast, paris):
    one, other = await gather(forecast.list_tools(), paris.list_tools())
    assert shown(one.tools) == [("get_weather", "Weather for a city", {
        "type": "object", "properties": {"city": CITY}, "required": ["city"]})], one
    assert names(other.tools) == ["get_weather", "roll", "flaky"], other
    assert shown(other.tools)[0] == ("get_weather", "Weather in Paris, whatever the city", {
        "type": "object", "properties": {"city": {"type": "string"}}}), other


@scenario
async def call_both(era, forecast, paris):
    one, other = await gather(weather(forecast, city="Graz"), weather(paris, city="Graz"))
    assert text_of(one) == '{"temperature":15,"conditions":"Unknown"}', one
    assert one.structured_content == {"temperature": 15, "conditions": "Unknown"}, one
    assert text_of(other) == "It is always lovely in Paris.", other
    # A value that is no object is structured in the newest revision only.
    assert other.structured_content == (text_of(other) if era == "modern" else None), other


@scenario
async def call_scenarios(era, forecast, paris):
    one, other = await gather(weather(forecast, city="San Francisco"), weather(paris, city="PARIS"))
    assert text_of(one) == '{"temperature":72,"conditions":"Sunny"}', one
    assert text_of(other) == '{"city":"PARIS","temperature":21,"conditions":"Lovely"}', other
    assert other.structured_content["city"] == "PARIS", other
    # The design of Paris is one that says how it was decided.
    assert other.meta["dev.mock/trace"] and "dev.mock/trace" not in (one.meta or {}), (one, other)
    one, other = await gather(weather(forecast, city="Paris", units="C", when={"month": 12}),
                              weather(paris, city="San Francisco"))
    assert text_of(one) == '{"temperature":-3}' and text_of(other) == "It is always lovely in Paris.", (one, other)


@scenario
async def progress(era, forecast, paris):
    seen = []

    async def on_progress(value, total, message):
        seen.append((value, total, message))

    await paris.call_tool("get_weather", {"city": "Paris"}, progress_callback=on_progress)
    assert seen == [(1, 2, "Looking out of the window"), (2, 2, None)], seen


@scenario
async def tool_error(era, forecast, paris):
    one, other = await gather(weather(forecast, city="err-1"), weather(paris, city="err-1"))
    assert one.is_error and one.content[0].text == "backend down", one
    assert text_of(other) == "It is always lovely in Paris.", other


@scenario
async def bad_arguments(era, forecast, paris):
    missing, wrong, other = await gather(weather(forecast), weather(forecast, city=5), weather(paris))
    assert missing.is_error, missing
    assert missing.content[0].text == "Invalid params: missing required field 'city'", missing
    assert wrong.is_error and wrong.content[0].text.startswith("Invalid params: /city: "), wrong
    assert text_of(other) == "It is always lovely in Paris.", other


@scenario
async def unknown_tool(era, forecast, paris):
    # It is one of the other server.
    code, rolled = await gather(code_of(forecast.call_tool("roll")), paris.call_tool("roll"))
    assert code == -32602, code
    assert rolled.structured_content["face"] in range(1, 7), rolled


@scenario
async def resources(era, forecast, paris):
    one, templates = await gather(forecast.list_resources(), paris.list_resource_templates())
    (cities,) = one.resources
    assert (str(cities.uri), cities.name, cities.description, cities.mime_type) == (
        "weather://cities", "Cities", "Known cities", "application/json"), cities
    (district,) = templates.resource_templates
    assert (district.uri_template, district.name) == ("paris://districts/{number}", "District"), district
    one, first, other = await gather(*(c.read_resource(uri) for c, uri in [
        (forecast, "weather://cities"), (paris, "paris://districts/1"), (paris, "paris://districts/7")]))
    (read,) = one.contents
    assert (str(read.uri), read.mime_type, read.text) == ("weather://cities", "application/json", '["Graz","Linz"]')
    assert [first.contents[0].text, other.contents[0].text] == ["The Louvre", "District 7"], (first, other)
    code = await code_of(paris.read_resource("weather://cities"))
    assert code == (-32602 if era == "modern" else -32002), code


@scenario
async def prompts(era, forecast, paris):
    (prompt,) = (await forecast.list_prompts()).prompts
    assert (prompt.name, prompt.description) == ("weather_query", "Ask for weather"), prompt
    assert [(a.name, a.description, a.required) for a in prompt.arguments] == [("location", "Where", True)]
    (message,) = (await forecast.get_prompt("weather_query", {"location": "Graz"})).messages
    assert (message.role, message.content.text) == ("user", "How is the weather in Graz?"), message
    assert await code_of(forecast.get_prompt("weather_query", {})) == -32602
    assert await code_of(forecast.get_prompt("nothing", {})) == -32602


# --- other servers of the same platform --------------------------------------------------------


@scenario
async def answers_as_json(era, forecast, paris):
    types = set()

    async def answered(response):
        if response.status_code == 200:  # notifications are answered with nothing
            types.add(response.headers["content-type"].split(";")[0])

    async with (server(era, "abc123", headers={"Accept": "application/json"}, answered=answered) as one,
                server(era, "paris", headers={"Accept": "application/json"}, answered=answered) as other):
        assert text_of(await weather(one, city="San Francisco")) == '{"temperature":72,"conditions":"Sunny"}'
        assert text_of(await weather(other, city="Graz")) == "It is always lovely in Paris."
    assert types == {"application/json"}, types


@scenario
async def strict_profile(era, forecast, paris):
    async with server(era, "strict") as strict:
        # Whatever a handshake asks for, it is given the oldest revision; the newest one has none.
        expected = "2024-11-05" if era == "sessions" else MODERN
        assert strict.protocol_version == expected, strict.protocol_version
        assert names((await strict.list_tools()).tools) == ["get_weather"]
        assert text_of(await weather(strict, city="Graz")) == '{"temperature":15,"conditions":"Unknown"}'
        assert await code_of(strict.call_tool("roll")) == -32601
        assert await code_of(weather(strict)) == -32602


@scenario
async def add_a_tool(era, forecast, paris):
    id = f"{sdk.NAME}-{era}"
    first, second = ({"name": name, "default": name} for name in ("first", "second"))
    async with management(era) as manager:
        async def manage(operation, **arguments):
            result = await manager.call_tool(operation, arguments)
            assert not result.is_error, result
            return result.structured_content

        offered = names((await manager.list_tools()).tools)
        assert {"create_mcp_server", "publish_mcp_server", "add_tool", "delete_mcp_server"} <= set(offered), offered
        made = await manage("create_mcp_server", design={"id": id, "name": "Live", "version": "1", "tools": [first]})
        assert (made["id"], made["status"]) == (id, "draft"), made
        assert (await manage("publish_mcp_server", id=id))["status"] == "published"
        refused = await manager.call_tool("add_tool", {"server": id, "tool": first})
        assert refused.is_error and "/tools/1/name" in refused.content[0].text, refused

        async with server(era, id) as live:
            assert names((await live.list_tools()).tools) == ["first"]
            if era == "modern":
                async with live.listen(tools_list_changed=True) as stream:
                    assert stream.honored.tools_list_changed, stream.honored
                    await manage("add_tool", server=id, tool=second)
                    assert await anext(stream) == sdk.LISTEN_EVENTS[0]()
            else:  # such a client hears nothing: it has to look
                await manage("add_tool", server=id, tool=second)
            assert names((await live.list_tools()).tools) == ["first", "second"]
            assert text_of(await live.call_tool("second")) == "second"
            await manage("delete_mcp_server", id=id)


# --- the runner --------------------------------------------------------------------------------


async def run(era, function):
    with anyio.fail_after(LIMIT):
        async with server(era, "abc123") as forecast, server(era, "paris") as paris:
            await function(era, forecast, paris)


async def main():
    for era in ERAS:
        for function in SCENARIOS:
            verdict, detail = "ok", ""
            try:
                await run(era, function)
            except Exception as error:
                verdict, detail = "FAIL", reason(error)
            print(sdk.NAME, era, function.__name__, verdict, detail, sep="\t", flush=True)


warnings.simplefilter("ignore")  # sessions are deprecated in 2.x, and tested on purpose
anyio.run(main)
