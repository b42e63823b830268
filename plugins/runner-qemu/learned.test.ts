import { expect, test } from 'vitest';
import { fakeContext } from '#plugins/api/testing';
import { Manifest } from '#plugins/kit/vm/manifest';
import { LearnedFacts } from './learned.ts';

const HEX = 'a'.repeat(64);
const MANIFEST = Manifest.parse({
  format: 1,
  name: 'win',
  digest: HEX,
  origin: 'imported',
  system: 'windows',
  architecture: 'x86_64',
  madeAt: '2026-01-01T00:00:00Z',
  diskBytes: 1,
  boot: { kind: 'firmware' },
  files: { disk: { sha256: HEX, bytes: 1 } },
  access: { kind: 'fixed', user: 'ci', hostKey: 'x' },
  interpreters: [],
  labels: {},
  packages: [],
  recipe: null,
});

test('what a machine said of an imported image is known of it from then on, and of no other', async () => {
  const context = await fakeContext({});
  const facts = new LearnedFacts(context.store);
  expect(await facts.complete(MANIFEST)).toEqual(MANIFEST);
  const python = { name: '3.11', implementation: 'cpython', version: '3.11.9', path: 'C:\\Python311\\python.exe' };
  const compiler = { name: 'msvc' as const, version: '14.0', product: 'Visual Studio 2015', path: 'C:\\VS14' };
  const said = { systemVersion: 'Windows 11 Pro 10.0.22631', architecture: 'x86_64', interpreters: [python], toolchains: [compiler] };
  await facts.note(MANIFEST, said);
  expect(await new LearnedFacts(context.store).complete(MANIFEST)).toEqual({ ...MANIFEST, ...said });
  expect(await facts.of({ ...MANIFEST, digest: 'b'.repeat(64) })).toBeNull();
  await context.remove();
});
