import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Change, CiPlan, Message } from '#plugins/api';
import { matchesWildcard } from '../../common/wildcard.ts';
import { planBuild, wantedFiles } from '../../pipelines/index.ts';
import { type Format, formatOf } from './format.ts';

/** What an argument of `plan` came to. */
export interface Planned {
  /** The file as the argument names it; for a folder the file found in it, or the folder. */
  readonly file: string;
  /** The folder that files of messages are in; null where the argument is a file. */
  readonly folder: string | null;
  /** The format's title; null where nothing was read. */
  readonly title: string | null;
  readonly plan: CiPlan;
}

/** How to read: `named` is the format asked for; `cwd` what relative paths are seen from. */
export interface ReadOptions {
  readonly formats: readonly Format[];
  readonly named: string | null;
  readonly cwd: string;
}

/** Nothing has been pushed: conditions find no branch. */
export const UNPUSHED: Change = {
  kind: 'manual',
  branch: '',
  tag: null,
  commit: '',
  before: null,
  message: '',
  author: '',
  committedAt: null,
  pullRequest: null,
  repository: '',
};

/** Reads a file, or the CI description in a folder. Never throws: what cannot be read becomes an error message. */
export async function planOf(argument: string, options: ReadOptions): Promise<Planned> {
  const path = resolve(options.cwd, argument);
  try {
    const text = await readUnless('EISDIR', path);
    return text === null ? await planFolder(argument, path, options) : planText(argument, text, options);
  } catch (error) {
    return { file: argument, folder: null, title: null, plan: failed(`This cannot be read: ${reason(error)}.`) };
  }
}

async function planFolder(argument: string, path: string, { formats, named }: ReadOptions): Promise<Planned> {
  const providers = formats.filter(({ name }) => named === null || name === named).map(({ provider }) => provider);
  const texts = new Map<string, string>();
  for (const wanted of wantedFiles(providers)) {
    for (const file of await filesOf(path, wanted)) {
      const text = await readUnless('ENOENT', join(path, file));
      if (text !== null) texts.set(file, text);
    }
  }
  const { description, ci, plan } = planBuild(texts, UNPUSHED, providers);
  return { file: description === null ? argument : join(argument, description), folder: argument, title: ci, plan };
}

/** The path, or those files of its folder that it stands for: see `ScmProvider.readFiles`. */
async function filesOf(root: string, wanted: string): Promise<string[]> {
  if (!wanted.includes('*')) return [wanted];
  const folder = dirname(wanted);
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return [];
    throw error;
  });
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => (folder === '.' ? name : `${folder}/${name}`));
  return names.filter((name) => matchesWildcard(wanted, name)).toSorted();
}

/** The text at `path`; null where reading it fails with `code`. */
async function readUnless(code: string, path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === code) return null;
    throw error;
  }
}

function planText(argument: string, text: string, { formats, named }: ReadOptions): Planned {
  const format = formatOf(argument, text, formats, named);
  if (format === null) return { file: argument, folder: null, title: null, plan: failed('No plugin that is built in reads such a file.') };
  const { files } = format.provider;
  const file = files.find((one) => basename(argument).endsWith(one)) ?? files[0] ?? '';
  return {
    file: argument,
    folder: null,
    title: format.provider.title,
    plan: format.provider.parse({ file, text, texts: new Map([[file, text]]), change: UNPUSHED }),
  };
}

function failed(text: string): CiPlan {
  const messages: Message[] = [{ level: 'error', text, path: '', line: null, column: null }];
  return { jobs: [], stages: [], declaredStages: [], messages, fastFinish: false };
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  ELOOP: 'its symbolic links go round in circles',
};

function reason(error: unknown): string {
  return REASONS[codeOf(error) ?? ''] ?? (error instanceof Error ? error.message : String(error));
}
