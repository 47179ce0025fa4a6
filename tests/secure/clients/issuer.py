"""Runs the official suite's scenarios for authorization servers, and is the person who agrees.

    issuer.py URL CA COMMAND...    the command of the suite, without arguments

It follows the URL that the suite prints for a person, and fails if the suite does.
"""

import json
import socket
import ssl
import subprocess
import sys
from urllib.request import Request, urlopen

url, ca, *suite = sys.argv[1:]
issuer = url.removesuffix("/mcp")
tls = ssl.create_default_context(cafile=ca)
with socket.create_server(("127.0.0.1", 0)) as free:
    port = free.getsockname()[1]

registration = {
    "redirect_uris": [f"http://127.0.0.1:{port}/callback"], "token_endpoint_auth_method": "none",
    "grant_types": ["authorization_code", "refresh_token"],
}
request = Request(f"{issuer}/register", json.dumps(registration).encode(), {"Content-Type": "application/json"})
with urlopen(request, context=tls, timeout=30) as reply:
    client = json.load(reply)["client_id"]

arguments = ["authorization", "--url", issuer, "--client-id", client, "--resource", url, "--port", str(port)]
scenarios = subprocess.Popen([*suite, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
for line in scenarios.stdout:
    print(line, end="", flush=True)
    if line.startswith(f"{issuer}/authorize?"):
        with urlopen(line.strip(), context=tls, timeout=30):  # follows the redirect to the suite
            pass
sys.exit(scenarios.wait())
