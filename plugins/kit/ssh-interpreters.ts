import { type Interpreter, PluginError } from '#plugins/api';
import { abiOf, FLAGS_QUESTION } from './python-abi.ts';
import type { SshConnection } from './ssh-connection.ts';

/** What a POSIX machine says of itself. */
export interface MachineFacts {
  /** `linux`, `macos`, `freebsd`, else what `uname -s` says, in lower case. */
  readonly system: string;
  /** As `uname -m` says. */
  readonly architecture: string;
  /** One of each name; what PATH finds first comes first. */
  readonly interpreters: readonly Interpreter[];
}

/** Runs under Python 2.6 and everything since; PyPy too. Tabs separate, because no version holds one. */
export const PYTHON_QUESTION = [
  'import sys, platform, struct',
  'v = sys.version_info',
  "s = {'alpha': 'a', 'beta': 'b', 'candidate': 'rc'}.get(v[3], '')",
  "n = '%d.%d.%d' % v[:3] + (s and s + str(v[4]))",
  "b = struct.calcsize('P') * 8",
  FLAGS_QUESTION,
  "sys.stdout.write('%s\\t%s\\t%s\\t%d\\n' % (platform.python_implementation(), n, f, b))",
].join('\n');

/**
 * `$1`: the question. Asks every interpreter on PATH and in the usual places once; links to one executable count as one. One that does not
 * answer within ten seconds is passed over where there is `timeout`.
 */
const PROBE = `
uname -s; uname -m
t=; command -v timeout >/dev/null 2>&1 && t='timeout 10'
seen=:
ask() {
  [ -f "$1" ] && [ -x "$1" ] || return
  r=$(readlink -f "$1" 2>/dev/null) || r=$1
  case $seen in *":$r:"*) return ;; esac
  a=$($t "$1" -E -s -S -c "$q" 2>/dev/null </dev/null) || return
  seen=$seen$r:
  printf '%s\\t%s\\n' "$a" "$1"
}
q=$1
IFS=:; set -f; set -- $PATH; set +f; unset IFS
for d in "$@" /usr/local/bin /usr/bin /opt/python/*/bin "$HOME"/.pyenv/versions/*/bin /opt/pyenv/versions/*/bin; do
  case $d in /*/shims | [!/]* | '') continue ;; esac
  for f in "$d"/python "$d"/python[23]* "$d"/pypy* "$d"/jython*; do
    case \${f##*/} in *[!a-z0-9.]* | *config*) ;; *) ask "$f" ;; esac
  done
done
`;

const ANSWER = /^([A-Za-z]{1,30})\t([0-9]+\.[0-9]+)(\.[0-9]+(?:(?:a|b|rc)[0-9]+)?)\t([a-z]*)\t(32|64)\t((?:\/|[A-Za-z]:\\)[^\t]+)$/;

const SYSTEMS: Readonly<Record<string, string>> = { Darwin: 'macos', Linux: 'linux', FreeBSD: 'freebsd' };

/**
 * Asks a machine what it is and which interpreters it has; takes some 30 ms for each of them. Lines that do not fit are passed over: what
 * a machine says is not trusted. `rejected` if it cannot even say what it is.
 */
export async function probeMachine(connection: SshConnection, signal: AbortSignal): Promise<MachineFacts> {
  const { output } = await connection.runScript(PROBE, [PYTHON_QUESTION], signal);
  const [system = '', architecture = '', ...lines] = output.split('\n');
  if (!/^\w+$/.test(system) || !/^\w+$/.test(architecture)) {
    throw new PluginError('rejected', `${connection.target.host} does not say which system it is: ${JSON.stringify(output.slice(0, 200))}.`);
  }
  const byName = new Map<string, Interpreter>();
  for (const interpreter of lines.map((line) => parseAnswer(line, architecture))) {
    if (interpreter !== null && !byName.has(interpreter.name)) byName.set(interpreter.name, interpreter);
  }
  return { system: SYSTEMS[system] ?? system.toLowerCase(), architecture, interpreters: [...byName.values()] };
}

/**
 * `3.11` for CPython, with a `t` for its free-threaded builds; `pypy3.9` and the like for the others; `-32` behind if it has 32 bits on a machine of 64.
 * `machine` is as `uname -m` says. Null for a line that is no answer.
 */
export function parseAnswer(line: string, machine: string): Interpreter | null {
  const [, title, series, rest, flags, bits, path] = ANSWER.exec(line) ?? [];
  if (title === undefined || path === undefined || series === undefined || rest === undefined) return null;
  const implementation = title.toLowerCase();
  const plain = implementation === 'cpython' ? `${series}${flags?.includes('t') ? 't' : ''}` : `${implementation}${series}`;
  const abi = abiOf(implementation, series, flags ?? '');
  const isNarrow = bits === '32' && /64|s390x/.test(machine);
  return { name: isNarrow ? `${plain}-32` : plain, implementation, version: `${series}${rest}`, ...(abi === null ? {} : { abi }), path };
}
