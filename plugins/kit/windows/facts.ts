import { z } from 'zod';
import { type Interpreter, PluginError, Toolchain } from '#plugins/api';
import { nameOf } from '../ssh-connect.ts';
import type { SshConnection } from '../ssh-connection.ts';
import { PYTHON_QUESTION, parseAnswer } from '../ssh-interpreters.ts';
import { quoteArgument } from './command-line.ts';
import { failureIn, wordOf } from './command.ts';
import { type Hand, runLine } from './hand.ts';

/** What a Windows machine says of itself. */
export interface WindowsFacts {
  readonly system: 'windows';
  /** `Windows Server 2022 Datacenter 10.0.20348.2113`; null where it does not say. */
  readonly systemVersion: string | null;
  /** As `uname -m` would say: `x86_64`, `i686`, `aarch64`. */
  readonly architecture: string;
  /** One of each name; what is registered comes first. */
  readonly interpreters: readonly Interpreter[];
  /** One of each version. */
  readonly toolchains: readonly Toolchain[];
}

/** By PROCESSOR_ARCHITECTURE. */
const ARCHITECTURES = new Map([
  ['AMD64', 'x86_64'],
  ['x86', 'i686'],
  ['ARM64', 'aarch64'],
]);

/** By the major version of Visual Studio. Source: Microsoft, "Visual Studio release history". */
const PRODUCTS = new Map([
  [9, 'Visual Studio 2008'],
  [10, 'Visual Studio 2010'],
  [11, 'Visual Studio 2012'],
  [12, 'Visual Studio 2013'],
  [14, 'Visual Studio 2015'],
  [15, 'Visual Studio 2017'],
  [16, 'Visual Studio 2019'],
  [17, 'Visual Studio 2022'],
  [18, 'Visual Studio 2026'],
]);

/** Since this build Windows is 11, though its registry says 10. Source: Microsoft, "Windows 11 release information". */
const WINDOWS_11 = 22_000;

/** Of vswhere; only what is used. Source: its documentation in microsoft/vswhere. */
const Installations = z.array(z.object({ installationPath: z.string(), installationVersion: z.string(), displayName: z.string() }));

/** Asks a machine what it is and has. `rejected` if it does not even say what it is. */
export async function probeWindows(connection: SshConnection, hand: Hand, signal: AbortSignal): Promise<WindowsFacts> {
  const question = `-E -s -S -c ${quoteArgument(PYTHON_QUESTION)}`;
  const said = await runLine(connection, `${hand.line} facts ${wordOf(question)}`, signal);
  const [, hex] = /^terrarium facts ((?:[0-9a-f]{2})+)\r?$/m.exec(said) ?? [];
  const facts = hex === undefined ? null : parseFacts(Buffer.from(hex, 'hex').toString());
  if (facts !== null) return facts;
  throw new PluginError('rejected', `${nameOf(connection.target)} does not say which Windows it is: ${failureIn(said).slice(0, 500)}`);
}

/** Reads the lines of `Facts.cs`. Lines that do not fit are passed over: what a machine says is not trusted. Null if there is no architecture among them. */
export function parseFacts(text: string): WindowsFacts | null {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const value = (name: string): string | null => lines.find(([word]) => word === name)?.[1] ?? null;
  const architecture = ARCHITECTURES.get(value('PROCESSOR_ARCHITECTURE') ?? '');
  if (architecture === undefined) return null;
  const fields = (name: string): string[][] => lines.flatMap(([word, ...rest]) => (word === name ? [rest] : []));
  const interpreters = fields('python').map((rest) => parseAnswer(rest.join('\t'), architecture));
  const old = fields('compiler').map(([version = '', path = '']) => toolchain(version, path));
  const toolchains = [...fields('vswhere').flatMap(([json = '']) => installed(json)), ...old];
  return {
    system: 'windows',
    systemVersion: versionOf(value('ProductName'), value('CurrentBuildNumber'), value('UBR')),
    architecture,
    interpreters: firstOfEach(interpreters, ({ name }) => name),
    toolchains: firstOfEach(toolchains, ({ version }) => version).toSorted((one, other) => Number(one.version) - Number(other.version)),
  };
}

function versionOf(product: string | null, build: string | null, revision: string | null): string | null {
  if (product === null || build === null || !/^\d{4,6}$/.test(build) || !/^[\w .()-]{1,100}$/.test(product)) return null;
  const name = Number(build) >= WINDOWS_11 ? product.replace(/^Windows 10\b/, 'Windows 11') : product;
  return `${name} 10.0.${build}${/^\d+$/.test(revision ?? '') ? `.${revision}` : ''}`;
}

function installed(json: string): (Toolchain | null)[] {
  const parsed = Installations.safeParse(parseJson(json));
  return parsed.success ? parsed.data.map((one) => toolchain(one.installationVersion, one.installationPath)) : [];
}

/** `version`: `14.0` or `17.9.34728.123`; the compiler for Python 2.7 calls itself by the name of its folder's value. */
function toolchain(version: string, path: string): Toolchain | null {
  const own = version.toLowerCase() === 'installdir';
  const [, major = ''] = /^(\d{1,2})\.\d+/.exec(own ? '9.0' : version) ?? [];
  const product = PRODUCTS.get(Number(major));
  if (product === undefined) return null;
  const found = { name: 'msvc', version: `${major}.0`, product: own ? 'Visual C++ for Python 2.7' : product, path: path.replace(/\\+$/, '') };
  return Toolchain.safeParse(found).data ?? null;
}

function firstOfEach<One>(all: readonly (One | null)[], nameOfOne: (one: One) => string): One[] {
  const found = new Map<string, One>();
  for (const one of all) if (one !== null && !found.has(nameOfOne(one))) found.set(nameOfOne(one), one);
  return [...found.values()];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No JSON: no schema fits it.
    return undefined;
  }
}
