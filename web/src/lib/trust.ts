import type { ApprovalView, BuildSummary, ProjectView, TrustPolicy } from '#server/api';
import { listWords } from './numbers.ts';

/** What may become of the pull requests of people who are not trusted: what it is called, and what it means. */
export const UNTRUSTED_CHOICES: readonly { value: TrustPolicy['untrusted']; title: string; meaning: string }[] = [
  {
    value: 'hold',
    title: 'Wait for an approval',
    meaning: 'Nothing runs before a maintainer has looked at what the change does to CI files. The approval is for that commit and no other.',
  },
  {
    value: 'run',
    title: 'Run without secrets',
    meaning: 'Their jobs get no secrets and no licences, and run on machines that this installation demands for strangers.',
  },
  { value: 'ignore', title: 'Do nothing', meaning: 'Only pull requests of people who are trusted are built.' },
];

/** What maintainers can write in a comment to a pull request, a line of its own. */
export const COMMENT_COMMANDS: readonly { text: string; meaning: string }[] = [
  { text: 'terrarium: ok', meaning: 'approves its newest commit' },
  { text: 'terrarium: trust this contributor', meaning: 'approves it, and trusts who opened it from now on' },
  { text: 'terrarium: retry', meaning: 'runs the newest build again' },
  { text: 'terrarium: stop', meaning: 'cancels the newest build' },
];

/** Groups as they are typed, one a line; empty lines count for nothing. */
export function readGroups(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** What an approval sets free, in words: secrets, and on which machines by the project's own demand. What the installation demands besides is not told to the pages. */
export function approvingMeans(project: Pick<ProjectView, 'secretNames' | 'settings'>): string {
  const names = project.secretNames;
  const secrets = names.length === 0 ? '(it has none now)' : `(${listWords(names)})`;
  const runs = `Its jobs then run with the project’s secrets ${secrets}, ${MACHINES[project.settings.isolation]}.`;
  if (project.settings.isolation === 'vm') return runs;
  return `${runs} Unless this installation is set otherwise, strangers’ changes get a virtual machine, approved or not.`;
}

const MACHINES: Record<ProjectView['settings']['isolation'], string> = {
  vm: 'in virtual machines of their own',
  sandbox: 'in sandboxes or virtual machines',
  none: 'on any machine there is, perhaps as a user of the host',
};

/** Words as a sentence: with a capital letter, and one full stop. */
export function asSentence(words: string): string {
  const whole = /[.!?]$/.test(words) ? words : `${words}.`;
  return whole.charAt(0).toUpperCase() + whole.slice(1);
}

/** What is said of a build that is neither trusted nor held; null where nothing is to be said. `decision`: the last one, if it is known. */
export function trustWords({ level, reason }: BuildSummary['trust'], decision: ApprovalView | null): string | null {
  if (level === 'untrusted')
    return asSentence(`Not trusted: its jobs run without secrets and licences${reason === null ? '' : `, because ${reason}`}`);
  if (level === 'held') return asSentence(`Never approved${reason === null ? '' : `: ${reason}`}`);
  if (level === 'trusted') return null;
  if (decision === null) return asSentence(reason ?? level);
  const how = decision.via === 'comment' ? ', by a comment to the pull request' : '';
  return `${level === 'approved' ? 'Approved' : 'Refused'} by ${decision.by}${how}`;
}
