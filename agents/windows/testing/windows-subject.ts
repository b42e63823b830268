import type { AgentRoom, AgentSubject, AgentWords } from '../../api/testing/agent-room.ts';
import { sourceText, textFile } from '../../kit/bundle-files.ts';
import { windowsAgent } from '../index.ts';
import { bashWords, powershellWords } from './other-words.ts';
import { windowsWords } from './windows-words.ts';

/** Compiles the probe in a room of a Windows machine, which must stay as long as it is used. Returns its path there. Throws if that fails. */
export async function buildProbe(room: AgentRoom): Promise<string> {
  const files = ['probe.cs', 'build-probe.ps1'].map((name) => textFile(`probe/${name}`, sourceText(`windows/testing/${name}`)));
  const { signal } = new AbortController();
  await room.upload(files, signal);
  const words = ['powershell.exe', '-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File'];
  const { exitCode } = await room.exec([...words, String.raw`${room.folder}\probe\build-probe.ps1`], { signal });
  if (exitCode !== 0) throw new Error(`The probe could not be compiled: exit code ${exitCode}.`);
  return String.raw`${room.folder}\probe\probe.exe`;
}

/**
 * The agent of Windows for the contract suite, on rooms of a Windows machine, with commands for one of its shells: `describeAgent(...)` with each of them says all there is to
 * say. `probe`: where `buildProbe` put it.
 */
export function windowsSubject(shell: AgentWords['shell'], open: () => Promise<AgentRoom>, probe: () => string): AgentSubject {
  return {
    agent: windowsAgent,
    get words() {
      return wordsFor(shell, probe());
    },
    open,
    path: (folder, relative) => `${folder}\\${relative.replaceAll('/', '\\')}`,
  };
}

function wordsFor(shell: AgentWords['shell'], probe: string): AgentWords {
  if (shell === 'cmd') return windowsWords(`"${probe}"`);
  return shell === 'sh' || shell === 'bash' ? bashWords(shell, probe) : powershellWords(shell, probe);
}
