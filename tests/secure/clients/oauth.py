"""Drives the secure example with the official Python client, from 401 to step-up, and with one like
those that guides show.

    oauth.py URL CA      e.g. oauth.py https://localhost:8443/mcp target/secure/ca.pem

Prints one line per scenario: `python <TAB> era <TAB> scenario <TAB> ok|FAIL <TAB> detail`.
The same scenarios, in the same order, are in oauth.mjs.
"""

import logging
import ssl
import sys
import traceback
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx2
from mcp import Client, types
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

URL, CA = sys.argv[1:]
TLS = ssl.create_default_context(cafile=CA)
ERAS = {"legacy": "2025-11-25", "modern": "2026-07-28"}
LIMIT = 30  # seconds for one scenario


class Storage:
    """What a client keeps, and how often it had to ask for it."""

    def __init__(self):
        self.tokens = self.client = None
        self.scopes = []

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens
        self.scopes.append(tokens.scope)

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


class Browser:
    """A person who agrees: follows the authorization URL to where it leads."""

    def __init__(self):
        self.visits = []

    async def open(self, url):
        async with httpx2.AsyncClient(verify=TLS) as http:
            reply = await http.get(url)
        assert reply.status_code == 302, f"{reply.status_code}: {reply.text}"
        self.visits.append(parse_qs(urlsplit(url).query))
        self.answer = parse_qs(urlsplit(reply.headers["location"]).query)

    async def callback(self):
        code, state, iss = (self.answer.get(name, [None])[0] for name in ("code", "state", "iss"))
        assert code, self.answer
        return AuthorizationCodeResult(code=code, state=state, iss=iss)


def provider(storage, browser):
    metadata = OAuthClientMetadata(
        client_name="interop-python",
        redirect_uris=["http://127.0.0.1:33418/callback"],
        token_endpoint_auth_method="none",
    )
    return OAuthClientProvider(
        server_url=URL,
        client_metadata=metadata,
        storage=storage,
        redirect_handler=browser.open,
        callback_handler=browser.callback,
    )


async def confirm(_context, _params):
    return types.ElicitResult(action="accept", content={"confirm": True})


class Session:
    """A client of one era, signed in by whatever `storage` holds."""

    def __init__(self, era, storage, browser):
        self.http = httpx2.AsyncClient(verify=TLS, auth=provider(storage, browser), timeout=LIMIT)
        mode = "legacy" if era == "legacy" else ERAS[era]
        transport = streamable_http_client(URL, http_client=self.http)
        self.client = Client(transport, mode=mode, elicitation_callback=confirm, read_timeout_seconds=LIMIT)

    async def __aenter__(self):
        await self.http.__aenter__()
        return await self.client.__aenter__()

    async def __aexit__(self, *error):
        await self.client.__aexit__(*error)
        await self.http.__aexit__(*error)


def structured(result):
    assert not result.is_error, result.content
    return result.structured_content


SCENARIOS = []


def scenario(function):
    SCENARIOS.append(function)
    return function


@scenario
async def sign_in(era):
    storage, browser = Storage(), Browser()
    async with Session(era, storage, browser) as client:
        assert client.protocol_version == ERAS[era]
        caller = structured(await client.call_tool("whoami"))
        assert caller["subject"] == "ada" and caller["client"] == storage.client.client_id, caller
        assert caller["scopes"] == "notes:read", caller
    (visit,) = browser.visits
    assert visit["code_challenge_method"] == ["S256"] and visit["resource"] == [URL], visit


@scenario
async def step_up(era):
    storage, browser = Storage(), Browser()
    async with Session(era, storage, browser) as client:
        assert structured(await client.call_tool("notes_list")) is not None
        note = structured(await client.call_tool("notes_write", {"title": "Tea", "text": "hot"}))
        read = structured(await client.call_tool("notes_read", {"id": note["id"]}))
        assert read["text"] == "hot", read
        purged = await client.call_tool("notes_purge")
        assert "removed" in purged.content[0].text, purged
    assert storage.scopes == ["notes:read", "notes:read notes:write", "admin notes:read notes:write"], storage.scopes


@scenario
async def refresh(era):
    storage, browser = Storage(), Browser()
    async with Session(era, storage, browser) as client:
        await client.call_tool("whoami")
    first = storage.tokens
    oauth = provider(storage, browser)
    await oauth._initialize()  # what a client does after a restart, when its token has run out
    async with httpx2.AsyncClient(verify=TLS) as http:
        form = {
            "grant_type": "refresh_token", "refresh_token": first.refresh_token,
            "client_id": storage.client.client_id, "resource": URL,
        }
        metadata = (await http.get(URL.replace("/mcp", "/.well-known/oauth-authorization-server"))).json()
        reply = await http.post(metadata["token_endpoint"], data=form)
    assert await oauth._handle_refresh_response(reply), reply.text
    assert storage.tokens.refresh_token != first.refresh_token
    async with Session(era, storage, browser) as client:
        assert structured(await client.call_tool("whoami"))["subject"] == "ada"
    assert len(browser.visits) == 1, "nobody was asked again"


class Guide:
    """As a guide has it, of 2025; a token is all that was added."""

    def __init__(self, url, ca, token):
        self.url, self.sid, self.h = url, None, httpx2.Client(verify=ca)
        self.h.headers["Authorization"] = f"Bearer {token}"

    def initialize(self):
        r = self.h.post(self.url, headers={"Content-Type": "application/json"}, json={"jsonrpc": "2.0", "id": 1,
            "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {},
            "clientInfo": {"name": "guide", "version": "1.0"}}})
        self.sid = r.headers.get("Mcp-Session-Id"); return r.json()

    def call_tool(self, name, args):  # always id 2, never "initialized"
        h = {"Content-Type": "application/json"} | ({"Mcp-Session-Id": self.sid} if self.sid else {})
        return self.h.post(self.url, headers=h, json={"jsonrpc": "2.0", "id": 2, "method": "tools/call",
            "params": {"name": name, "arguments": args}}).json()


@scenario
async def guide(era):
    storage, browser = Storage(), Browser()
    async with Session(era, storage, browser) as client:
        await client.call_tool("notes_list")  # this client widens a token, but not in the request that got it
        await client.call_tool("notes_write", {"title": "Guide", "text": "simple"})

    def talk():
        client = Guide(URL, TLS, storage.tokens.access_token)
        assert client.initialize()["result"]["protocolVersion"] == "2025-06-18"
        for _ in range(3):
            listed = client.call_tool("notes_list", {})
            assert listed["id"] == 2 and listed["result"]["structuredContent"]["notes"], listed
        counted = client.call_tool("slow_count", {"to": 3, "pause": 1})
        assert counted["result"]["content"][0]["text"] == "Counted to 3.", counted

    await anyio.to_thread.run_sync(talk)


def reason(error):
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    line = traceback.extract_tb(error.__traceback__)[-1]
    return " ".join(f"{type(error).__name__}: {error} [{line.line}]".split())


async def report(era, name, run):
    verdict, detail = "ok", ""
    try:
        with anyio.fail_after(LIMIT):
            await run()
    except Exception as error:
        verdict, detail = "FAIL", reason(error)
    print("python", era, name, verdict, detail, sep="\t", flush=True)


async def main():
    for era in ERAS:
        for function in SCENARIOS:
            await report(era, function.__name__, lambda: function(era))


logging.getLogger("mcp.client.auth").setLevel(logging.CRITICAL)
anyio.run(main)
