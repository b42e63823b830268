import type { Command, JobSpec } from '#plugins/api';
import { interpreterOf, virtualenvBelow } from '#plugins/kit/python-name';
import { byHand, findTool } from '#plugins/kit/python-tool';
import type { Session } from '../expand/session.ts';

/** What a session gets that is for no Python of its own: the newest 3.x there is. nox itself runs on it, too. */
const ANY_PYTHON = '3';
export const NOXFILE = 'noxfile.py';
/** Where nox is asked which sessions there are, where only it can tell. */
export const ASK_STAGE = 'ask nox';
export const STAGE = 'test';
/** In the job's home. */
const ANSWER = 'nox-sessions';

/** One session as a job. `requirements` are needed to read the noxfile at all. */
export function sessionJob(
  session: Pick<Session, 'name' | 'family' | 'parameters' | 'python'>,
  requirements: readonly string[],
  hasPython2: boolean,
): JobSpec {
  const interpreter = session.python === null ? null : interpreterOf(session.python, hasPython2);
  const row = [session.family, ...(session.parameters === '' ? [] : [session.parameters])].join(' ');
  const variables = [{ name: 'TERRARIUM_NOX_SESSION', value: session.name, expand: false }];
  return {
    ...job(interpreter, requirements, { run: RUN, title: `nox -s ${session.name}`, written: byHand('nox -s "$TERRARIUM_NOX_SESSION"') }, variables),
    name: session.name,
    config: { session: session.name, python: session.python },
    cell: { column: interpreter ?? ANY_PYTHON, row },
    // Of Pythons that are missing plain nox makes no fuss, either.
    ...(interpreter === null ? {} : { ifAvailable: true }),
  };
}

/** Asks nox which sessions plain `nox` would run; those become jobs, which come after it. */
export function askJob(requirements: readonly string[]): JobSpec {
  return {
    ...job(null, requirements, { run: ASK, title: 'nox --list' }, []),
    stage: ASK_STAGE,
    name: 'nox --list',
    config: { session: null, python: null, requirements: [...requirements] },
    cell: { column: ANY_PYTHON, row: 'nox --list' },
    plans: { file: NOXFILE, answer: `home/${ANSWER}`, stage: STAGE, otherwise: 'nox' },
  };
}

/** One that knows no `--json`, as that of Debian 12, says the names only, and what it has against the noxfile. */
const ASK = `"$TERRARIUM_TOOL_PYTHON" -m nox --nocolor --list --json >"$HOME/${ANSWER}" 2>/dev/null ||
  "$TERRARIUM_TOOL_PYTHON" -m nox --nocolor --list >"$HOME/${ANSWER}"
terrarium_status=$?; cat "$HOME/${ANSWER}"; (exit "$terrarium_status")`;

/** The machine was chosen for its Python: that nox skips the session is no pass. */
const RUN = '"$TERRARIUM_TOOL_PYTHON" -m nox --error-on-missing-interpreters -s "$TERRARIUM_NOX_SESSION"';

function job(
  interpreter: string | null,
  requirements: readonly string[],
  command: Command,
  variables: JobSpec['variables'],
): Omit<JobSpec, 'name' | 'config' | 'cell'> {
  const limit = virtualenvBelow(interpreter);
  const all = [...requirements, ...(limit === null ? [] : [`virtualenv<${limit}`])];
  const tool = findTool({ name: 'nox', requirements: all, onOwnPython: interpreter === null });
  return {
    stage: STAGE,
    allowFailure: false,
    requirements: { system: 'linux', architecture: null, interpreter: interpreter ?? ANY_PYTHON, image: null },
    variables: [...variables, ...tool.variables],
    // Versions are often made of tags.
    checkout: { depth: null, submodules: true },
    program: {
      shell: 'sh',
      phases: [
        { name: 'install', when: 'passing', onFailure: 'error', commands: [tool.command] },
        { name: 'test', when: 'passing', onFailure: 'fail', commands: [command] },
      ],
    },
    limits: { time: null, silence: null },
  };
}
