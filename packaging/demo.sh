# shellcheck shell=bash
# The running half of ./run: the server, the demonstration hearing and its simulated participants. Sourced by ./run.

BIN=build/release/bin
SERVER=
CENTER=
RECEIPT=false
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
    local status=$1 pid packets record=0 verified=false
    set +e
    trap - EXIT
    trap '' INT TERM HUP
    packets=$(packets_received)
    [ "$ONCE" != yes ] || [ $OK != true ] || read -r record verified < <(verify_record)
    [ "$ONCE" != yes ] || [ "$verified" = true ] || OK=false
    for pid in "${PARTICIPANTS[@]}"; do
        stop_child "$pid"
    done
    if [ -n "$SERVER$CENTER" ]; then
        [ "$ONCE" = yes ] || printf '\nStopping … ' >&2
        [ -z "$SERVER" ] || stop_child "$SERVER"
        [ -z "$CENTER" ] || stop_child "$CENTER"
        [ "$ONCE" = yes ] || printf 'stopped.\n' >&2
    fi
    if [ "$ONCE" = yes ]; then
        [ $OK = true ] || [ "$status" != 0 ] || status=1
        printf '{"ok":%s,"ready_s":%s,"packets":%d,"record_bytes":%d,"verified":%s,"receipt":%s}\n' \
            $OK "${READY_S:-$(seconds_since "$BEGAN")}" "$packets" "$record" "$verified" $RECEIPT
    elif [ "$status" = 130 ]; then
        status=0
    fi
    exit "$status"
}

check_state() {
    if [ -f "$STATE/lock" ] && ! flock --nonblock "$STATE/lock" true; then
        fail "Assize is running already with the state directory $STATE." \
            "Stop it first (Ctrl-C where it runs), or name another folder with ASSIZE_STATE."
    fi
    if [ "$FRESH" = yes ] && [ -d "$STATE" ]; then
        [ -z "$(ls -A "$STATE")" ] || [ -f "$STATE/lock" ] ||
            fail "$STATE does not look like a state directory of Assize, so --fresh leaves it alone." \
                "Name another folder with ASSIZE_STATE, or empty this one yourself."
        rm -rf "${STATE:?}"
    fi
    (umask 077 && mkdir -p "$STATE/log" "$STATE/run") ||
        fail "The state directory $STATE cannot be made." "Name another one with ASSIZE_STATE."
    SERVER_LOG=$STATE/log/console.log
    SERVER_HINT="The programs' own words are in $STATE/log."
}

check_ports() {
    local other="./run --port $((PORT + 1000 < 65000 ? PORT + 1000 : 8443)) takes other ones." tcp
    for tcp in "$PORT" $((PORT + 2)) $((PORT + 3)); do
        [ -z "$(ss -Hltn "sport = :$tcp")" ] ||
            fail "TCP port $tcp is taken by another program." "$other"
    done
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
        --set "web.root=$PWD/web/dist" --set "exchange.center=https://localhost:$((PORT + 2))"
    SERVER=$!
    step "Start the database, the server and the relay" "$SERVER_HINT" await_ready $SERVER "$SERVER_LOG"
    step "Link the court to the centre" "$CENTER_HINT" link_center
}

# The centre that the court reports to: a database and a server of its own. It starts beside the court.
start_center() {
    CENTER_LOG=$STATE/center/log/console.log
    CENTER_HINT="The centre's own words are in $STATE/center/log."
    (umask 077 && mkdir -p "$STATE/center/log")
    : >"$CENTER_LOG"
    start_child "$CENTER_LOG" "$BIN/assize" up --state "$STATE/center" --set role=center \
        --set "listen.port=$((PORT + 2))" --set exchange.organisation=CENTER \
        --set "center.address=$LISTEN" --set "center.port=$((PORT + 3))" \
        --set "center.public_url=https://$(host_name):$((PORT + 3))" --set "web.root=$PWD/web/dist"
    CENTER=$!
}

# The certificate that opens the centre to this court, made once; the court finds it by itself. And the right to ask what other
# courts know of a party.
link_center() {
    await_ready "$CENTER" "$CENTER_LOG" || return 1
    [ -f "$STATE/tls/exchange.pem" ] ||
        "$BIN/assize" exchange admit DEMO --to "$STATE" --state "$STATE/center" || return 1
    local purpose
    for purpose in intake adjudication; do
        "$BIN/assize" access list DEMO --state "$STATE/center" | grep -q " $purpose " ||
            "$BIN/assize" access grant DEMO --types party --purpose "$purpose" --state "$STATE/center" || return 1
    done
}

await_ready() { # await_ready PID LOG
    local tries
    for tries in {1..1200}; do
        if ! kill -0 "$1" 2>/dev/null; then
            cat "$2"
            return 1
        fi
        grep -q '^ready ' "$2" && return 0
        sleep 0.05
    done
    echo "not ready after $((tries / 20)) s"
    return 1
}

