import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

// Payloads that others have recorded lie beside the checkout where they are at all: they are read from there and never copied.
const CORPUS = path.resolve(import.meta.dirname, '../../../../shared/corpus/webhooks');

export function hasCorpus(): boolean {
  return existsSync(CORPUS);
}

export function corpusFile(name: string): string {
  return path.join(CORPUS, name);
}

/** The files of a folder of it; none where there is no corpus. */
export function corpusFiles(folder: string): readonly string[] {
  return hasCorpus() ? readdirSync(corpusFile(folder)).map((name) => `${folder}/${name}`) : [];
}
