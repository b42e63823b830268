import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { runLogged } from './command.mjs';
import { inRoot } from './places.mjs';
import { Stamp, filesIn } from './stamp.mjs';

const COMMON = ['package.json', 'package-lock.json'];
const SERVER_ROOTS = ['server/api', 'server/src', 'plugins', 'agents', 'test/bench', 'tsconfig.json', 'tsconfig.build.json'];

/** The two things that are built, from what and how. */
const PARTS = [
  {
    stamp: new Stamp('dist/server.stamp', [...COMMON, ...SERVER_ROOTS], (path) => /\.test\.ts$|\.md$/.test(path)),
    exists: () => existsSync(inRoot('tsconfig.build.json')),
    build: buildServer,
  },
  {
    stamp: new Stamp('dist/web.stamp', [...COMMON, 'web', 'server/api'], (path) => /\.test\.ts$|\.md$/.test(path)),
    exists: () => existsSync(inRoot('web', 'vite.config.ts')),
    build: buildWeb,
  },
];

/** Whether dist fits the sources. */
export function isBuilt() {
  return PARTS.every((part) => !part.exists() || part.stamp.isFresh());
}

/** Builds what does not fit its sources, both parts at once; with `all`, everything. Throws a LaunchError with the compiler's words. */
export async function build(say, all = false) {
  const stale = PARTS.filter((part) => part.exists() && (all || !part.stamp.isFresh()));
  const results = await Promise.allSettled(stale.map((part) => buildPart(part, say)));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function buildPart(part, say) {
  mkdirSync(inRoot('dist'), { recursive: true });
  const value = part.stamp.compute();
  part.stamp.remove();
  await part.build(say);
  part.stamp.write(value);
}

async function buildServer(say) {
  const args = [inRoot('node_modules/@typescript/native/bin/tsc'), '-p', 'tsconfig.build.json'];
  await runLogged({ title: 'Building the server', command: process.execPath, args, log: inRoot('dist', 'build-server.log'), say });
  copyAssets();
}

async function buildWeb(say) {
  const args = [inRoot('node_modules/vite/bin/vite.js'), 'build', '--config', 'web/vite.config.ts'];
  await runLogged({ title: 'Building the web pages', command: process.execPath, args, log: inRoot('dist', 'build-web.log'), say });
}

/** The compiler leaves behind what it does not compile: the agents' scripts, for one. */
export function copyAssets() {
  const isAsset = (path) => !/\.(ts|md)$|\/fixtures\//.test(path);
  for (const path of ['agents', 'plugins', 'server/src'].flatMap((root) => filesIn(root)).filter(isAsset)) {
    mkdirSync(dirname(inRoot('dist', path)), { recursive: true });
    copyFileSync(inRoot(path), inRoot('dist', path));
  }
}
