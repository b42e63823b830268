import type { CiInput } from '#plugins/api';
import type { JobBudget } from '#plugins/kit/job-budget';
import { Report } from '#plugins/kit/yaml/report';
import { iniSettings } from './ini/ini-settings.ts';
import { type Ini, readIni } from './ini/read-ini.ts';
import type { Reading, ToxSettings } from './settings.ts';
import { isTable, lineOf, readToml, type TomlTable, valueAt } from '#plugins/kit/toml';
import { tomlSettings } from './toml/toml-settings.ts';

/** What was found: settings; `none`, where no file says anything to tox; `wrong`, where one does that cannot be read, which `report` then says. */
export type Found = ToxSettings | 'none' | 'wrong';

type Reader = (text: string, budget: JobBudget, report: Report) => Found;

/** In the order in which tox looks. Source: https://tox.wiki/en/stable/reference/config.html#discovery-and-file-types */
const READERS: readonly (readonly [string, Reader])[] = [
  ['tox.ini', readToxIni],
  ['setup.cfg', readSetupCfg],
  ['pyproject.toml', readPyproject],
  ['tox.toml', readToxToml],
];

/** Reads the first of the files that says anything to tox. Throws `TooMuch`. */
export function findSettings(texts: CiInput['texts'], budget: JobBudget, report: Report): Found {
  for (const [file, read] of READERS) {
    const text = texts.get(file);
    const found = text === undefined ? 'none' : read(text, budget, report);
    if (found !== 'none') return found;
  }
  return 'none';
}

/** A tox.ini is also where flake8 and others keep settings: without a section of tox's it says nothing. */
function readToxIni(text: string, budget: JobBudget, report: Report): Found {
  const ini = readIni(text, report);
  if (ini === null) return 'wrong';
  const isMeant = [...ini.keys()].some((name) => name === 'tox' || name === 'testenv' || name.startsWith('testenv:'));
  return isMeant ? (iniSettings('tox.ini', ini, 'tox', { budget, report }) ?? 'wrong') : 'none';
}

/** Whatever else is wrong with a setup.cfg is not ours, if nothing in it is for tox. */
function readSetupCfg(text: string, budget: JobBudget, report: Report): Found {
  const own = new Report();
  const ini = readIni(text, own);
  if (!/^\[tox:tox\]/m.test(text)) return 'none';
  report.messages.push(...own.messages);
  return ini === null ? 'wrong' : fromIni('setup.cfg', ini, 'tox:tox', { budget, report });
}

function fromIni(file: string, ini: Ini, core: string, reading: Reading): Found {
  return ini.has(core) ? (iniSettings(file, ini, core, reading) ?? 'wrong') : 'none';
}

function readPyproject(text: string, budget: JobBudget, report: Report): Found {
  const read = readToml(text);
  if ('problem' in read) {
    if (!/^[ \t]*\[tool\.tox\b/m.test(text)) return 'none';
    report.error('', read.at, read.problem);
    return 'wrong';
  }
  const table = valueAt(read.table, 'tool', 'tox');
  if (!isTable(table)) return 'none';
  const legacy = table['legacy_tox_ini'];
  const isNative = Object.keys(table).some((key) => key !== 'legacy_tox_ini');
  if (isNative) return native('pyproject.toml', text, read.table, table, { budget, report });
  if (typeof legacy !== 'string') return 'none';
  return fromLegacy(legacy, lineOf(text, 'tool.tox', 'legacy_tox_ini') ?? 1, { budget, report });
}

/** Lines count from the beginning of the text within: they are moved to where it stands. */
function fromLegacy(legacy: string, line: number, { budget, report }: Reading): Found {
  const own = new Report();
  const ini = readIni(legacy, own);
  const found = ini === null ? 'wrong' : (iniSettings('pyproject.toml', ini, 'tox', { budget, report: own }) ?? 'wrong');
  // A text in ''' or """ begins on the next line, whose first break is not part of it.
  report.messages.push(...own.messages.map((message) => ({ ...message, line: message.line === null ? null : message.line + line })));
  return found === 'wrong' ? found : { ...found, line: found.line === null ? null : found.line + line };
}

function readToxToml(text: string, budget: JobBudget, report: Report): Found {
  const read = readToml(text);
  if (!('problem' in read)) return native('tox.toml', text, read.table, read.table, { budget, report });
  report.error('', read.at, read.problem);
  return 'wrong';
}

function native(file: string, text: string, root: TomlTable, table: TomlTable, reading: Reading): Found {
  const header = root === table ? null : 'tool.tox';
  return tomlSettings({ file, root, table, lineOf: (key) => lineOf(text, header, key) }, reading) ?? 'wrong';
}
