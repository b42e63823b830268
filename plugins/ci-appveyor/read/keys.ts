import type { Report } from '#plugins/kit/yaml/report';
import { didYouMean } from '#plugins/kit/yaml/suggest';
import { entriesOf, type Part } from '#plugins/kit/yaml/part';
import { isOff } from './switch.ts';
import { SCRIPTS } from './scripts.ts';

/** What is read, besides the sections of commands. */
const READ = [
  'version',
  'branches',
  'skip_tags',
  'skip_non_tags',
  'skip_commits',
  'only_commits',
  'image',
  'os',
  'platform',
  'configuration',
  'environment',
  'matrix',
  'for',
  'stack',
  'clone_depth',
  'shallow_clone',
  'build',
  'test',
];

const DEPLOYS = 'Terrarium does not deploy: no section about it is run.';
const DOTNET = 'This is for .NET projects, and is not done here.';

/** What AppVeyor does and Terrarium does not, and what to say of it. */
const LEFT_OUT = new Map<string, string>([
  ['artifacts', "There is no store for artefacts yet: they are kept in the job's configuration, and nothing is stored."],
  ['cache', 'There is no cache: every machine is new.'],
  ['services', 'Services are not started: the image must have them running, or the job start them.'],
  ['hosts', 'Names of hosts are not added to the machine.'],
  ['notifications', 'Who is told of builds is said in the settings of Terrarium, not here.'],
  ['max_jobs', 'How many jobs run at once is a matter of pools: this does not count.'],
  ['clone_folder', 'The sources lie where Terrarium puts them: APPVEYOR_BUILD_FOLDER says where. Commands that name this folder do not find them.'],
  ['clone_script', 'Terrarium lays out the sources itself: this script is not run.'],
  ['skip_branch_with_pr', 'Whether a branch has a pull request is not known here: both are built.'],
  ['pull_requests', 'How builds are numbered cannot be changed.'],
  ['before_package', DOTNET],
  ['assembly_info', DOTNET],
  ['dotnet_csproj', DOTNET],
  ['nuget', DOTNET],
  ['deploy', DEPLOYS],
  ['before_deploy', DEPLOYS],
  ['deploy_script', DEPLOYS],
  ['after_deploy', DEPLOYS],
  ['build_cloud', 'Pools and their images are chosen by Terrarium.'],
  ['on_image_bake', 'Images are built by Terrarium: see docs/IMAGES.md.'],
]);

const KNOWN = [...READ, ...SCRIPTS, ...LEFT_OUT.keys()];

/** Where more keys than these are unknown, it is no description of AppVeyor's. */
const MOST_SUGGESTIONS = 100;

/** Says once of each thing that it is not known, or not done here. `roots` are the file and its sections under `for`. */
export function sayWhatIsNotRead(roots: readonly Part[], report: Report): void {
  const said = new Set<string>();
  let unknown = 0;
  for (const { key, path, at, tree } of roots.flatMap((root) => entriesOf(root))) {
    const text = LEFT_OUT.get(key);
    if (text !== undefined && !said.has(text) && tree.kind !== 'empty' && !isOff({ tree, path, at })) {
      report.info(path, at, text);
      said.add(text);
    }
    if (KNOWN.includes(key)) continue;
    unknown += 1;
    const meant = unknown > MOST_SUGGESTIONS ? '' : didYouMean(key, KNOWN);
    report.warning(path, at, `"${key}" is not known here, and is left out.${meant}`);
  }
}
