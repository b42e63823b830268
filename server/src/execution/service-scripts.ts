import type { ServiceName } from '#plugins/api';
import { PROGRAMS } from './system-scripts.ts';

/**
 * What starts a server for a job, as the job's own user (where that is root, as the one that the package made) on its usual port of the loopback, with its files below the job's home. Ends
 * when it answers. POSIX sh, constants. A port that answers already is taken for the server: the image runs it.
 */
const COMMON = `
${PROGRAMS}
fail() {
  printf 'Terrarium: %s\\n' "$*" >&2
  if [ -s "$log" ]; then tail -n 30 "$log" >&2; fi
  exit 1
}
answers() { bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0"' "$1" 2>/dev/null; }
# Whether it comes to answer; looked at again and again, for as long as it runs, and two minutes at most.
await() {
  tries=0
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 1200 ] && kill -0 "$child" 2>/dev/null || return 1
    sleep 0.1
  done
}
begin() {
  program=$(program_of "$1") || fail "$1: its program is not there, although it was installed."
  if answers "$2"; then echo "$1 answers on port $2 already"; exit 0; fi
  base=$HOME/.services user=
  if [ "$(id -u)" = 0 ]; then base=/var/lib/terrarium-services user=$3; fi
  data=$base/$1 log=$base/$1/log
  mkdir -p "$data" || exit 1
  : >"$log"
  if [ -n "$user" ]; then chown -R "$user" "$data" || exit 1; fi
}
as_user() {
  if [ -n "$user" ]; then setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups env HOME="$data" "$@"; else "$@"; fi
}
# Detached, so that the job's output does not wait for it.
detach() {
  if [ -n "$user" ]; then as_user setsid "$@" >>"$log" 2>&1 </dev/null & else setsid "$@" >>"$log" 2>&1 </dev/null & fi
  child=$!
}
`;

function script(text: string): string {
  return `(${COMMON}${text}\n)`;
}

const POSTGRESQL = script(`
begin postgresql 5432 postgres
bin=\${program%/*} sockets=/tmp
if [ -d /run/postgresql ] && [ -w /run/postgresql ]; then sockets=/tmp,/run/postgresql; fi
as_user "$bin/initdb" -D "$data/db" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >>"$log" 2>&1 || fail 'postgresql: its database cannot be made:'
as_user "$bin/pg_ctl" -D "$data/db" -l "$log" -w -t 120 \\
  -o "-c listen_addresses=localhost -c port=5432 -c fsync=off -c unix_socket_directories=$sockets" start >/dev/null || fail 'postgresql does not start:'
as_user "$bin/createdb" -h localhost -p 5432 -U postgres test || fail 'postgresql: the database "test" cannot be made:'
echo 'postgresql answers on port 5432: user postgres, no password, database test'`);

const REDIS = script(`
begin redis 6379 redis
detach "$program" --port 6379 --bind 127.0.0.1 --dir "$data" --save '' --appendonly no
await answers 6379 || fail 'redis does not answer:'
echo 'redis answers on port 6379'`);

const MEMCACHED = script(`
begin memcached 11211 memcache
detach "$program" -l 127.0.0.1 -p 11211
await answers 11211 || fail 'memcached does not answer:'
echo 'memcached answers on port 11211'`);

const MYSQL = script(`
begin mysql 3306 mysql
socket=/tmp/terrarium-mysql.sock
case $("$program" --version 2>/dev/null) in
  *MariaDB*)
    maker=$(command -v mariadb-install-db || command -v mysql_install_db)
    as_user "$maker" --no-defaults --datadir="$data/db" --auth-root-authentication-method=normal --force >>"$log" 2>&1 || fail 'mysql: its database cannot be made:'
    ;;
  *) as_user "$program" --no-defaults --initialize-insecure --datadir="$data/db" >>"$log" 2>&1 || fail 'mysql: its database cannot be made:' ;;
esac
detach "$program" --no-defaults --datadir="$data/db" --socket="$socket" --bind-address=127.0.0.1 --port=3306 --pid-file="$data/pid" --skip-name-resolve=0
client=$(command -v mariadb || command -v mysql)
ask() { MYSQL_HOST= "$client" --no-defaults --socket="$socket" --protocol=socket -u root -e "$1"; }
await ask 'select 1' || fail 'mysql does not answer:'
ask "create database if not exists test; create user if not exists travis@localhost; grant all on *.* to travis@localhost" || fail 'mysql: the database "test" cannot be made:'
echo 'mysql answers on port 3306: users root and travis, no password, database test'`);

const RABBITMQ = script(`
begin rabbitmq 5672 rabbitmq
if [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]; then program=/usr/lib/rabbitmq/bin/rabbitmq-server; fi
detach env HOME="$data" RABBITMQ_NODENAME=terrarium@localhost RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_MNESIA_BASE="$data/mnesia" RABBITMQ_LOG_BASE="$data" \\
  RABBITMQ_ENABLED_PLUGINS_FILE="$data/plugins" RABBITMQ_PID_FILE="$data/pid" ERL_EPMD_ADDRESS=127.0.0.1 "$program"
await answers 5672 || fail 'rabbitmq does not answer:'
echo 'rabbitmq answers on port 5672: user guest, password guest'`);

const MONGODB = script(`
begin mongodb 27017 mongodb
mkdir -p "$data/db"
if [ -n "$user" ]; then chown "$user" "$data/db"; fi
detach "$program" --dbpath "$data/db" --bind_ip 127.0.0.1 --port 27017
await answers 27017 || fail 'mongodb does not answer:'
echo 'mongodb answers on port 27017'`);

/** By the names that jobs use. */
export const SERVICE_SCRIPTS: Readonly<Record<ServiceName, string>> = {
  postgresql: POSTGRESQL,
  redis: REDIS,
  mysql: MYSQL,
  mariadb: MYSQL,
  memcached: MEMCACHED,
  rabbitmq: RABBITMQ,
  mongodb: MONGODB,
};
