import { BundleName, CompilerName, LicenseNeed, PackageName, ReportPattern, ServiceName } from '#plugins/api';
import { choice, described, either, type Field, flag, listOf, oneOrMany, placed, scalar, text, type ValueOf } from './fields.ts';
import { mapOf, section } from './maps.ts';

/** A name, or a version; of a fork perhaps a branch or revision of it: `acme-3.8@main`. */
const PYTHON = /^[a-z][a-z0-9._+-]*(@[a-z0-9._/+-]+)?$|^\d+(\.\d+){0,2}t?(-32)?$/;
/** `39`, `py310`: what tox calls its environments. */
const TOX_NAME = /^(?:py)?([23])\.?(\d{1,2})$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const DURATION = /^(?=\d)(?:(\d{1,4})h)? ?(?:(\d{1,5})m)? ?(?:(\d{1,6})s)?$/;
const COUNT = /^[1-9]\d{0,8}$/;
const SYSTEMS = ['linux', 'macos', 'windows', 'freebsd'] as const;
const OTHER_SYSTEMS = { osx: 'macos', mac: 'macos', darwin: 'macos', win: 'windows', win32: 'windows', ubuntu: 'linux', debian: 'linux' } as const;
const ARCHITECTURES: Readonly<Record<string, string>> = { amd64: 'x86_64', x64: 'x86_64', arm64: 'aarch64', i386: 'i686', x86: 'i686' };

/** An interpreter as people write it; small letters. `none`: the job needs none. */
export const python: Field<string> = scalar({ type: ['string', 'number'] }, 'a Python version, as 3.11 or pypy3.10', (value) => {
  const name = value.toLowerCase();
  const tox = TOX_NAME.exec(name);
  if (tox !== null && (name.startsWith('py') || !name.includes('.'))) return `"${value}" is no Python version. Did you mean "${tox[1]}.${tox[2]}"?`;
  return PYTHON.test(name) ? { value: name } : `"${value}" is no Python version: write 3.11, 3.13t, pypy3.10 or the like.`;
});

/** An operating system. */
export const system: Field<(typeof SYSTEMS)[number]> = choice(SYSTEMS, OTHER_SYSTEMS);

/** A processor, as `uname -m` calls it; `amd64`, `arm64` and their like are taken for what they mean. */
export const architecture: Field<string> = scalar({ type: 'string' }, 'an architecture, as x86_64', (value) => {
  const name = value.toLowerCase();
  return /^[a-z0-9_]{1,20}$/.test(name)
    ? { value: ARCHITECTURES[name] ?? name }
    : `"${value}" is no architecture: write x86_64, aarch64 or the like.`;
});

/** Variables and their values, as written: nothing in them is expanded. */
export const variables: Field<ReadonlyMap<string, string>> = mapOf(
  text({ type: ['string', 'number', 'boolean'] }),
  VARIABLE,
  'is no name of a variable: letters, digits and underscores, and no digit first.',
);

