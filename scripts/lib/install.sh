# shellcheck shell=bash
# Installs what a Debian or Ubuntu machine lacks, or says exactly what to install where it may not.
# The caller is run from the repository.

say() { echo "${0##*/}: $*" >&2; }
die() { say "$*" && exit 3; }

have() { command -v "$1" >/dev/null 2>&1; }

# missing_for build|test|jvm: the packages that are not there, a line each; each kind needs those before it too.
missing_for() {
    have gcc || echo gcc
    have g++ || echo g++
    have make || echo make
    have pkg-config || echo pkg-config
    [[ -e /usr/include/openssl/ssl.h ]] || echo libssl-dev
    [[ -e /usr/include/zlib.h ]] || echo zlib1g-dev
    [[ $1 != build ]] || return 0
    have java || jre
    have mvn || echo maven
    have openssl || echo openssl
    have kcat || echo kcat
    python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    [[ $1 == jvm ]] || return 0
    have javac || jdk
}

# Kafka needs Java 17 or later; which package has it depends on the release.
jre() {
    if apt-cache show openjdk-17-jre-headless >/dev/null 2>&1; then
        echo openjdk-17-jre-headless
    else
        echo default-jre-headless
    fi
}

# The compiler of the same Java.
jdk() {
    local package
    package=$(jre)
    echo "${package/jre/jdk}"
}

# install_for build|test|jvm: a Rust toolchain is expected, everything else is brought.
install_for() {
    have cargo || die "cargo is missing; install Rust from https://rustup.rs and start again"
    local packages as_root=()
    [[ -n $(missing_for "$1") ]] || return 0
    have apt-get || die "install these (Debian's names): $(missing_for "$1" | xargs)"
    if [[ $(id -u) != 0 ]]; then
        sudo -n true 2>/dev/null ||
            die "run this, then start again: sudo apt-get install -y $(missing_for "$1" | xargs)"
        as_root=(sudo -n)
    fi
    "${as_root[@]}" apt-get update -q >&2
    # Asked again: the name of the Java package is known only now.
    mapfile -t packages < <(missing_for "$1")
    say "installing ${packages[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${packages[@]}" >&2
}

# Python's packages for the tests, in a folder of their own.
install_venv() {
    local wanted=tests/it/requirements.txt venv=target/venv
    cmp -s "$wanted" "$venv/requirements.txt" && return
    say "making target/venv"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" >&2
    cp "$wanted" "$venv/requirements.txt"
}

# promtool comes with Debian's prometheus, whose package starts a server when it is installed: unpack it instead.
install_promtool() {
    have promtool && return
    local tools=$PWD/target/tools
    if [[ ! -x $tools/promtool ]]; then
        say "unpacking promtool"
        mkdir -p "$tools/unpacked"
        (
            cd "$tools"
            apt-get download -q prometheus >&2 || { apt-get update -q && apt-get download -q prometheus; } >&2
            dpkg-deb -x prometheus_*.deb unpacked
            mv unpacked/usr/bin/promtool .
            rm -rf unpacked prometheus_*.deb
        ) || die "promtool is missing, and so is a package to take it from: apt-get install -y prometheus"
    fi
    PATH=$tools:$PATH
}
