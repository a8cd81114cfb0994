#!/usr/bin/env bash
# Makes a Debian machine that has Rust ready to build and test: what is missing is installed when
# we are root, and otherwise named together with the command that installs it. Running it twice
# changes nothing. It never changes the Rust toolchain and never touches anything outside the
# repository but Debian packages. With `bench` it makes the peers of `entente bench` ready instead.
set -euo pipefail
cd "$(dirname "$0")/.."

stop() {
    printf 'setup: %s\n' "$1" >&2
    printf 'Hint: %s\n' "$2" >&2
    exit 1
}

mode="${1:-}"

has() { command -v "$1" >/dev/null 2>&1; }

# The file of one of rsyslog's modules, wherever this architecture keeps it.
rsyslog_module() { find /usr/lib -path "*/rsyslog/$1.so" -print -quit 2>/dev/null; }

# Debian packages: the command that must be there, and the package that brings it.
missing_packages() {
    has gcc        || printf 'gcc libc6-dev '
    has pkg-config || printf 'pkg-config '
    has curl       || printf 'curl '
    has xz         || printf 'xz-utils '
    has zstd       || printf 'zstd '
    has git        || printf 'git '
    # Reads zones; not in everybody's path.
    has named-checkzone || [ -x /usr/sbin/named-checkzone ] || printf 'bind9-utils '
    # Searches as grep does.
    [ "$mode" != bench ] || has rg || printf 'ripgrep '
    # Agents that send telemetry; the modules are no commands.
    [ -x /usr/sbin/rsyslogd ] || printf 'rsyslog '
    [ -e "$(rsyslog_module omelasticsearch)" ] || printf 'rsyslog-elasticsearch '
    [ -e "$(rsyslog_module lmnsd_gtls)" ] || printf 'rsyslog-gnutls '
    if ! has python3; then
        printf 'python3 python3-venv '
    elif ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then
        printf 'python3-venv '
    fi
}

install_packages() {
    local packages
    packages=$(missing_packages)
    [ -n "$packages" ] || return 0
    local command="apt-get update && apt-get install -y --no-install-recommends $packages"
    if ! has apt-get; then
        stop "missing: $packages(Debian's names)" "install them with this system's package manager"
    fi
    [ "$(id -u)" -eq 0 ] || stop "missing: $packages" "sudo sh -c '$command'"
    printf 'setup: installing %s\n' "$packages"
    DEBIAN_FRONTEND=noninteractive sh -c "$command" >/dev/null \
        || stop "could not install $packages" "$command"
    packages=$(missing_packages)
    [ -z "$packages" ] || stop "still missing after the installation: $packages" "$command"
}

check_rust() {
    has cargo || stop "cargo is missing" "install Rust with rustup: https://rustup.rs"
    local wanted have
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    have=$(rustc --version | cut -d ' ' -f 2)
    [ "$(printf '%s\n%s\n' "$wanted" "$have" | sort -V | head -n 1)" = "$wanted" ] \
        || stop "Rust $have is older than $wanted" "rustup update stable"
    cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 \
        || stop "rustfmt or clippy is missing" "rustup component add rustfmt clippy"
}

# make_venv FOLDER REQUIREMENTS MODULES: the virtual environment is made anew whenever its Python or
# the pinned versions have changed, and loads these modules.
make_venv() {
    local venv="$1" requirements="$2" modules="$3" stamp="$1/.made-from" wanted
    wanted="$(python3 --version) $(cksum <"$requirements")"
    if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    printf 'setup: making %s\n' "$venv"
    python3 -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" \
        || stop "could not install the Python packages" \
                "$venv/bin/python -m pip install -r $requirements"
    "$venv/bin/python" -c "import $modules" \
        || stop "the Python packages are installed but do not load" "rm -r $venv, and again"
    printf '%s\n' "$wanted" >"$stamp"
}

install_packages
if [ "${1:-}" = bench ]; then
    make_venv tests/.bench-venv tests/bench-requirements.txt \
        'gunicorn, medallion, opentaxii, stix2matcher'
    tests/.bench-venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
        -r tests/bench-programs.txt \
        || stop "could not install Tenzir" \
                "tests/.bench-venv/bin/python -m pip install --no-deps -r tests/bench-programs.txt"
    printf 'setup: the peers are ready\n'
    exit 0
fi
check_rust
make_venv tests/.venv tests/requirements.txt 'cryptography, medallion, pymisp, requests, stix2, stix2matcher, taxii2client'
printf 'setup: ready\n'
