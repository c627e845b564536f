# Tools that nobody here wrote, for the scripts beside this one, which source it: Debian's Prometheus, Python's packages,
# Node.js. All of it goes below target/tools, but for Debian's own packages where one must be installed.
# shellcheck shell=bash

tools=$PWD/target/tools
promtool=$tools/prometheus/usr/bin/promtool
prometheus=$tools/prometheus/usr/bin/prometheus
vmalert=$tools/victoria-metrics/usr/bin/vmalert
alertmanager=$tools/alertmanager/usr/bin/prometheus-alertmanager

say() { printf -- '--- %s\n' "$*"; }

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

# Runs a command that needs the network, which may fail for a moment.
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

# Downloads Debian's package $1 into the working folder.
download() { again download_once "$1"; }

# Unpacked, not installed: installing would start a server.
install_prometheus() {
    if [ ! -x "$prometheus" ]; then
        say "unpacking Prometheus from Debian's package"
        mkdir -p "$tools"
        (
            cd "$tools"
            download prometheus
            dpkg-deb -x prometheus_*.deb prometheus
            rm prometheus_*.deb
        )
    fi
    "$prometheus" --version 2>&1 | grep -q 'version 2\.42\.' ||
        { echo "Debian's prometheus is no 2.42 here; what it does was tried with that" >&2; return 1; }
}

# Unpacked as well; vmalert is in Debian's package of VictoriaMetrics.
install_victoria() {
    [ ! -x "$vmalert" ] || return 0
    say "unpacking VictoriaMetrics from Debian's package"
    mkdir -p "$tools"
    (
        cd "$tools"
        download victoria-metrics
        dpkg-deb -x victoria-metrics_*.deb victoria-metrics
        rm victoria-metrics_*.deb
    )
}

install_alertmanager() {
    [ ! -x "$alertmanager" ] || [ ! -e /usr/share/prometheus/alertmanager/default.tmpl ] || return 0
    say "unpacking Alertmanager from Debian's package"
    mkdir -p "$tools"
    (
        cd "$tools"
        download prometheus-alertmanager
        dpkg-deb -x prometheus-alertmanager_*.deb alertmanager
        rm prometheus-alertmanager_*.deb
    )
    # Debian's build reads its templates from where the package would put them.
    local templates=/usr/share/prometheus/alertmanager
    [ -e "$templates/default.tmpl" ] ||
        { as_root mkdir -p "$templates" && as_root cp "$tools/alertmanager$templates/"*.tmpl "$templates"; }
}

# Makes the virtual environment $1 with the packages that the file $2 lists, unless it is there.
install_python() {
    local home=$1 wanted=$2
    ! cmp -s "$wanted" "$home/installed.txt" || return 0
    say "installing what $wanted lists"
    python3 -m venv "$home" 2>/dev/null ||
        { again as_root apt-get install -y -q python3-venv && python3 -m venv "$home"; }
    again "$home/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted"
    cp "$wanted" "$home/installed.txt"
}

# Installs the packages of the folder $2, which has a lock file, below $1, unless they are there.
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
