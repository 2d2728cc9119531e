# shellcheck shell=bash
# The running half of ./run: the server, the demonstration hearing and its simulated participants. Sourced by ./run.

BIN=build/release/bin
SERVER=
PARTICIPANTS=()
OK=false
SERVER_LOG=
SERVER_HINT=

# start_child LOG COMMAND...: in a session of its own, so that Ctrl-C reaches only ./run, and never outliving it.
start_child() {
    local log=$1
    shift
    setsid setpriv --pdeathsig TERM "$@" >>"$log" 2>&1 </dev/null &
}

stop_child() { # stop_child PID: asks, and insists after ten seconds
    local pid=$1 waited=0
    kill -TERM "$pid" 2>/dev/null || return 0
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.05
        waited=$((waited + 1))
        [ $waited -lt 200 ] || kill -KILL "$pid" 2>/dev/null || true
    done
    wait "$pid" 2>/dev/null || true
}

# The one way out: everything that was started is stopped, participants first.
finish() { # finish STATUS
    local status=$1 pid packets
    trap - EXIT
    trap '' INT TERM HUP
    packets=$(packets_received)
    for pid in "${PARTICIPANTS[@]}"; do
        stop_child "$pid"
    done
    if [ -n "$SERVER" ]; then
        [ "$ONCE" = yes ] || printf '\nStopping … ' >&2
        stop_child "$SERVER"
        [ "$ONCE" = yes ] || printf 'stopped.\n' >&2
    fi
    if [ "$ONCE" = yes ]; then
        [ $OK = true ] || [ "$status" != 0 ] || status=1
        printf '{"ok":%s,"ready_s":%s,"packets":%d}\n' $OK "${READY_S:-$(seconds_since "$BEGAN")}" \
            "$packets"
    elif [ "$status" = 130 ]; then
        status=0
    fi
    exit "$status"
}

check_state() {
    if [ "$FRESH" = yes ] && [ -d "$STATE" ]; then
        [ -z "$(ls -A "$STATE")" ] || [ -f "$STATE/lock" ] ||
            fail "$STATE does not look like a state directory of Assize, so --fresh leaves it alone." \
                "Name another folder with ASSIZE_STATE, or empty this one yourself."
        flock --nonblock "$STATE" true || fail "Assize is running on $STATE." "Stop it first (Ctrl-C)."
        rm -rf "${STATE:?}"
    fi
    mkdir -p "$STATE/log" ||
        fail "The state directory $STATE cannot be made." "Name another one with ASSIZE_STATE."
    SERVER_LOG=$STATE/log/server.log
    SERVER_HINT="The server's own words are in $SERVER_LOG."
}

check_ports() {
    local other="./run --port $((PORT + 1000 < 65000 ? PORT + 1000 : 8443)) takes another pair."
    [ -z "$(ss -Hltn "sport = :$PORT")" ] ||
        fail "TCP port $PORT is taken by another program." "$other"
    [ -z "$(ss -Hlun "sport = :$((PORT + 1))")" ] ||
        fail "UDP port $((PORT + 1)) is taken by another program." "$other"
}

host_name() { # the address people on other machines type
    case $LISTEN in
    127.* | localhost | ::1) printf localhost ;;
    0.0.0.0 | ::) hostname -I | awk '{ print $1 }' ;;
    *) printf '%s' "$LISTEN" ;;
    esac
}

start_server() {
    URL=https://$(host_name):$PORT
    : >"$SERVER_LOG"
    start_child "$SERVER_LOG" "$BIN/assize" up --state "$STATE" --set "listen.address=$LISTEN" \
        --set "listen.port=$PORT" --set "listen.public_url=$URL" --set "media.port=$((PORT + 1))" \
        --set "web.root=$PWD/web/dist"
    SERVER=$!
    step "Start the database, the server and the relay" "$SERVER_HINT" await_server
}

await_server() {
    local tries
    for tries in {1..600}; do
        if ! kill -0 "$SERVER" 2>/dev/null; then
            tail -n 20 "$SERVER_LOG"
            return 1
        fi
        curl -skf --max-time 2 -o /dev/null "$URL/healthz" && return 0
        sleep 0.05
    done
    echo "no answer from $URL/healthz after $tries tries"
    return 1
}
