# Sourced by the other scripts: third-party tools (Debian's Prometheus, Python packages, Node.js), and shared functions. The
# tools are unpacked below target/tools, except for Debian packages that must be installed.
# shellcheck shell=bash disable=SC2034 # the scripts that source this use its variables

tools=$PWD/target/tools
promtool=$tools/prometheus/usr/bin/promtool
prometheus=$tools/prometheus/usr/bin/prometheus
vmalert=$tools/victoria-metrics/usr/bin/vmalert
alertmanager=$tools/alertmanager/usr/bin/prometheus-alertmanager

target=${CARGO_TARGET_DIR:-$PWD/target}
proxy=$target/release/mcp-proxy
shadowcat_metrics=$target/debug/shadowcat-metrics
# Before a number of seconds and a command.
limited=(timeout --foreground --signal=INT --kill-after=10)

say() { printf -- '--- %s\n' "$*"; }

build_proxy() { cargo build --quiet --locked --release -p mcp-proxy; }

# Builds the program $1 of the workspace. With --workspace, it shares its dependencies with the tests.
build_program() { cargo build --quiet --locked --workspace --bin "$1"; }

run_program() { build_program "$1" && "$target/debug/$1" "${@:2}"; }

build_command() { build_program shadowcat-metrics; }

# Sets the environment of the programs in Python, which write logs to folder $1.
prepare_python() {
    mkdir -p "$1"
    export LOGS=$1 PROXY=$proxy PROMETHEUS=$prometheus PYTHONPATH=$PWD/scripts/lib PYTHONDONTWRITEBYTECODE=1
}

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

# Runs a command that needs the network and may fail temporarily.
again() {
    local pause
    for pause in 2 10 30; do
        "$@" && return 0
        say "failed, and tried once more in $pause s: $*"
        sleep "$pause"
    done
    "$@"
}

download_once() { apt-get download "$1" 2>/dev/null || { as_root apt-get update -q && apt-get download "$1"; }; }

# Unpacks Debian's package $1 into folder $2, unless it exists. Installing it would start a server.
unpack() {
    local package=$1 home=$2
    [ ! -d "$home" ] || return 0
    say "unpacking $package from Debian's package"
    rm -rf "$home.part" && mkdir -p "$home.part"
    (
        cd "$home.part" || exit
        again download_once "$package" && dpkg-deb -x "$package"_*.deb root
    ) && mv "$home.part/root" "$home" && rm -r "$home.part"
}

# Unpacks package $1 of Debian's suite $2 into folder $3, unless it exists. The suite comes from the system's own mirror, and its
# lists are not added to the system's.
unpack_from_suite() {
    local package=$1 suite=$2 home=$3 lists=$3.part mirror options
    [ ! -d "$home" ] || return 0
    say "unpacking $package from Debian's $suite"
    rm -rf "$lists" && mkdir -p "$lists"/{state/lists/partial,cache/archives/partial}
    # shellcheck disable=SC2016 # apt replaces this
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | head -n 1)
    printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' "$mirror" "$suite" >"$lists/sources.list"
    options=(-q -o APT::Sandbox::User=root -o "Dir::Etc::SourceList=$lists/sources.list" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State::Lists=$lists/state/lists" -o "Dir::Cache=$lists/cache")
    (
        cd "$lists" || exit
        again apt-get "${options[@]}" update >/dev/null && again apt-get "${options[@]}" download "$package" >/dev/null &&
            dpkg-deb -x "$package"_*.deb root
    ) && mv "$lists/root" "$home" && rm -r "$lists"
}

# From Debian 13 on, promtool is a separate package.
install_prometheus() {
    unpack prometheus "$tools/prometheus"
    [ -x "$promtool" ] || unpack promtool "$tools/promtool"
    [ -x "$promtool" ] || promtool=$tools/promtool/usr/bin/promtool
    "$prometheus" --version 2>&1 | grep -Eq 'version (2\.(4[2-9]|[5-9][0-9])|[3-9])\.' ||
        { echo "Debian's prometheus is older than 2.42 here, and that is the oldest that was tried" >&2; return 1; }
}

# vmalert is in Debian's package of VictoriaMetrics.
install_victoria() { unpack victoria-metrics "$tools/victoria-metrics"; }

install_alertmanager() {
    unpack prometheus-alertmanager "$tools/alertmanager"
    # Debian's build reads its templates from the package's installation path.
    local templates=/usr/share/prometheus/alertmanager
    [ -e "$templates/default.tmpl" ] ||
        { as_root mkdir -p "$templates" && as_root cp "$tools/alertmanager$templates/"*.tmpl "$templates"; }
}

# Waits until the demo, which writes log $1, has printed the address of its metrics, and prints that.
await_metrics() {
    local url
    for _ in $(seq 600); do
        url=$(grep -om1 'http://127\.0\.0\.1:[0-9]*/metrics' "$1" || true)
        [ -z "$url" ] || { printf '%s\n' "$url"; return 0; }
        sleep 0.1
    done
    cat "$1" >&2
    echo "the demo did not say where its metrics are" >&2
    return 1
}

# Creates the virtual environment $1 with the packages listed in file $2, unless it exists.
install_python() {
    local home=$1 wanted=$2
    ! cmp -s "$wanted" "$home/installed.txt" || return 0
    say "installing what $wanted lists"
    python3 -m venv "$home" 2>/dev/null ||
        { again as_root apt-get install -y -q python3-venv && python3 -m venv "$home"; }
    again "$home/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted"
    cp "$wanted" "$home/installed.txt"
}

# Installs the packages of folder $2, which has a lock file, below $1, unless they exist.
install_node() {
    local home=$1 wanted=$2
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        say "installing Debian's nodejs and npm"
        as_root apt-get install -y -q --no-install-recommends nodejs npm 2>/dev/null ||
            { as_root apt-get update -q && as_root apt-get install -y -q --no-install-recommends nodejs npm; }
    fi
    ! cmp -s "$wanted/package-lock.json" "$home/installed.json" || return 0
    say "installing what $wanted/package.json lists"
    mkdir -p "$home"
    cp "$wanted/package.json" "$wanted/package-lock.json" "$home"
    again npm ci --prefix "$home" --silent --ignore-scripts --no-audit --no-fund
    cp "$wanted/package-lock.json" "$home/installed.json"
}
