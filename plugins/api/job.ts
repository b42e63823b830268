import { z } from 'zod';
import { CompilerName } from './toolchain.ts';

/** When a phase runs, given how the job stands when its turn comes. */
export const PhaseCondition = z.enum(['always', 'passing', 'failing']);
export type PhaseCondition = z.infer<typeof PhaseCondition>;

/**
 * What a failing command (exit code other than 0) of a phase does.
 * - `error`: the job is errored and ends at once; no other phase runs, whatever its condition.
 * - `fail`: the job is failed; the rest of the phase is skipped; later phases run by their condition.
 * - `fail-later`: the job is failed; the rest of the phase runs all the same (Travis's `script`).
 * - `ignore`: nothing; the rest of the phase runs.
 */
export const FailureRule = z.enum(['error', 'fail', 'fail-later', 'ignore']);
export type FailureRule = z.infer<typeof FailureRule>;

/** What a command can be written for. `powershell` is Windows PowerShell, `pwsh` PowerShell 7. */
export const CommandShell = z.enum(['sh', 'bash', 'cmd', 'powershell', 'pwsh']);
export type CommandShell = z.infer<typeof CommandShell>;

/** One command: a piece of shell that may span lines. */
export const Command = z.object({
  run: z.string(),
  /** What the log shows as the command; `run` where absent. */
  title: z.string().optional(),
  /**
   * What a person would write for it in a description of his own, where `run` is the work of a machine; nothing if `run` is empty. `unneeded` are variables that then nothing reads, `shell`
   * is for which it is written, where that is another one. Absent: `run`.
   */
  written: z.object({ run: z.string(), unneeded: z.array(z.string()), shell: CommandShell.optional() }).optional(),
  /**
   * What runs it; the program's shell where absent. The variables and the current folder that it leaves are those that the next command finds, whatever runs
   * that; more only between commands for the same shell. A command for `cmd` fails by the errorlevel it leaves, one for PowerShell by an error that ends it
   * or the code given to `$host.SetShouldExit`. An agent that does not run a shell refuses the whole job before anything of it has run.
   */
  shell: CommandShell.optional(),
});
export type Command = z.infer<typeof Command>;

/** A named group of commands with one rule for failure. */
export const Phase = z.object({
  name: z.string(),
  when: PhaseCondition,
  onFailure: FailureRule,
  commands: z.array(Command),
});
export type Phase = z.infer<typeof Phase>;

/** All that a job runs: every command of every phase, in order, in *one* shell, so that `cd` and `export` persist. Commands may name another one. */
export const Program = z.object({
  shell: z.enum(['sh', 'bash']),
  phases: z.array(Phase),
});
export type Program = z.infer<typeof Program>;

/** A variable in the job's environment. The value is literal: nothing expands it, unless `expand` is set. */
export const Variable = z.object({
  name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/),
  value: z.string(),
  /**
   * The value is shell source (as in a .travis.yml's `env`): the job's own shell expands `$HOME` and quotes in it, in order. On Windows it is a text in which
   * `%NAME%` stands for what that variable is by then, where there is one.
   */
  expand: z.boolean(),
});
export type Variable = z.infer<typeof Variable>;

/** What the machine must be. */
export const Requirements = z.object({
  /** `linux`, `macos`, `windows`, `freebsd`. */
  system: z.string(),
  /** `x86_64`, `aarch64`, ... as `uname -m` says; null: any. */
  architecture: z.string().nullable(),
  /** An interpreter as people write it, `3.11`, `pypy3.10`, `2.7`; null: none needed. */
  interpreter: z.string().nullable(),
  /** The name of an image, where the project insists on one; null: any that fits. */
  image: z.string().nullable(),
  /** A compiler that is set up before its commands run. Absent: none. */
  compiler: CompilerName.optional(),
});
export type Requirements = z.infer<typeof Requirements>;

/** A product that a licence is of, as jobs name it, and the version of it that is used if that matters: `msvc-2015`, `oracle-sdk 12.1`. */
export const LicenseNeed = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}( \d+(\.\d+){0,3})?$/);

/** A bundle as jobs name it: its name, a dash, its version. */
export const BundleName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}-[0-9A-Za-z][0-9A-Za-z._+]{0,31}$/);

