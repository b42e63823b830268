import { folderSays, type Said } from './python-names.ts';

/** A folder of a Python at a drive's root, in a command for cmd or PowerShell: `C:\Python35`, `%SYSTEMDRIVE%/Python35-x64`; also one that is put together. */
const FOLDER = /(?:\b[a-z]:|%systemdrive%|\$\{?env:systemdrive\}?)[\\/]+(python[-_]?[\d%$][^\\/\s"'`;:,|&<>()]*)/gi;

/** What the commands of a job say of its Python: the folder that they name, if all that they name say the same. Null: none, several, or one that is put together. */
export function commandsSay(commands: readonly string[]): Said | null {
  const folders = commands.flatMap((text) => [...text.matchAll(FOLDER)].map(([, folder = '']) => folder.toLowerCase()));
  const [said = null, ...others] = [...new Set(folders)].map((folder) => folderSays(`C:\\${folder}`));
  return others.every((other) => other !== null && other.name === said?.name && other.width === said.width) ? said : null;
}
