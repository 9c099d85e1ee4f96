#!/bin/sh
# Prints the path of a Python that can make an environment: find-python.sh oldest|newest|default [VERSION...]
# "default" is python3 when it is one of the supported versions, else the newest.
# A name on the PATH proves nothing (version managers leave shims that fail), so every candidate is run.
set -u

want=${1:-default}
[ $# -gt 0 ] && shift
versions=${*:-3.11 3.12 3.13}

# Prints the real path of the interpreter $1 if it runs, is version $2 and can make environments.
probe() {
    "$1" - "$2" 2>/dev/null <<'PROBE'
import ensurepip, sys, venv
if "{}.{}".format(*sys.version_info[:2]) != sys.argv[1]:
    sys.exit(1)
print(sys.executable)
PROBE
}

# Prints a working interpreter of version $1, from the PATH or from a version manager's folder.
of_version() {
    for candidate in "python$1" python3 python \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/python \
        "${UV_PYTHON_INSTALL_DIR:-$HOME/.local/share/uv/python}"/cpython-"$1".*/bin/python; do
        probe "$candidate" "$1" && return 0
    done
    return 1
}

newest_first=$(for version in $versions; do echo "$version"; done | sort -t . -k 2 -n -r)

case $want in
    newest) order=$newest_first ;;
    oldest) order=$versions ;;
    default)
        for version in $versions; do probe python3 "$version" && exit 0; done
        order=$newest_first
        ;;
    *) echo "usage: find-python.sh oldest|newest|default [VERSION...]" >&2; exit 2 ;;
esac

for version in $order; do of_version "$version" && exit 0; done
echo "No working Python among: $versions (it needs the venv and ensurepip modules)." >&2
exit 1
