# Shared by the stages that drive a real server from outside. Source it; needs bash, npm and python3.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tools=$root/target/tools # installed once, then re-used: see `fresh`

# fresh DIR FILE...: succeeds if DIR was installed from exactly these files; `stamp` says that it was.
fresh() { [[ -f $1/.stamp ]] && cat "${@:2}" | cmp -s - "$1/.stamp"; }
stamp() { cat "${@:2}" >"$1/.stamp"; }

# npm_tools SOURCE NAME: the packages of SOURCE/package-lock.json under $tools/NAME.
npm_tools() {
  local files=("$1/package.json" "$1/package-lock.json") into=$tools/$2
  fresh "$into" "${files[@]}" && return
  rm -rf "$into" && mkdir -p "$into"
  cp "${files[@]}" "$1/.npmrc" "$into/"
  npm ci --prefix "$into"
  stamp "$into" "${files[@]}"
}

# python_tools REQUIREMENTS NAME: a virtual environment with them under $tools/NAME.
python_tools() {
  local into=$tools/$2
  fresh "$into" "$1" && return
  rm -rf "$into" && mkdir -p "$tools"
  # Debian ships Python without venv; the check costs nothing where it is there.
  python3 -c 'import ensurepip' 2>/dev/null || { apt-get update -q && apt-get install -qy python3-venv; }
  python3 -m venv "$into"
  "$into/bin/pip" install --quiet --disable-pip-version-check --requirement "$1"
  stamp "$into" "$1"
}

# redis_server: puts `redis-server` on the PATH, unless it is there. Tests start their own.
redis_server() {
  command -v redis-server >/dev/null && return
  apt-get update -q && apt-get install -qy --no-install-recommends redis-server
}

# start_server NAME: builds and starts the server under test, waits until it says where it listens,
# and sets $url. Its output goes to target/NAME.log. It is stopped when this shell ends.
# SERVER_COMMAND starts another server instead; it must print the same line.
start_server() {
  local log=$root/target/$1.log line out
  local command=(cargo run --quiet -p everything -- --bind 127.0.0.1:0)
  if [[ -n ${SERVER_COMMAND-} ]]; then
    read -ra command <<<"$SERVER_COMMAND"
  else
    cargo build -p everything
  fi
  mkdir -p "$root/target" && : >"$log"
  exec {out}< <(exec "${command[@]}" 2>&1)
  server=$!
  trap stop_server EXIT
  url=
  while [[ -z $url ]] && read -r -t 30 -u "$out" line; do
    printf '%s\n' "$line" >>"$log"
    [[ $line =~ listening\ on\ (https?://[^ ]+) ]] && url=${BASH_REMATCH[1]}
  done
  if [[ -z $url ]]; then
    echo "the server did not say 'listening on http://…' within 30 seconds; it said:" >&2
    cat "$log" >&2
    return 1
  fi
  cat <&"$out" >>"$log" 2>&1 & # a server whose pipe is full would stop
}

# Asks the server to stop and waits for it, at most 10 seconds.
stop_server() {
  kill "$server" 2>/dev/null || return 0
  timeout 10 tail -s 0.1 --pid="$server" -f /dev/null && return
  echo "the server did not stop within 10 seconds of SIGTERM" >&2
  kill -9 "$server"
}