const line = text();
/** What a line ends with that goes on in the next. */
const GOES_ON = /(?:&&|\|\||[\\|&{(;]|\bthen|\bdo)\s*$/;
/** Texts that hang together: compound commands, functions, here-documents; and those that say themselves that every line counts. */
const ONE_THING = /^\s*(?:set\s+-\w*e|if|for|while|until|case)\b|<<|\(\)/;

/** One command. Lines that look like several are pointed out: of one command only the last line's failure counts. */
const command: Field<string> = {
  schema: line.schema,
  read(tree, path, report) {
    const value = line.read(tree, path, report);
    if (value !== undefined && looksLikeSeveral(value)) {
      report.info(path, tree.at, 'These lines are one command: a failure counts only in the last. Make them a list if each must succeed.');
    }
    return value;
  },
};

/** Whether a text has several lines of which each seems to be a command; as far as one can see without being a shell. */
function looksLikeSeveral(value: string): boolean {
  const lines = value.split('\n').filter((one) => !/^\s*(#|$)/.test(one));
  return lines.length > 1 && !ONE_THING.test(value) && !lines.some((one) => GOES_ON.test(one));
}

/** Commands: a text is one of them, a list several. */
export const commands = oneOrMany(placed(command));

/** Seconds, of `1h 30m`, `50m` or `90s`: a bare number is refused, because nobody knows what it counts. */
export const duration: Field<number> = scalar({ type: 'string', pattern: DURATION.source }, 'a time, as 50m', (value) => {
  const match = DURATION.exec(value);
  const [hours, minutes, seconds] = [1, 2, 3].map((group) => Number(match?.[group] ?? 0));
  const total = (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
  if (total > 0) return { value: total };
  return `"${value}" is no time${COUNT.test(value) ? `: say ${value}m for minutes or ${value}s for seconds` : ': write 50m, 90s or 1h 30m'}.`;
});

/** How much of the history to check out; null: all of it. */
const depth: Field<number | null> = scalar(
  { anyOf: [{ type: 'integer', minimum: 1 }, { enum: ['all'] }] },
  'a number of commits, or all',
  (value) => {
    if (value === 'all') return { value: null };
    return COUNT.test(value) ? { value: Number(value) } : `This must be a number of commits or "all", but is "${value}".`;
  },
);

const checkoutSection = section({
  depth: described('How many commits of the history: a number, or "all". Default 50.', depth),
  submodules: described('Whether submodules are laid out too. Default true.', flag()),
});
/** What to check out: `false` is nothing at all, `true` what is usual. */
export const checkout = either((tree) => tree.kind === 'map', checkoutSection, flag());

/** Limits of one job. */
export const limits = section({
  time: described('How long a job may take: 50m, 90s, 1h 30m.', duration),
  silence: described('How long a job may write nothing to its log: 10m.', duration),
});

const product: Field<string> = scalar({ type: 'string' }, 'the name of a product, as msvc-2015', (value) => {
  const name = value.toLowerCase().replace(/ +/, ' ');
  return LicenseNeed.safeParse(name).success
    ? { value: name }
    : `"${value}" is no name of a product: write msvc-2015 or the like, and a version after a space if it matters: oracle-sdk 12.1.`;
});

/** The products of which seats are needed. */
export const licenses: Field<readonly string[]> = oneOrMany(product);

const bundle: Field<string> = scalar({ type: 'string' }, 'the name of a bundle, as instantclient-sdk-12.1', (value) =>
  BundleName.safeParse(value).success
    ? { value }
    : `"${value}" is no name of a bundle: write its name, a dash and its version, as instantclient-sdk-12.1.`,
);

/** The bundles that are unpacked in the machine. */
export const bundles: Field<readonly string[]> = oneOrMany(bundle);

const systemPackage: Field<string> = scalar({ type: 'string' }, 'the name of a package, as libpq-dev', (value) =>
  PackageName.safeParse(value).success
    ? { value }
    : `"${value}" is no name of a package that apt could install: write libpq-dev, libc6:i386 or redis=5:7.0.15-1.`,
);

/** The packages of the system that are installed. */
export const apt: Field<readonly string[]> = oneOrMany(systemPackage);

/** Names under which services are known elsewhere. */
const OTHER_SERVICES: Readonly<Record<string, ServiceName>> = {
  postgres: 'postgresql',
  'redis-server': 'redis',
  memcache: 'memcached',
  'rabbitmq-server': 'rabbitmq',
  mongo: 'mongodb',
};

const serviceName = text({ enum: ServiceName.options });

/** A server that is started; null for one that is not known, which is pointed out: a job may start what it needs by itself. */
const service: Field<ServiceName | null> = {
  schema: serviceName.schema,
  read(tree, path, report) {
    const value = serviceName.read(tree, path, report);
    if (value === undefined) return undefined;
    const name = value.toLowerCase();
    const known = ServiceName.safeParse(OTHER_SERVICES[name] ?? name);
    if (known.success) return known.data;
    report.warning(path, tree.at, `"${value}" is not started: it is not known. Known are: ${ServiceName.options.join(', ')}.`);
    return null;
  },
};

/** The servers that are started. */
export const services: Field<readonly (ServiceName | null)[]> = oneOrMany(service);
const report: Field<string> = scalar({ type: 'string' }, 'a pattern of paths, as junit/*.xml', (value) =>
  ReportPattern.safeParse(value).success
    ? { value }
    : `"${value}" is no place of reports: write a path in the repository that ends in .xml, in which * stands for anything but a slash: junit/*.xml.`,
);

/** Where reports of the tests are left. */
export const reports: Field<readonly string[]> = oneOrMany(report);

/** The compiler that is set up. */
export const compiler: Field<string> = scalar({ type: 'string' }, 'a compiler: msvc', (value) => {
  const name = value.toLowerCase().replace(/ +/, ' ');
  return CompilerName.safeParse(name).success ? { value: name } : `"${value}" is no compiler that is known: write msvc, or msvc 14.0 for just that.`;
});

/** A name for people: one line. */
export const label: Field<string> = scalar({ type: 'string' }, 'a name', (value) => {
  const name = value.trim();
  return name !== '' && name.length <= 100 && !/[\p{Cc}]/u.test(name) ? { value: name } : 'A name is one line of 1 to 100 characters.';
});

const matcher = section({
  python: described('Jobs of this Python, or of one of these.', oneOrMany(python)),
  os: described('Jobs of this system, or of one of these.', oneOrMany(system)),
  architecture: described('Jobs of this architecture, or of one of these.', oneOrMany(architecture)),
  env: described('Jobs whose row of the matrix has these variables.', variables),
  name: described('The job of this name, or of one of these.', oneOrMany(label)),
  stage: described('Jobs of this stage, or of one of these.', oneOrMany(label)),
});
/** Which jobs are meant: those to which everything given applies. */
export type Matcher = ValueOf<typeof matcher>;
/** A list of such. */
export const matchers = listOf(placed(matcher));

/** `schema` as an axis: one value or a list. */
export function axis<T>(description: string, field: Field<T>): Field<readonly T[]> {
  return described(description, nonEmpty(oneOrMany(field)));
}

/** The same list field, but an empty list does not fit, and what stands twice counts once. */
function nonEmpty<T>(field: Field<T[]>): Field<readonly T[]> {
  return {
    schema: field.schema,
    read(tree, path, report) {
      const values = field.read(tree, path, report);
      if (values === undefined) return undefined;
      if (values.length === 0) {
        report.error(path, tree.at, 'This list is empty: leave the key out, or say what belongs into it.');
        return undefined;
      }
      const different = new Map(values.map((value) => [identity(value), value]));
      if (different.size < values.length) report.warning(path, tree.at, 'Something stands here twice. It counts once.');
      return [...different.values()];
    },
  };
}

/** The same text for the same value. */
function identity(value: unknown): string {
  return JSON.stringify(value instanceof Map ? [...value].toSorted(([left], [right]) => (left < right ? -1 : 1)) : value);
}
