/** The agent of Windows machines: see agents/api. The files in `machine/` run in the machine; this puts a job's files together. */
import type { Agent, AgentBundle, AgentJob } from '#agents/api';
import { machineFiles } from './machine-files.ts';
import { planSteps } from './steps.ts';

/** Runs a job on Windows 8, Server 2012 or newer with Windows PowerShell 5.1 and .NET Framework 4.5 or newer, and nothing else. */
export const windowsAgent: Agent = { system: 'windows', bundle };

/** What may be in a path of ours: nothing that cmd, PowerShell or a command line would take for more than a character. */
const FOLDER = /^[A-Za-z]:(\\(?!\.{1,2}(\\|$))[A-Za-z0-9._-]*[A-Za-z0-9_-])+$/;
/** What is made below it must stay within the 260 characters that programs of Windows can name. */
const LONGEST_FOLDER = 100;

function bundle(job: AgentJob): AgentBundle {
  if (!FOLDER.test(job.folder) || job.folder.length > LONGEST_FOLDER)
    throw new Error(`${JSON.stringify(job.folder)} is no folder for a job: it must be as C:\\terrarium\\abc-1, of letters, digits, dots and dashes.`);
  const plan = planSteps(job);
  const start = ['powershell.exe', '-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File'];
  const script = `${job.folder}\\agent\\start.ps1`;
  return {
    files: [...machineFiles(), ...plan.files],
    steps: plan.steps,
    start: [...start, script],
    cancel: [...start, script, 'cancel'],
    output: 'agent/output',
    events: 'agent/events',
  };
}
