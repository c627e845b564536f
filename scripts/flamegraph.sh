#!/usr/bin/env bash
# Makes a flame graph (SVG) of the demo under load: `flamegraph.sh [SECONDS [FILE]]`. perf samples the demo and its child processes;
# inferno draws the picture. Installs perf from Debian, and inferno below target/tools. Exits with 77 if the kernel does not let perf
# take samples.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/tools.sh

seconds=${1:-10}
svg=${2:-target/flamegraph.svg}
home=$PWD/target/flamegraph
mkdir -p "$home" "$(dirname "$svg")"

if ! command -v perf >/dev/null; then
    say "installing Debian's linux-perf"
    as_root apt-get install -y -q --no-install-recommends linux-perf >/dev/null 2>&1 ||
        { as_root apt-get update -q >/dev/null && as_root apt-get install -y -q --no-install-recommends linux-perf >/dev/null; } ||
        { echo "flamegraph: cannot install perf; install your distribution's package of it, such as linux-perf" >&2; exit 1; }
fi

# The timer of the kernel works in virtual machines too, which often have no counter of cycles. The unwind tables of the program give
# the stacks, so it needs no frame pointers.
sample() { perf record --quiet --freq 997 --event cpu-clock --call-graph dwarf,16384 --output "$1" -- "${@:2}"; }

if ! sample "$home/probe.data" true 2>"$home/probe.log"; then
    cat "$home/probe.log" >&2
    printf 'flamegraph: the kernel does not let perf take samples. Run this as root, or set\n%s\n' \
        "kernel.perf_event_paranoid to 2 or less (now $(cat /proc/sys/kernel/perf_event_paranoid 2>/dev/null || echo unknown))." >&2
    exit 77
fi

say "building the proxy and inferno"
build_proxy
CARGO_TARGET_DIR=target/tools/build again cargo install --quiet --locked --debug --root target/tools \
    --no-default-features --features cli inferno@0.12.8

say "sampling the demo for $seconds s"
sample "$home/perf.data" "$proxy" demo --for "${seconds}s" --metrics 127.0.0.1:0 \
    >"$home/demo.log" || [ -s "$home/perf.data" ] # the verdict on the metrics is another task's
perf script --no-inline --input "$home/perf.data" >"$home/stacks.txt" 2>"$home/script.log"
target/tools/bin/inferno-collapse-perf <"$home/stacks.txt" >"$home/folded.txt" 2>>"$home/script.log"
target/tools/bin/inferno-flamegraph --title "mcp-proxy demo, $seconds s" --countname nanoseconds <"$home/folded.txt" >"$svg"
rm "$home"/*.data

busy=$(awk '{ sum += $NF } END { printf "%.2f", sum / 1e9 }' "$home/folded.txt")
grep -q 'mcp_proxy::' "$svg" || { echo "flamegraph: no function of the proxy is in $svg; see $home/script.log" >&2; exit 1; }
echo "$svg: $busy s on a processor, $(grep -c . "$home/folded.txt") different stacks"
