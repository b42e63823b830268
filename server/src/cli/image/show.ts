import type { StoredImage } from '#plugins/api';
import { plain } from '../plan/plain.ts';

/** `0.7 GB`, `84 MB`. */
export function size(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`;
}

/** Images as a table; a sentence where there are none. */
export function imageTable(images: readonly StoredImage[]): string {
  if (images.length === 0) return 'There are no images yet: "terrarium image build debian-12 --python 3.11" makes one.\n';
  const head = ['NAME', 'ARCHITECTURE', 'SIZE', 'MADE', 'SNAPSHOT', 'MACHINES', 'INTERPRETERS'];
  const rows = images.map((image) => [
    image.name,
    image.architecture,
    size(image.bytes),
    day(image.madeAt),
    image.snapshot ? 'yes' : 'no',
    String(image.machines),
    image.interpreters.map(({ name }) => name).join(' ') || (image.origin === 'imported' ? 'not known' : 'none'),
  ]);
  return columns([head, ...rows]);
}

/** All that is known of an image, for people. */
export function imageText(image: StoredImage): string {
  const facts: [string, string][] = [
    ['name', image.name],
    ['digest', image.digest],
    ['origin', image.origin],
    ['system', `${image.system}, ${image.architecture}`],
    ['made', image.madeAt.toISOString()],
    ['size', size(image.bytes)],
    ['memory snapshot', image.snapshot ? 'yes' : 'no'],
    ['machines', String(image.machines)],
    ...Object.entries(image.labels),
  ];
  const interpreters = image.interpreters.map(({ name, implementation, version, path }) => [`  ${name}`, `${implementation} ${version}`, path]);
  const packages = image.packages.map(({ name, version }) => [`  ${name}`, version]);
  const recipe = image.recipe === null ? [] : ['', 'recipe', `  ${plain(JSON.stringify(image.recipe))}`];
  return [
    columns(facts).trimEnd(),
    ...(interpreters.length > 0 ? ['', 'interpreters', columns(interpreters).trimEnd()] : []),
    ...recipe,
    ...(packages.length > 0 ? ['', `${packages.length} packages`, columns(packages).trimEnd()] : []),
    '',
  ].join('\n');
}

/** The same for programs. */
export function imageJson(image: StoredImage): Record<string, unknown> {
  return { ...image, madeAt: image.madeAt.toISOString() };
}

function day(date: Date): string {
  return date.toISOString().slice(0, 16).replace('T', ' ');
}

function columns(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(plain));
  const widths: number[] = [];
  for (const row of clean) for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return clean
    .map(
      (row) =>
        `${row
          .map((cell, index) => cell.padEnd(widths[index] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
