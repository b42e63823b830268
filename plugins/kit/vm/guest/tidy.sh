# Takes out of an installed system ($1) what a machine that is thrown away does not need.
root=$1
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/* "$root"/var/cache/debconf/*-old "$root"/tmp/* "$root"/var/tmp/*
mkdir -p "$root/var/cache/apt/archives/partial" "$root/var/lib/apt/lists/partial"
# The mark by which pip refuses to install: it protects a system that has to last.
rm -f "$root"/usr/lib/python3*/EXTERNALLY-MANAGED "$root"/usr/lib/pypy3*/EXTERNALLY-MANAGED
