#!/usr/bin/env bash
# Follows docs/getting-started/quick-start.md literally, in an empty folder: runs its shell blocks, writes its files, and
# compares each `text` block with the output of the command before it. Needs Rust, bash and curl.
#
# - A `sh` block is run. A block that starts `cargo run` continues in the background until `cargo add` or the end.
# - A block after a line "Replace the contents of `FILE` …" is written to the file, one after "Append this to `FILE`:" is appended.
# - Every line of a `text` block must be in the output of the last `sh` block.
# - Port 9464 is replaced by a free one, and the command is installed without optimization from the builds of the checkout.
set -euo pipefail
cd "$(dirname "$0")/.."
page=$PWD/docs/getting-started/quick-start.md
root=$PWD

# Outside this repository, so that cargo finds no enclosing workspace. A link leads to the checkout.
home=$(mktemp -d)
output=$home/output.txt
place=$home/place.txt
server=
cleanup() {
    stop_server
    rm -rf "$home"
}
stop_server() {
    [ -z "$server" ] || kill -INT "$server" 2>/dev/null || true
    [ -z "$server" ] || wait "$server" 2>/dev/null || true
    server=
}
trap cleanup EXIT

ln -s "$root" "$home/shadowcat-metrics"
# `cargo new` needs no version control here. `cd ..` must leave the linked folder, as it does in a shell.
echo "$home/shadowcat-metrics" >"$place"
export CARGO_INSTALL_ROOT=$home/tools PATH=$home/tools/bin:$PATH CARGO_TERM_COLOR=never
# Shared by later runs.
export CARGO_TARGET_DIR=$root/target/quick-start
port=$(bash -c 'for port in $(shuf -i 20000-30000 -n 50); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; exit; }; done')

fail() {
    printf 'docs/getting-started/quick-start.md:%s: %s\n' "$number" "$1" >&2
    cat "$output" >&2
    exit 1
}

run() {
    printf '$ %s\n' "${block//$'\n'/$'\n'$ }"
    local where
    where=$(cat "$place")
    if [ "$block" = "cargo run" ]; then
        (cd "$where" && cargo build --quiet) || fail "the program does not build"
        # The program may start only after the first look at its output.
        : >"$output"
        (cd "$where" && exec "$CARGO_TARGET_DIR/debug/$(basename "$where")") >"$output" 2>&1 &
        server=$!
        for _ in $(seq 100); do
            [ ! -s "$output" ] || return 0
            sleep 0.1
        done
        fail "the program prints nothing"
    fi
    # The program that the page stops with Ctrl-C before the next step in the same terminal.
    [[ $block != "cargo add --dev"* ]] || stop_server
    # shellcheck disable=SC2016 # the inner shell expands them
    timeout 900 bash -euo pipefail -c 'cd "$1"; eval "$2"; pwd >"$3"' - "$where" "$block" "$place" >"$output" 2>&1 ||
        fail "the command fails"
    cat "$output"
}

compare() {
    local line
    while IFS= read -r line; do
        grep -qF -- "$line" "$output" || fail "the output of the last command lacks: $line"
    done <<<"$block"
}

write() {
    local file how=$1
    # shellcheck disable=SC2016 # the backquotes belong to the page
    file=$(cat "$place")/$(sed -n 's/[^`]*`\([^`]*\)`.*/\1/p' <<<"$before")
    [ "$how" = append ] || : >"$file"
    [ "$how" = write ] || echo >>"$file"
    printf '%s\n' "$block" >>"$file"
    echo "# $how $file"
}

# The README shows the start of the same steps.
number=0
: >"$output"
while IFS= read -r line; do
    grep -qxF -- "$line" "$page" || fail "README.md shows a command that this page lacks: $line"
done < <(awk '/^## Use it/ { ours = 1 } ours && /^```$/ { exit } sh && !/^cd / { print } ours && /^```sh/ { sh = 1 }' README.md)

before=
kind=
blocks=0
while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    case $line in
    '```')
        case $kind:$before in
        sh:*) run ;;
        text:*) compare ;;
        *:'Replace the contents of '*) write write ;;
        *:'Append this to '*) write append ;;
        esac
        blocks=$((blocks + 1))
        kind=''
        before=''
        ;;
    '```'*) kind=${line#'```'} block='' ;;
    *)
        if [ -n "$kind" ]; then
            line=${line/#cargo install/cargo install --debug --target-dir "$root/target"}
            block+=${block:+$'\n'}${line//9464/$port}
        elif [ -n "$line" ]; then
            before=$line
        fi
        ;;
    esac
done <"$page"
[ "$blocks" -ge 15 ] || fail "only $blocks blocks were found"
echo "the quick start works: $blocks blocks"
