/** The agent of POSIX machines: see agents/api. The scripts beside this file run in the machine; this puts a job's files together. */
import { PROTOCOL_VERSION, type Agent, type AgentBundle, type AgentJob } from '#agents/api';
import { textFile, type BundleFile } from '../kit/bundle-files.ts';
import { placeVariables } from '../kit/job-checks.ts';
import { interpreterFiles } from './interpreter.ts';
import { planSteps } from './steps.ts';
import { script, variableLines } from './files.ts';

/** Runs a job on any machine with a POSIX `sh` (dash, bash, busybox, the sh of macOS and the BSDs) and nothing else. */
export const posixAgent: Agent = { system: 'posix', bundle };

function bundle(job: AgentJob): AgentBundle {
  const plan = planSteps(job);
  const agent = `${job.folder}/agent/agent.sh`;
  return {
    files: [
      textFile('agent/agent.sh', settings(job) + script('common.sh') + script('supervisor.sh')),
      textFile('agent/job.sh', `${script('common.sh')}${script('job.sh')}${job.interpreter === null ? '' : script('python.sh')}${plan.source}`),
      textFile('agent/variables', variableLines(placeVariables(`${job.folder}/home/${job.workTree}`))),
      ...(job.interpreter === null ? [] : interpreterFiles(job.folder, job.interpreter)),
      ...checkoutFiles(job),
      ...plan.files,
    ],
    steps: plan.steps,
    start: ['sh', '-c', script('start.sh'), 'start', job.folder],
    cancel: ['sh', agent, 'cancel', job.folder],
    output: 'agent/output',
    events: 'agent/events',
  };
}

/** What supervisor.sh has to know: numbers, and one of two words. */
function settings(job: AgentJob): string {
  const { timeSeconds, silenceSeconds, outputBytes } = job.limits;
  const numbers = [timeSeconds, silenceSeconds, outputBytes].map((one) => Math.max(1, Math.ceil(one)));
  const names = ['time_limit', 'silence_limit', 'output_limit'];
  const assignments = names.map((name, index) => `${name}=${numbers[index]}`);
  return `version=${PROTOCOL_VERSION} job_shell=${job.shell === 'bash' ? 'bash' : 'sh'} ${assignments.join(' ')}\n`;
}

function checkoutFiles(job: AgentJob): BundleFile[] {
  if (job.checkout === null) return [];
  const variables = Object.entries(job.checkout.variables).map(([name, value]) => ({ name, value }));
  return [textFile('agent/checkout.sh', job.checkout.script), textFile('agent/checkout-variables', variableLines(variables))];
}
