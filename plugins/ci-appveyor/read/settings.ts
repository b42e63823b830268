import type { JobSpec } from '#plugins/api';
import { jsonRecord } from '#plugins/kit/json-record';
import type { Report } from '#plugins/kit/yaml/report';
import type { Tree } from '#plugins/kit/yaml/tree';
import { readEnvironment, type Environment } from './environment.ts';
import { readFilters, type Filters } from './filters.ts';
import { readMatrixRules, type MatrixRules } from './matrix-rules.ts';
import { itemsOf, partOf, textsOf, type Part, type PlacedText } from '#plugins/kit/yaml/part';
import { flagOf, isOff } from './switch.ts';
import { readScripts, type Scripts } from './scripts.ts';

type Json = JobSpec['config'][string];

/** What a description says, or a section of it under `for`. Null, or an empty list: not said. */
export interface Settings {
  readonly version: string | null;
  readonly images: readonly PlacedText[];
  readonly platforms: readonly PlacedText[];
  readonly configurations: readonly PlacedText[];
  readonly environment: Environment;
  readonly filters: Filters;
  readonly matrix: MatrixRules;
  readonly scripts: Scripts;
  readonly stack: string | null;
  /** Commits of the history. */
  readonly depth: number | null;
  /** `build`: off, or settings for MSBuild. */
  readonly build: 'off' | 'msbuild' | null;
  readonly artifacts: Json;
}

/** The keys that are axes of the matrix, besides the rows of `environment`. */
export const AXES = ['image', 'os', 'platform', 'configuration'] as const;

/** Reads a map of settings; nothing of `for`. */
export function readSettings(root: Part, report: Report): Settings {
  const image = partOf(root, 'image') ?? partOf(root, 'os');
  const artifacts = partOf(root, 'artifacts');
  return {
    version: firstText(partOf(root, 'version')),
    images: axis(image, report),
    platforms: axis(partOf(root, 'platform'), report),
    configurations: axis(partOf(root, 'configuration'), report),
    environment: readEnvironment(partOf(root, 'environment'), report),
    filters: readFilters(root, report),
    matrix: readMatrixRules(partOf(root, 'matrix'), report),
    scripts: readScripts(root, report),
    stack:
      textsOf(partOf(root, 'stack'), report)
        .map(({ text }) => text)
        .join(', ') || null,
    depth: readDepth(root, report),
    build: readBuild(partOf(root, 'build'), report),
    artifacts: artifacts === null ? null : toJson(artifacts.tree),
  };
}

function axis(part: Part | null, report: Report): PlacedText[] {
  return textsOf(part, report).filter(({ text }) => text !== '');
}

function firstText(part: Part | null): string | null {
  return part?.tree.kind === 'text' ? part.tree.text : null;
}

/** A shallow clone is an archive of one commit at AppVeyor, so `clone_depth` does not count beside it. */
function readDepth(root: Part, report: Report): number | null {
  if (flagOf(partOf(root, 'shallow_clone'), report) === true) return 1;
  const part = partOf(root, 'clone_depth');
  const text = firstText(part);
  if (part === null || text === null) return null;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  report.warning(part.path, part.at, `"${text}" is no number of commits: all are fetched.`);
  return null;
}

function readBuild(part: Part | null, report: Report): Settings['build'] {
  if (part === null || part.tree.kind === 'empty') return null;
  if (isOff(part)) return 'off';
  for (const { path, at } of itemsOf(part).slice(0, 1)) {
    report.info(path, at, 'This is for MSBuild, which Terrarium does not call: commands that build stand under "build_script".');
  }
  return 'msbuild';
}

function toJson(tree: Tree): Json {
  if (tree.kind === 'text') return tree.text;
  if (tree.kind === 'list') return tree.items.map(toJson);
  if (tree.kind === 'empty') return null;
  return jsonRecord(tree.entries.map(({ key, value }) => [key, toJson(value)]));
}
