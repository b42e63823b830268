import type { AgentShell } from '#agents/api';
import { textFile, type BundleFile } from '../kit/bundle-files.ts';

/**
 * A command as the file that its shell runs. cmd finds labels only where lines end as it wants them, and takes a byte order mark for a word; powershell.ps1 reads its text
 * as UTF-8 whether there is a mark or not, as does bash.
 */
export function commandFile(step: number, run: string, shell: AgentShell): BundleFile {
  const name = `agent/command-${step}`;
  if (shell === 'sh' || shell === 'bash') return textFile(`${name}.sh`, `${run}\n`);
  const text = `${run.replaceAll(/\r?\n/g, '\r\n')}\r\n`;
  return shell === 'cmd' ? textFile(`${name}.cmd`, text) : textFile(`${name}.ps1`, `\uFEFF${text}`);
}
