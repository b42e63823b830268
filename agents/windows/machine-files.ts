import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { agentsFolder, sourceText, textFile, type BundleFile } from '../kit/bundle-files.ts';

const FOLDER = 'windows/machine';
let known: readonly BundleFile[] | null = null;

/** The files that are the same for every job: the supervisor's source, and the scripts around it. Windows PowerShell reads ASCII alike in every code page. */
export function machineFiles(): readonly BundleFile[] {
  known ??= readdirSync(join(agentsFolder(), FOLDER)).map((name) => textFile(`agent/${name}`, lines(name, sourceText(`${FOLDER}/${name}`))));
  return known;
}

/** Scripts for bash end their lines as it wants them, all else as Windows does. */
function lines(name: string, text: string): string {
  return name.endsWith('.sh') ? text : text.replaceAll('\n', '\r\n');
}
