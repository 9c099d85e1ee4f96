#!/bin/sh
# Runs a part of the tests on the newest Python of this machine: test-newest.sh VERSION-ALREADY-TESTED MARKER WORKERS
# Nothing newer here, or an environment that can't be made in time, is said and is no failure
# (in CI the latter is one: there it would hide a gap).
set -u

tested=$1
marker=$2
workers=$3
limit=${NEWEST_SETUP_SECONDS:-400}

python=$(sh tools/find-python.sh newest 2>/dev/null) || python=
version=$("${python:-false}" -c 'import sys; print("{}.{}".format(*sys.version_info[:2]))' 2>/dev/null)
if [ -z "$version" ] || [ "$version" = "$tested" ]; then
    echo "No newer Python than $tested on this machine: the tests on the newest Python are left out."
    exit 0
fi

within=
command -v timeout >/dev/null 2>&1 && within="timeout $limit"
if ! $within make --no-print-directory setup PYTHON="$python" VENV=.venv-newest; then
    echo "The environment for Python $version could not be set up within $limit s." >&2
    [ -z "${CI:-}" ]
    exit $?
fi

echo "Python $version, tests marked '$marker':"
exec .venv-newest/bin/python -m pytest -n "$workers" -m "$marker"