seed_demo() {
    (umask 077 && "$BIN/assize" demo accounts --state "$STATE" >/dev/null &&
        "$BIN/assize" demo accounts --state "$STATE/center" >/dev/null &&
        "$BIN/assize" demo seed --state "$STATE" --set "listen.public_url=$URL" >"$STATE/run/demo.links" &&
        "$BIN/assize" demo cases --state "$STATE")
}

link_of() { # link_of ROLE
    awk -v role="$1" '$1 == role { print $2 }' "$STATE/run/demo.links"
}

# The people of the hearing, in one process. Who opens a link takes a seat from them.
start_participants() {
    : >"$STATE/log/trial.log"
    start_child "$STATE/log/trial.log" "$BIN/assize-peer" trial --url "https://localhost:$PORT" \
        --cert "$STATE/tls/cert.pem" --links "$STATE/run/demo.links" --accounts "$STATE/demo-accounts"
    PARTICIPANTS+=($!)
}

# They lead the hearing into the questioning, from wherever it was left the last time.
await_live() {
    local tries
    for tries in {1..1200}; do
        ! grep -q '"event":"ready"' "$STATE/log/trial.log" || return 0
        kill -0 "${PARTICIPANTS[0]}" 2>/dev/null || break
        sleep 0.05
    done
    echo "not live after $((tries / 20)) s"
    tail -n 5 "$STATE/log/trial.log"
    return 1
}

# What the simulated participants have received from each other, as they last said.
packets_received() {
    { grep -o '"packets_in":[0-9]*' "$STATE/log/trial.log" 2>/dev/null || echo :0; } |
        tail -n 1 | cut -d: -f2
}

hearing_id() {
    awk '$1 == "hearing" { print $2 }' "$STATE/run/demo.links"
}

# Bytes on record that vouch for themselves, and whether all of the record does.
verify_record() {
    "$BIN/assize" verify "$(hearing_id)" --json --state "$STATE" 2>>"$SERVER_LOG" |
        tr -d ' "\n' | sed -E 's/.*verified:(true|false).*record_bytes:([0-9]+).*/\2 \1\n/'
}

await_media() {
    local tries
    for tries in {1..200}; do
        [ "$(packets_received)" -lt 300 ] || return 0
        sleep 0.1
    done
    echo "only $(packets_received) packets after $((tries / 10)) s"
    return 1
}

# The presiding judge takes the hearing to its judgment and closes it.
await_receipt() {
    local hearing link tries
    hearing=$(hearing_id)
    link=$(link_of presiding_judge)
    "$BIN/assize-peer" direct --url "https://localhost:$PORT" --cert "$STATE/tls/cert.pem" \
        --token "${link#*#}" --enter-phase 5,6,7,8 --close --leave || return 1
    for tries in {1..300}; do
        "$BIN/assize" exchange outbox --state "$STATE" |
            awk -v id="$hearing" '$3 == id { print $4 }' | grep -qE '^[0-9a-f-]{36}$' && return 0
        sleep 0.1
    done
    echo "no receipt after $((tries / 10)) s"
    "$BIN/assize" exchange outbox --state "$STATE"
    return 1
}

print_welcome() {
    local role label
    printf '\nReady after %s s at %s\n' "$READY_S" "$URL"
    printf 'The certificate is self-signed: the browser warns once; go on to the page.\n'
    [ "$DEMO" = yes ] || return 0
    printf '\nThe trial is in its questioning. Every seat is filled by somebody simulated until its link is opened.\n\n'
    while read -r role label; do
        printf '  %s\n    %s\n' "$label" "$(link_of "$role")"
    done <<'TEXT'
presiding_judge Thẩm phán chủ tọa phiên tòa · Presiding judge
clerk Thư ký phiên tòa · Clerk
procurator Kiểm sát viên · Procurator
defence_counsel Người bào chữa · Defence counsel
detention_officer Trại tạm giam số 1: cán bộ và bị cáo · Detention site: the officer and the defendant
victim Bị hại · Victim
witness Người làm chứng, chờ được gọi · Witness, waiting to be called
site_official Công chức Tòa án tại điểm cầu thành phần · The court's official at the component point
gallery Người dự khán · Public gallery (opened and closed by the presiding judge)
TEXT
    printf '\nStaff sign in at %s/signin\n' "$URL"
    while read -r role label; do
        awk -v role="$role" -v label="$label" '$1 == role { printf "  %s: %s, %s\n", label, $2, $3 }' \
            "$STATE/demo-accounts"
    done <<'TEXT'
clerk Thư ký · Clerk (the desk: /desk, the cases: /cases)
judge Thẩm phán · Judge
officer Cán bộ điểm cầu · Officer
administrator Quản trị · Administrator (and the console of all hearings: /console)
TEXT
    printf '\nThe national centre, to which this court reports: https://%s:%s/signin?next=/monitor\n' \
        "$(host_name)" $((PORT + 3))
    awk '$1 == "officer" { printf "  Cán bộ trung tâm · Officer of the centre: %s, %s\n", $2, $3 }' \
        "$STATE/center/demo-accounts"
    printf '\nOne person to a browser profile or private window. Ctrl-C stops everything.\n'
}
