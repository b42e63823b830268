import { textFile, type BundleFile } from '../kit/bundle-files.ts';
import { script } from './files.ts';
import { interpreterKind } from './steps.ts';

/**
 * The files of the environment in front of the job's PATH. A CPython from 3.3 on takes a folder for an environment if there is a
 * `pyvenv.cfg` above its `bin` (PEP 405); so it is laid out without starting a process. `python.sh` adds the links.
 */
export function interpreterFiles(folder: string, interpreter: { readonly name: string; readonly path: string }): BundleFile[] {
  const { name, path } = interpreter;
  if (!/^\/[^\n\0]*$/.test(path)) throw new Error(`${JSON.stringify(path)} is no absolute path of an interpreter.`);
  const kind = interpreterKind(name);
  const files = [textFile('agent/interpreter', `${path}\n${linkNames(name).join(' ')}\n`), ...pipFiles(name)];
  if (kind !== 'venv') return files;
  const settings = `home = ${path.slice(0, path.lastIndexOf('/')) || '/'}\ninclude-system-site-packages = true\nversion = ${name.replace('t', '')}\n`;
  const note = `Made for one job in ${folder}.\n`;
  return [...files, textFile('python/pyvenv.cfg', settings), textFile(`python/lib/python${name}/site-packages/README.txt`, note)];
}

/** `3.11`: python, python3, python3.11. `pypy3.9`: also pypy3 and pypy3.9. A 32-bit one is called as any other. */
function linkNames(name: string): string[] {
  const version = /^([a-z]*?)(\d+)((?:\.\d+)?t?)(?:-32)?$/.exec(name);
  if (version === null) return ['python'];
  const [, prefix = '', major = '', minor = ''] = version;
  const names = ['python', `python${major}`, `python${major}${minor}`];
  return prefix === '' ? names : [...names, prefix, `${prefix}${major}`, `${prefix}${major}${minor}`];
}

/** `pip` under its usual names; for an interpreter without environments it installs below the folder that `python.sh` names. */
function pipFiles(name: string): BundleFile[] {
  const user = interpreterKind(name) === 'user';
  const text = script('pip.sh')
    .replace('@ENSUREPIP@', user ? '--user' : '')
    .replace('@RUN@', user ? userPip(name) : 'exec "$bin/python" -m pip "$@"');
  const version = /(\d+)(\.\d+)?/.exec(name);
  const names = new Set(['pip', ...(version === null ? [] : [`pip${version[1]}`, `pip${version[0]}`])]);
  return [...names].map((one) => textFile(`python/bin/${one}`, text, 0o755));
}

/**
 * `--user` goes to `install` alone, unless the job says where to. A variable would reach the environments that a job makes itself. Debian's PyPy for Python 2 puts compiled modules where
 * the last pip for it does not look, and fails: it compiles them at their first use instead.
 */
function userPip(name: string): string {
  const compile = /^pypy(?:2|$)/.test(name) ? ' --no-compile' : '';
  return `if [ "$1" = install ]; then
  shift
  for word in "$@"; do
    case $word in
      --user | --target* | -t | --prefix* | --root*) exec "$bin/python" -m pip install${compile} "$@" ;;
    esac
  done
  set -- install --user${compile} "$@"
fi
exec "$bin/python" -m pip "$@"`;
}
