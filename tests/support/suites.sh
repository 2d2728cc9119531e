# shellcheck shell=bash
# The suites of ./test: what each builds and runs, and how its cases are counted. Sourced by ./test.

PASSED=0
FAILED=0
SUMMARY=()
FAILURES=() # a line each, said again at the end
SKIPPED=()  # the same
RESULTS=$PWD/test-results
mkdir -p "$RESULTS"

count() { # count PASSED FAILED
    PASSED=$((PASSED + $1))
    FAILED=$((FAILED + $2))
}

run_suite() { # run_suite NAME
    local began=$EPOCHREALTIME passed=$PASSED failed=$FAILED
    printf '\n== %s\n' "$1"
    "suite_$1"
    SUMMARY+=("$(printf '%-12s %8s s %6d passed %4d failed' "$1" "$(seconds_since "$began")" \
        $((PASSED - passed)) $((FAILED - failed)))")
    printf '%s\n' "${SUMMARY[-1]}"
}

finish_suites() {
    printf '\n'
    [ ${#FAILURES[@]} = 0 ] || { printf 'FAILED %s\n' "${FAILURES[@]}" && printf '\n'; }
    [ ${#SKIPPED[@]} = 0 ] || { printf 'SKIPPED %s\n' "${SKIPPED[@]}" && printf '\n'; }
    printf '%s\n' "${SUMMARY[@]}"
    [ ${#SKIPPED[@]} = 0 ] || printf '%d skipped\n' ${#SKIPPED[@]}
    printf '%d passed, %d failed\n' "$PASSED" "$FAILED"
    [ "$FAILED" = 0 ] && [ "$PASSED" -gt 0 ]
    exit
}

# Each executable in tests/lint is one case: silent when all is well, else it says where and fails.
suite_lint() {
    local check log
    setup_web
    setup_build release assize
    for check in tests/lint/*; do
        if [ ! -f "$check" ] || [ ! -x "$check" ]; then
            continue
        fi
        log=$RESULTS/lint-$(basename "$check").log
        if "$check" >"$log" 2>&1; then
            count 1 0
        else
            count 0 1
            FAILURES+=("lint $(basename "$check")")
            printf 'FAILED lint %s\n' "$(basename "$check")"
            head -n 40 "$log"
        fi
    done
}

# Counts the cases inside the cmocka programs; a program that died before its summary is one failure.
count_ctest() { # count_ctest LOG
    local counts
    counts=$(awk '
        match($0, /\[  PASSED  \] [0-9]+ test/) { passed += substr($0, RSTART + 13) + 0 }
        match($0, /\[  FAILED  \] [0-9]+ test\(s\), listed/) {
            failures[$1 + 0] = substr($0, RSTART + 13) + 0
            failed += failures[$1 + 0]
        }
        /Test +#[0-9]+: .*\*\*\*/ {
            match($0, /#[0-9]+/)
            if (!failures[substr($0, RSTART + 1, RLENGTH - 1) + 0])
                failed++
        }
        END { print passed + 0, failed + 0 }' "$1")
    # shellcheck disable=SC2086
    count $counts
}

run_ctest() { # run_ctest PRESET LABEL
    local log=$RESULTS/$2-$1.log
    if ! ctest --test-dir "build/$1" -L "^$2\$" --no-tests=error --verbose \
        --parallel "$(nproc)" >"$log" 2>&1; then
        grep -E '\[  (FAILED|ERROR )|\*\*\*|ERROR: |runtime error|SUMMARY' "$log" | head -n 60 ||
            tail -n 20 "$log"
        printf 'The whole output is in %s.\n' "${log#"$PWD"/}"
        mapfile -t -O ${#FAILURES[@]} FAILURES < <(
            grep -oE '\[  FAILED  \] [a-z].*|Test +#[0-9]+: .*\*\*\*.*' "$log" | sort -u | sed "s/^/$2 $1 /" | head -n 40)
    fi
    count_ctest "$log"
}

suite_unit() {
    setup_build asan-ubsan
    run_ctest asan-ubsan unit
    setup_build release
    run_ctest release unit
}

suite_property() {
    setup_build asan-ubsan
    run_ctest asan-ubsan property
}

# run_playwright PROJECT BUILD: its reporter leaves "PASSED FAILED" behind, and lines of what failed and what was skipped.
run_playwright() {
    local counts=$RESULTS/$1.counts
    rm -f "$counts"
    setup_web
    # shellcheck disable=SC2086
    ASSIZE_BUILD=$PWD/build/$2 ASSIZE_COUNTS=$counts \
        eval node node_modules/@playwright/test/cli.js test --config tests/playwright.config.ts \
        --project "$1" ${PLAYWRIGHT_ARGS:-} || true
    if [ -s "$counts" ]; then
        # shellcheck disable=SC2046
        count $(head -n 1 "$counts")
        mapfile -t -O ${#FAILURES[@]} FAILURES < <(sed '1d;/^SKIPPED /d' "$counts")
        mapfile -t -O ${#SKIPPED[@]} SKIPPED < <(sed -n 's/^SKIPPED //p' "$counts")
    else
        count 0 1
        FAILURES+=("$1: the runner died")
    fi
}

suite_integration() {
    setup_build asan-ubsan
    run_playwright integration asan-ubsan
}

suite_fault() {
    setup_build release
    run_playwright fault release
}

suite_e2e() {
    setup_build release
    run_playwright e2e release
}

# The demonstration of README as it is told there: a minute, 10,000 changes. In e2e it is shorter.
suite_outage() {
    setup_build release
    ASSIZE_OUTAGE='60 10000' PLAYWRIGHT_ARGS='-g "a court off the line"' run_playwright e2e release
}

fuzz_one() { # fuzz_one PROGRAM: leaves NAME.ok behind when it found nothing
    local name work
    name=$(basename "$1")
    work=$RESULTS/fuzz/$name
    mkdir -p "$work/corpus" "$work/seeds"
    rm -f "$work/ok"
    [ ! -d "tests/fuzz/seeds/$name" ] || cp "tests/fuzz/seeds/$name/"* "$work/seeds/"
    if "$1" -max_total_time="${FUZZ_SECONDS:-10}" -timeout=5 -rss_limit_mb=1024 \
        -artifact_prefix="$work/" "$work/corpus" "$work/seeds" >"$work/log" 2>&1; then
        touch "$work/ok"
    fi
}

suite_fuzz() {
    local program name
    setup_build fuzz
    export -f fuzz_one
    export RESULTS
    find build/fuzz/fuzz -type f -executable -name 'fuzz_*' -print0 | sort -z |
        xargs -0 -P "$(nproc)" -I{} bash -c 'fuzz_one {}'
    for program in build/fuzz/fuzz/fuzz_*; do
        [ -x "$program" ] || continue
        name=$(basename "$program")
        if [ -f "$RESULTS/fuzz/$name/ok" ]; then
            count 1 0
        else
            count 0 1
            FAILURES+=("fuzz $name")
            printf 'FAILED fuzz %s\n' "$name"
            tail -n 30 "$RESULTS/fuzz/$name/log"
        fi
    done
}
