import type { Report } from '#plugins/kit/yaml/report';
import type { Job } from '../expand/jobs.ts';
import { SCRIPTS, type ScriptEntry } from '../read/scripts.ts';
import { skipsPowerShell } from './program.ts';

/** Programs and cmdlets of AppVeyor's build agent. Source: appveyor.com/docs/build-worker-api. */
const OF_AGENT =
  /\bappveyor(?:\.exe)?\s+(?:PushArtifact|AddTest|UpdateTest|AddMessage|AddCompilationMessage|SetVariable|UpdateBuild|DownloadFile|exit|version)\b|\b(?:(?:Push|Add|Update|Set|Start|Exit)-Appveyor\w+|Start-FileDownload|Install-Product)\b/gi;
const ITS_SERVER = /ci\.appveyor\.com\/api\//i;

/** Says of jobs and their commands what will not be as it is at AppVeyor. */
export function sayWhatDiffers(jobs: readonly Job[], report: Report): void {
  const entries = new Set(jobs.flatMap(({ settings }) => SCRIPTS.flatMap((name) => settings.scripts.get(name) ?? [])));
  sayAgent([...entries], report);
  sayServer([...entries], report);
  sayMsBuild(jobs, report);
  sayPowerShell(jobs, report);
}

function sayAgent(entries: readonly ScriptEntry[], report: Report): void {
  const uses = entries.flatMap((entry) => (entry.text.match(OF_AGENT) ?? []).map((name) => ({ name: name.replaceAll(/\s+/g, ' '), entry })));
  const [first] = uses;
  if (first === undefined) return;
  const names = [...new Map(uses.map(({ name }) => [name.toLowerCase(), name])).values()].join(', ');
  const { path, at } = first.entry;
  report.warning(path, at, `What belongs to AppVeyor's build agent is there only if the image brings it: ${names}.`);
}

function sayServer(entries: readonly ScriptEntry[], report: Report): void {
  for (const { path, at, text } of entries) {
    if (ITS_SERVER.test(text))
      report.warning(path, at, "This asks AppVeyor's own server, which knows nothing of builds here: it will fail, or be wrong.");
  }
}

/** Without `build: off` or a script AppVeyor looks for a solution, and fails where there is none. */
function sayMsBuild(jobs: readonly Job[], report: Report): void {
  const isMeant = ({ settings }: Job): boolean => settings.build === null && !settings.scripts.has('build_script');
  if (!jobs.some(isMeant)) return;
  report.info(
    '',
    null,
    'AppVeyor would look for a Visual Studio solution and build that, as there is neither "build: off" nor "build_script"; Terrarium does not.',
  );
}

function sayPowerShell(jobs: readonly Job[], report: Report): void {
  const isPowerShell = (entry: ScriptEntry): boolean => entry.for === 'ps' || entry.for === 'pwsh';
  const first = jobs
    .filter((job) => job.row.system !== 'windows' && !skipsPowerShell(job))
    .flatMap(({ settings }) => [...settings.scripts.values()].flat())
    .find(isPowerShell);
  if (first) report.warning(first.path, first.at, 'PowerShell is not run on Linux and macOS yet: a job there with such a command is refused.');
}
