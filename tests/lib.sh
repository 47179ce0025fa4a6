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

# debian_tool COMMAND PACKAGE: puts the command on the PATH, unless it is there. Tests start their own.
debian_tool() {
  command -v "$1" >/dev/null && return
  apt-get update -q && apt-get install -qy --no-install-recommends "$2"
}

redis_server() { debian_tool redis-server redis-server; }

# What was started and is still to be stopped: process ids, oldest first.
started=()
trap stop_started EXIT

# Asks everything that was started to stop, the newest first, and waits for each, at most 10 seconds.
stop_started() {
  local at pid
  for ((at = ${#started[@]} - 1; at >= 0; at--)); do
    pid=${started[at]}
    kill "$pid" 2>/dev/null || continue
    timeout 10 tail -s 0.1 --pid="$pid" -f /dev/null && continue
    echo "process $pid did not stop within 10 seconds of SIGTERM" >&2
    kill -9 "$pid"
  done
}

# start NAME REGEX COMMAND...: starts the command, waits until it prints a line that matches, and
# sets $pid and BASH_REMATCH. Its output goes to target/NAME.log. It is stopped when this shell ends.
start() {
  local log=$root/target/$1.log ready=$2 line out
  mkdir -p "$root/target" && : >"$log"
  exec {out}< <(exec "${@:3}" 2>&1)
  pid=$!
  started+=("$pid")
  while read -r -t 30 -u "$out" line; do
    printf '%s\n' "$line" >>"$log"
    if [[ $line =~ $ready ]]; then
      cat <&"$out" >>"$log" 2>&1 & # a process whose pipe is full would stop
      return
    fi
  done
  echo "$1 did not say '$ready' within 30 seconds; it said:" >&2
  cat "$log" >&2
  return 1
}

# start_server NAME [ARGUMENT...]: builds and starts the server under test with these arguments, waits
# until it says where it listens, and sets $url and $pid.
# SERVER_COMMAND starts another server instead, which must print the same line; SERVER_URL is one that
# runs already.
start_server() {
  local command=(cargo run --quiet -p everything -- --bind 127.0.0.1:0 "${@:2}")
  if [[ -n ${SERVER_URL-} ]]; then
    url=$SERVER_URL
    return
  elif [[ -n ${SERVER_COMMAND-} ]]; then
    read -ra command <<<"$SERVER_COMMAND"
  else
    cargo build -p everything
  fi
  start "$1" 'listening on (https?://[^ ]+)' "${command[@]}"
  url=${BASH_REMATCH[1]}
}
