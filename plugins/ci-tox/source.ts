import type { CiInput } from '#plugins/api';
import { Report } from '#plugins/kit/yaml/report';
import { iniSettings } from './ini/ini-settings.ts';
import { type Ini, readIni } from './ini/read-ini.ts';
import type { ToxSettings } from './settings.ts';
import { isTable, lineOf, readToml, type TomlTable, valueAt } from '#plugins/kit/toml';
import { tomlSettings } from './toml/toml-settings.ts';

/** What was found: settings; `none`, where no file says anything to tox; `wrong`, where one does that cannot be read, which `report` then says. */
export type Found = ToxSettings | 'none' | 'wrong';

type Reader = (text: string, report: Report) => Found;

/** In the order in which tox looks. Source: https://tox.wiki/en/stable/reference/config.html#discovery-and-file-types */
const READERS: readonly (readonly [string, Reader])[] = [
  ['tox.ini', readToxIni],
  ['setup.cfg', readSetupCfg],
  ['pyproject.toml', readPyproject],
  ['tox.toml', readToxToml],
];

/** Reads the first of the files that says anything to tox. */
export function findSettings(texts: CiInput['texts'], report: Report): Found {
  for (const [file, read] of READERS) {
    const text = texts.get(file);
    const found = text === undefined ? 'none' : read(text, report);
    if (found !== 'none') return found;
  }
  return 'none';
}

/** A tox.ini is also where flake8 and others keep settings: without a section of tox's it says nothing. */
function readToxIni(text: string, report: Report): Found {
  const ini = readIni(text, report);
  if (ini === null) return 'wrong';
  const isMeant = [...ini.keys()].some((name) => name === 'tox' || name === 'testenv' || name.startsWith('testenv:'));
  return isMeant ? (iniSettings('tox.ini', ini, 'tox', report) ?? 'wrong') : 'none';
}

/** Whatever else is wrong with a setup.cfg is not ours, if nothing in it is for tox. */
function readSetupCfg(text: string, report: Report): Found {
  const own = new Report();
  const ini = readIni(text, own);
  if (!/^\[tox:tox\]/m.test(text)) return 'none';
  report.messages.push(...own.messages);
  return ini === null ? 'wrong' : fromIni('setup.cfg', ini, 'tox:tox', report);
}

function fromIni(file: string, ini: Ini, core: string, report: Report): Found {
  return ini.has(core) ? (iniSettings(file, ini, core, report) ?? 'wrong') : 'none';
}

function readPyproject(text: string, report: Report): Found {
  const read = readToml(text);
  if ('problem' in read) {
    if (!/^\s*\[tool\.tox\b/m.test(text)) return 'none';
    report.error('', read.at, read.problem);
    return 'wrong';
  }
  const table = valueAt(read.table, 'tool', 'tox');
  if (!isTable(table)) return 'none';
  const legacy = table['legacy_tox_ini'];
  const isNative = Object.keys(table).some((key) => key !== 'legacy_tox_ini');
  if (isNative) return native('pyproject.toml', text, read.table, table, report);
  if (typeof legacy !== 'string') return 'none';
  return fromLegacy(legacy, lineOf(text, 'tool.tox', 'legacy_tox_ini') ?? 1, report);
}

/** Lines count from the beginning of the text within: they are moved to where it stands. */
function fromLegacy(legacy: string, line: number, report: Report): Found {
  const own = new Report();
  const ini = readIni(legacy, own);
  const found = ini === null ? 'wrong' : (iniSettings('pyproject.toml', ini, 'tox', own) ?? 'wrong');
  // A text in ''' or """ begins on the next line, whose first break is not part of it.
  report.messages.push(...own.messages.map((message) => ({ ...message, line: message.line === null ? null : message.line + line })));
  return found === 'wrong' ? found : { ...found, line: found.line === null ? null : found.line + line };
}

function readToxToml(text: string, report: Report): Found {
  const read = readToml(text);
  if (!('problem' in read)) return native('tox.toml', text, read.table, read.table, report);
  report.error('', read.at, read.problem);
  return 'wrong';
}

function native(file: string, text: string, root: TomlTable, table: TomlTable, report: Report): Found {
  const header = root === table ? null : 'tool.tox';
  return tomlSettings({ file, root, table, lineOf: (key) => lineOf(text, header, key) }, report) ?? 'wrong';
}
