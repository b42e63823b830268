/** How the text of a step is run: `program` with `args`, in which `{0}` stands for the file that holds it. */
export interface Shell {
  readonly program: string;
  readonly args: readonly string[];
  /** Of the file's name. */
  readonly ending: string;
  /** Put before and behind the text. */
  readonly before: string;
  readonly behind: string;
}

const STOP = "$ErrorActionPreference = 'stop'\n";
const LAST_CODE = '\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }';

function shell(program: string, args: readonly string[], ending = '.sh', before = '', behind = ''): Shell {
  return { program, args, ending, before, behind };
}

/** Source: docs.github.com, "Workflow syntax", `jobs.<job_id>.steps[*].shell`: "Command run internally", "Exit codes and error action preference". */
const SHELLS = new Map<string, Shell>([
  ['bash', shell('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '{0}'])],
  ['sh', shell('sh', ['-e', '{0}'])],
  ['python', shell('python', ['{0}'], '.py')],
  ['pwsh', shell('pwsh', ['-command', ". '{0}'"], '.ps1', STOP, LAST_CODE)],
  ['powershell', shell('powershell', ['-command', ". '{0}'"], '.ps1', STOP, LAST_CODE)],
  ['cmd', shell('cmd', ['/D', '/E:ON', '/V:OFF', '/S', '/C', 'CALL "{0}"'], '.cmd')],
]);
/** The shell of a step that names none is bash without `pipefail`; on Windows it is PowerShell. */
const DEFAULT = shell('bash', ['-e', '{0}']);

/** The shell of a step by what it says; null: it says nothing. A text with `{0}` in it is a command of the project's own. */
export function shellOf(said: string | null, isWindows: boolean): Shell | null {
  if (said === null || said.trim() === '') return isWindows ? (SHELLS.get('pwsh') ?? null) : DEFAULT;
  const name = said.trim();
  const known = SHELLS.get(name);
  if (known !== undefined) return known;
  const [program = '', ...args] = name.split(/\s+/);
  if (!name.includes('{0}')) return null;
  return shell(program, args, /python|pypy/.test(program) ? '.py' : /pwsh|powershell/.test(program) ? '.ps1' : '.sh');
}
