/**
 * What is run in a machine for `apt` and `services`: POSIX sh, constants. Each is a shell of its own, so that nothing of it stays in the job's. `$root` is what makes one root:
 * empty for who is it already.
 */
const BECOME_ROOT = `
root=
may_be_root() {
  [ "$(id -u)" != 0 ] || return 0
  sudo -n true 2>/dev/null || return 1
  root='sudo -n'
}`;

/** Replaces whole addresses of archives, with what \`TERRARIUM_APT_MIRRORS\` says for each: a line \`FROM TO\`. Texts are compared, not patterns. */
export const REPLACE = String.raw`
BEGIN {
  count = split(ENVIRON["TERRARIUM_APT_MIRRORS"], lines, "\n")
  for (i = 1; i <= count; i++) { split(lines[i], pair, " "); from[i] = pair[1]; to[i] = pair[2] }
}
{
  out = ""
  rest = $0
  while (rest != "") {
    hit = 0
    for (i = 1; i <= count && !hit; i++)
      if (from[i] != "" && substr(rest, 1, length(from[i])) == from[i] && substr(rest, length(from[i]) + 1, 1) ~ /^[\/ \t]?$/) hit = i
    if (hit) { out = out to[hit]; rest = substr(rest, length(from[hit]) + 1) }
    else { out = out substr(rest, 1, 1); rest = substr(rest, 2) }
  }
  print out
}`;

/** Has apt of the machine fetch from the cache, where there is one, and one may. */
export const REDIRECT = `(
${BECOME_ROOT}
if [ -z "\${TERRARIUM_APT_MIRRORS-}" ]; then echo 'as the machine says'; exit 0; fi
command -v apt-get >/dev/null 2>&1 && may_be_root || { echo 'as the machine says: it does not let its jobs change that'; exit 0; }
new=$(mktemp) || exit 1
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
  [ -f "$file" ] || continue
  awk '${REPLACE}' "$file" >"$new" || exit 1
  cmp -s "$new" "$file" && continue
  $root cp -- "$new" "$file" || exit 1
  echo "$file: from the package cache"
done
rm -f "$new"
)`;

/** Where the program of a service is; \`program_of SERVICE\` fails if there is none. */
export const PROGRAMS = `
program_of() {
  PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
  case $1 in
    postgresql)
      found=
      for d in /usr/lib/postgresql/*/bin; do
        if [ -x "$d/initdb" ]; then found=$(printf '%s\\n%s\\n' "$found" "$d" | sort -V | tail -n 1); fi
      done
      if [ -n "$found" ]; then echo "$found/initdb"; else command -v initdb; fi
      ;;
    redis) command -v redis-server ;;
    mysql | mariadb) command -v mariadbd || command -v mysqld ;;
    memcached) command -v memcached ;;
    rabbitmq) command -v rabbitmq-server ;;
    mongodb) command -v mongod ;;
  esac
}`;

/**
 * Installs \`TERRARIUM_APT\`, and the packages of those of \`TERRARIUM_SERVICES\` whose programs are not there. Packages start no servers: that is done afterwards, as the job's own user. An
 * index is read again where there is none, or what it names is no longer there.
 */
export const INSTALL = `(
${BECOME_ROOT}
${PROGRAMS}
fail() { printf 'Terrarium: %s\\n' "$*" >&2; exit 1; }
wanted=
set -f
for name in \${TERRARIUM_APT-}; do
  case $name in
    *=*) ;;
    *) case $(dpkg-query -W -f='\${db:Status-Abbrev}' "$name" 2>/dev/null) in ?i*) continue ;; esac ;;
  esac
  wanted="$wanted $name"
done
set +f
for service in \${TERRARIUM_SERVICES-}; do
  program_of "$service" >/dev/null && continue
  case $service in
    postgresql) wanted="$wanted postgresql" ;;
    redis) wanted="$wanted redis-server" ;;
    mysql) wanted="$wanted default-mysql-server" ;;
    mariadb) wanted="$wanted mariadb-server" ;;
    memcached) wanted="$wanted memcached" ;;
    rabbitmq) wanted="$wanted rabbitmq-server" ;;
    mongodb) fail 'mongodb: this machine has no mongod, and Debian no package of it. Use an image that has it.' ;;
  esac
done
if [ -z "$wanted" ]; then echo 'all of it is there'; exit 0; fi
command -v apt-get >/dev/null 2>&1 || fail "this machine has no apt-get to install$wanted with: use a pool of Debian or Ubuntu, or an image that has it."
may_be_root || fail "this machine does not let its jobs become root, so nothing can be installed. Not there:$wanted. Use a pool of virtual machines, or an image made with 'terrarium image build NAME --package ...'."
policy=/usr/sbin/policy-rc.d
[ -e "$policy" ] || { printf '#!/bin/sh\\nexit 101\\n' | $root tee "$policy" >/dev/null && $root chmod 755 "$policy" && made=yes; }
cluster=/etc/postgresql-common/createcluster.conf
case " $wanted " in
  *' postgresql '*) [ -e "$cluster" ] || { $root mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' | $root tee "$cluster" >/dev/null; } ;;
esac
get() {
  $root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 -o Acquire::Languages=none -o Dpkg::Use-Pty=0 \\
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}
update() { updated=yes; get update; }
made=\${made-} updated=
if [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -print -quit 2>/dev/null)" ]; then update; fi
set -f
get install --no-install-recommends -- $wanted
code=$?
if [ "$code" != 0 ] && [ -z "$updated" ]; then
  update && get install --no-install-recommends -- $wanted
  code=$?
fi
if [ -n "$made" ]; then $root rm -f "$policy"; fi
[ "$code" = 0 ] || fail "apt-get could not install$wanted: see above. A name that it does not find may be another one in this machine's release; a mirror that it does not reach must be an origin of the cache or in the pool's 'allow'."
)`;
