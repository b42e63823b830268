import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../server/src/config/index.ts';
import { keptFixture } from '../kept-fixture.ts';
import { temporaryFolder } from '../temporary.ts';
import { wineMissing } from './root.ts';

const run = promisify(execFile);

/** A grammar of PowerShell, and what reads by it; fetched for this alone, since the one would be compiled where it is installed. */
const PACKAGES = ['tree-sitter-powershell@0.26.4', 'web-tree-sitter@0.26.13'] as const;
const SCRIPTS = [
  'agents/windows/machine/start.ps1',
  'agents/windows/machine/powershell.ps1',
  'agents/windows/testing/build-probe.ps1',
  'plugins/kit/windows/image/prepare.ps1',
];

interface Tree {
  readonly rootNode: { readonly hasError: boolean };
}
interface Reader {
  readonly Parser: { new (): { setLanguage(language: unknown): void; parse(text: string): Tree }; init(): Promise<void> };
  readonly Language: { load(path: string): Promise<unknown> };
}

async function parser(): Promise<(text: string) => boolean> {
  const folder = await keptFixture({
    kind: 'powershell',
    fingerprint: createHash('sha256').update(PACKAGES.join()).digest('hex').slice(0, 16),
    isMade: (path) => Promise.resolve(existsSync(join(path, 'made'))),
    make: fetchPackages,
  });
  const { Parser, Language } = createRequire(import.meta.url)(join(folder, 'web-tree-sitter', 'web-tree-sitter.cjs')) as Reader;
  await Parser.init();
  const one = new Parser();
  one.setLanguage(await Language.load(join(folder, 'tree-sitter-powershell', 'tree-sitter-powershell.wasm')));
  return (text) => !one.parse(text).rootNode.hasError;
}

async function fetchPackages(folder: string): Promise<void> {
  for (const name of PACKAGES) {
    const temporary = await temporaryFolder();
    try {
      await run('npm', ['pack', name, '--silent', '--pack-destination', temporary.path], { cwd: temporary.path });
      const [archive = ''] = await readdir(temporary.path);
      await run('tar', ['-xzf', join(temporary.path, archive), '-C', temporary.path]);
      await cp(join(temporary.path, 'package'), join(folder, name.split('@')[0] ?? name), { recursive: true });
    } finally {
      await temporary.remove();
    }
  }
  await mkdir(join(folder, 'made'));
}

const missing = wineMissing();

// No PowerShell can be had where these tests run: that they are PowerShell at all is what can be known.
describe.skipIf(missing !== null)(`scripts for PowerShell${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let parses: (text: string) => boolean;
  beforeAll(async () => {
    parses = await parser();
  }, 120_000);

  test.each(SCRIPTS)('%s is PowerShell', async (script) => {
    expect(parses(await readFile(join(packageRoot(), script), 'utf8'))).toBe(true);
  });

  test('what is none is seen', () => {
    expect(parses('if ($true) { Write-Output "x"')).toBe(false);
    expect(parses('function { ]')).toBe(false);
  });
});
