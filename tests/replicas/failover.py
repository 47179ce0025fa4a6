"""Comes back to cut streams at the other replica; then kills the replica that runs a call, and goes on
in the same session with the one that is left.

    failover.py PROXY URL PID URL PID

PROXY is in front of two replicas, each with its own URL and process id. One of them is dead afterwards.
"""

import os
import signal
import sys
from pathlib import Path

import anyio

sys.path.insert(0, str(Path(__file__).parents[1] / "interop/python"))
from client import LIMIT, MODERN, Peer, reason, sdk, text_of, triggered  # noqa: E402

WATCHED = "test://watched-resource"


def connect(url, mode, peer):
    return sdk.connect("http", url, mode, peer, LIMIT)


async def runs_at(url, key):
    """Whether the call with this key runs at this replica, which is asked past the proxy."""
    async with connect(url, MODERN, Peer()) as replica:
        outcome = text_of(await replica.call_tool("test_cancellation_outcome", {"key": key}))
    assert outcome in ("unknown", "running"), outcome
    return outcome == "running"


async def main(proxy, replicas):
    peer = Peer()
    started = anyio.Event()

    async def on_progress(*_):
        started.set()

    async def call(client):
        arguments = {"key": "failover"}
        try:
            await client.call_tool("test_wait_for_cancellation", arguments, progress_callback=on_progress)
        except Exception as error:
            print(f"the call that was cut: {reason(error)}")

    with anyio.fail_after(3 * LIMIT):
        async with connect(proxy, "legacy", peer) as client, anyio.create_task_group() as group:
            # Nothing else takes turns now, so whoever comes back comes to the other replica: `run`
            # looks into Redis for the rest of such a stream.
            for _ in range(3):
                assert text_of(await client.call_tool("test_reconnection")) == "You have come back."

            await client.subscribe_resource(WATCHED)
            group.start_soon(call, client)
            await started.wait()
            at = [pid for url, pid in replicas if await runs_at(url, "failover")]
            assert len(at) == 1, f"the call runs at {len(at)} replicas"
            os.kill(at[0], signal.SIGKILL)

            # The session is in its id, so whoever is left serves it; more than once, since it would
            # be the turn of the dead one every other time.
            for number in range(6):
                assert text_of(await client.call_tool("add", {"a": number, "b": 1})) == str(number + 1)
            # What was subscribed at one replica is known to the other.
            update = await triggered(
                client, "test_trigger_resource_update", lambda: peer.next(sdk.RESOURCE_UPDATED))
            assert str(update.params.uri) == WATCHED
            group.cancel_scope.cancel()
    print("the session went on without the replica that was killed")


numbers = map(int, sys.argv[3::2])
anyio.run(main, sys.argv[1], list(zip(sys.argv[2::2], numbers)))
