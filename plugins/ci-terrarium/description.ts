import { choice, described, flag, listOf, placed, type ValueOf } from './fields.ts';
import { section } from './maps.ts';
import {
  apt,
  architecture,
  axis,
  bundles,
  checkout,
  compiler,
  commands,
  label,
  licenses,
  limits,
  matchers,
  python,
  reports,
  services,
  system,
  variables,
} from './values.ts';

const SHELLS = ['sh', 'bash', 'cmd', 'powershell', 'pwsh'] as const;

/** What can be said of all jobs of the file, and again, for itself, by an entry of `jobs`. */
const shared = {
  python: axis('The Pythons to run on, one job for each: 3.9, 3.10, 3.13t, pypy3.10, 2.7; none where none is needed. Quotes are not needed.', python),
  os: axis('The systems to run on. Default linux.', system),
  architecture: axis('The processors to run on: x86_64, aarch64. Default: any.', architecture),
  env: axis('Rows of the matrix: each map of variables makes a job (for each Python and system).', variables),
  variables: described('Variables that every job gets.', variables),
  install: described('Commands that get everything ready. The first that fails ends the job as errored.', commands),
  test: described('Commands that test. The first that fails ends them, and the job has failed.', commands),
  after: described('Commands that run at the end in any case but a failed install. Whether they fail does not count.', commands),
  stage: described('The stage the jobs belong to. Stages run one after the other.', label),
  image: described('The name of an image that the machine must be made from. Default: any that fits.', label),
  environment: described("The environment whose secrets the jobs get, besides the project's: made in the project's settings.", label),
  compiler: described(
    'The compiler whose environment is set up before the commands, on Windows: msvc is the Visual Studio that the Python was built with, msvc 14.0 just that. Default: none.',
    compiler,
  ),
  bundles: described('Bundles that the jobs are given, unpacked and read-only: instantclient-sdk-12.1. Default: none.', bundles),
  licenses: described(
    'Products of each of which the jobs hold a licensed seat while they run: msvc-2015, or of a version, oracle-sdk 12.1. Default: none.',
    licenses,
  ),
  apt: described('Packages of the system that are installed first, on Linux: libpq-dev. What is there already is not installed again.', apt),
  services: described(
    'Servers that are started first, on Linux, and answer by then: postgresql, redis, mysql, mariadb, memcached, rabbitmq, mongodb. Default: none.',
    services,
  ),
  reports: described(
    'Where the tests leave their JUnit XML reports: paths in which * is anything but a slash, and a part ** any folders. Default: where they usually are.',
    reports,
  ),
  shell: described('What runs the commands: sh, bash, cmd, powershell or pwsh. Default sh, on Windows cmd.', choice(SHELLS)),
  checkout: described('What of the repository is laid out before install; false: nothing.', checkout),
  limits: described('Limits of each job. Default: those of the installation.', limits),
};

/** Words of other formats, so that whoever comes from there finds the way. */
const ELSEWHERE = {
  script: 'Commands that test stand under "test".',
  before_install: 'All preparations stand under "install".',
  before_script: 'All preparations stand under "install".',
  after_script: 'Commands that always run at the end stand under "after".',
  after_success: 'Commands that always run at the end stand under "after".',
  matrix: 'Every list under "python", "os", "architecture" and "env" is an axis of the matrix; single jobs stand under "jobs".',
  include: 'Single jobs stand under "jobs".',
  addons: 'Packages of the system stand under "apt", servers under "services".',
  packages: 'Packages of the system stand under "apt".',
  language: 'There is but one language here: leave the key out.',
  dist: 'The name of an image stands under "image".',
  arch: 'Did you mean "architecture"?',
  allow_failures: 'Did you mean "allow-failures"?',
  steps: 'Commands stand under "install" and "test".',
  timeout: 'Limits stand under "limits", as {time: 50m}.',
};

const job = section(
  {
    name: described('What people call the job.', label),
    ...shared,
    'allow-failure': described('Whether the build may pass although this job has failed.', flag()),
  },
  ELSEWHERE,
);
/** An entry of `jobs`. */
export type JobEntry = ValueOf<typeof job>;

/** The whole of a `.terrarium.yml`: the table that both the reader and the schema for editors come from. */
export const description = section(
  {
    ...shared,
    jobs: described('Jobs besides the matrix. Each says what is different for it.', listOf(placed(job))),
    exclude: described('What is left out of the matrix.', matchers),
    'allow-failures': described('Jobs that may fail.', matchers),
    stages: described('The stages in the order they run. Default: in the order of the jobs.', listOf(placed(label))),
    'fast-finish': described('Whether the verdict is given as soon as a required job has failed or all have passed.', flag()),
  },
  ELSEWHERE,
);
/** What a `.terrarium.yml` says. */
export type Description = ValueOf<typeof description>;