/**
 * A package of the system as apt takes it, perhaps of an architecture or a version: `libpq-dev`, `libc6:i386`, `redis=5:7.0.15-1`. None that apt would take for a wish to remove it. Source:
 * Debian Policy, 5.6.1 and 5.6.12.
 */
export const PackageName = z.string().regex(/^[a-z0-9][a-z0-9+.-]{0,98}[a-z0-9+](:[a-z0-9][a-z0-9-]{0,30})?(=[0-9][A-Za-z0-9.+~:-]{0,98})?$/);

/** Servers that can be started in a machine for its job. `mysql` is MariaDB where the system has that. */
export const ServiceName = z.enum(['postgresql', 'redis', 'mysql', 'mariadb', 'memcached', 'rabbitmq', 'mongodb']);
export type ServiceName = z.infer<typeof ServiceName>;
/** Paths in a work tree: `*` is anything but a slash, a part `**` any folders. Such files are XML. */
export const ReportPattern = z
  .string()
  .max(200)
  .regex(/^(?!\/)(?!(?:.*\/)?\.{0,2}(?:\/|$))[^\p{Cc}\\:]+\.xml$/u);

/** One row of a build's matrix, as a CI description states it. Everything a machine needs to run it, and how to show it. */
export const JobSpec = z.object({
  /** Unique enough to be read by a person: `3.11 · TOXENV=py311`. */
  name: z.string(),
  stage: z.string(),
  allowFailure: z.boolean(),
  /** The expanded configuration in the description's own terms; shown to people, never interpreted by the core. */
  config: z.record(z.string(), z.json()),
  /** Where it stands in the matrix picture: interpreter across, everything else that distinguishes it down. */
  cell: z.object({ column: z.string(), row: z.string() }),
  requirements: Requirements,
  variables: z.array(Variable),
  /** How much of the repository the job wants; null: no checkout at all. `depth` null: everything. */
  checkout: z.object({ depth: z.number().int().positive().nullable(), submodules: z.boolean() }).nullable(),
  program: Program,
  /** The environment whose secrets it wants, besides the project's: a named group for some branches and tags. Absent: none. */
  environment: z.string().optional(),
  /** Products of each of which it needs a seat while it runs. Absent: none. Only changes that are trusted or approved are given any. */
  licenses: z.array(LicenseNeed).max(20).optional(),
  /** Bundles that it is given, unpacked: `instantclient-sdk-12.1`. Absent: none. The same changes as with licences. */
  bundles: z.array(BundleName).max(20).optional(),
  /** Packages of the system that are installed before its commands run, unless they are there. Only on Linux. Absent: none. */
  apt: z.array(PackageName).max(200).optional(),
  /** Servers that are started before its commands run, and that answer by then. Only on Linux. Absent: none. */
  services: z.array(ServiceName).max(20).optional(),
  /** Where in its work tree it leaves reports of its tests, as patterns: `junit/*.xml`. Absent: where they usually are. */
  reports: z.array(ReportPattern).max(20).optional(),
  /**
   * Where no machine here can run it, it is skipped instead of errored, unless no other job of the build runs either: its description names what the project supports, not what is to be
   * run. Absent: false.
   */
  ifAvailable: z.boolean().optional(),
  /**
   * Files in the session's folder that are kept once the job has passed, as an interpreter. Only the core asks for it, of projects that are forks; of any other it is passed over.
   */
  publishes: z.object({ archive: z.string(), version: z.string() }).optional(),
  /**
   * It asks the project's own tool what there is to run: once it has passed, the text that it has left at `answer`, in the session's folder, is read by the provider of `file` (see
   * `CiProvider.planned`), and the jobs that this says are run in `stage`, a later one of its plan's that has no other jobs.
   * `otherwise` is the command that runs all of it at once in place of the job's last, where nobody can ask: in a description that is written from this one. Absent: it does not ask.
   */
  plans: z.object({ file: z.string(), answer: z.string(), stage: z.string(), otherwise: z.string() }).optional(),
  /** Seconds; null: the installation's default. */
  limits: z.object({ time: z.number().positive().nullable(), silence: z.number().positive().nullable() }),
});
export type JobSpec = z.infer<typeof JobSpec>;
