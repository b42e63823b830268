import { join } from 'node:path';
import type { AgentWords } from '../../api/testing/agent-room.ts';
import { agentsFolder } from '../../kit/bundle-files.ts';

/** The source of the program that `windowsWords` calls; C# 5, to be compiled on the machine. */
export function probeSource(): string {
  return join(agentsFolder(), 'windows/testing/probe.cs');
}

/** The suite's commands as cmd runs them. `probe` is how a batch file calls the probe: `"C:\x\probe.exe"`. */
export function windowsWords(probe: string): AgentWords {
  return {
    shell: 'cmd',
    say: (word) => `echo ${word}`,
    fail: (code) => `exit /b ${code}`,
    set: (name, word) => `set ${name}=${word}`,
    show: (name) => `${probe} show ${name}`,
    cat: (name) => `${probe} cat ${name}`,
    pass: (words) => `${probe} pass ${words.map(batchWord).join(' ')}`,
    goToRoot: String.raw`cd /d C:\ `.trim(),
    sayFolder: 'cd',
    wait: `echo ready\n${probe} wait`,
    flood: `${probe} flood`,
    leave: `start "" /b ${probe} drip\necho left`,
    expands: '%A% more',
  };
}

/**
 * An argument in a batch file, first as the C runtime takes it (a backslash counts only in front of a quote), then with everything that cmd reads a caret in front; percent signs
 * are doubled.
 */
function batchWord(word: string): string {
  const quoted = `"${word.replaceAll(/(\\*)("|$)/g, (_, slashes: string, end: string) => slashes + slashes + (end === '"' ? '\\"' : ''))}"`;
  return quoted.replaceAll(/[()!^"<>&|]/g, '^$&').replaceAll('%', '%%');
}
