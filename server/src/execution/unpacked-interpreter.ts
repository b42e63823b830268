import type { AgentJob } from '#agents/api';
import type { Interpreter, Session } from '#plugins/api';
import type { ProvidedFile } from './provisions.ts';

const ARCHIVE = 'interpreter.tar.gz';
const FOLDER = 'interpreter';

/** What is uploaded for an interpreter that the image does not carry. `fileOf`: where an archive is on this computer. */
export function interpreterFiles(interpreter: Interpreter | null, fileOf: (archive: string) => string): ProvidedFile[] {
  if (interpreter?.archive === undefined) return [];
  return [{ path: ARCHIVE, content: { file: fileOf(interpreter.archive) }, variable: null }];
}

/** The commands that unpack it, before the agent begins: it looks for its interpreter first of all. */
export function unpackCommands(interpreter: Interpreter | null, { folder, system }: Pick<Session, 'folder' | 'system'>): string[][] {
  if (interpreter?.archive === undefined) return [];
  const [target, archive] = [inFolder(folder, system, FOLDER), inFolder(folder, system, ARCHIVE)];
  return [
    ['mkdir', '-p', target],
    ['tar', '-xzf', archive, '-C', target],
    ['rm', '-f', archive],
  ];
}

/**
 * The interpreter as the agent takes it: one of a fork is treated as the Python that it is a fork of, from where it was unpacked. The full name of what it is stays with the job.
 */
export function agentInterpreter(interpreter: Interpreter | null, folder: string, system: Session['system']): AgentJob['interpreter'] {
  if (interpreter === null) return null;
  const { name, path, version, archive } = interpreter;
  if (archive === undefined) return { name, path };
  return { name: plainName(name, version), path: inFolder(folder, system, `${FOLDER}/${path}`) };
}

/** `3.8` of `acme-3.8@main`, `3.13t` of `3.13t`, `pypy3.10` of `pypy3.10`: by its own version, and what kind of Python its name says that it is. */
function plainName(name: string, version: string): string {
  const [own = name] = name.split('@');
  const [minor = own] = /^\d+\.\d+/.exec(version) ?? [];
  return `${own.startsWith('pypy') ? 'pypy' : ''}${minor}${/\dt$/.test(own) ? 't' : ''}`;
}

function inFolder(folder: string, system: Session['system'], path: string): string {
  return system === 'windows' ? `${folder}\\${path.replaceAll('/', '\\')}` : `${folder}/${path}`;
}
