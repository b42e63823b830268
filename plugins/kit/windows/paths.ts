import { PluginError } from '#plugins/api';
import { checkedPath } from '../ssh-tar.ts';

/** Folders that can stand in a command line of cmd and of PowerShell as they are. */
const FOLDER = /^[A-Za-z]:(?:\\[A-Za-z0-9_][A-Za-z0-9._-]*)+$/;

/** Names of devices, in any folder and with any ending. Source: Microsoft, "Naming Files, Paths, and Namespaces". */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:[. ].*)?$/i;

/** `folder` if it is one that machines can be in: `C:\terrarium`, without spaces and signs. Throws `invalid` otherwise. */
export function checkedFolder(folder: string): string {
  if (FOLDER.test(folder) && !folder.split('\\').some((part) => DEVICE.test(part) || part.endsWith('.'))) return folder;
  throw new PluginError(
    'invalid',
    `${JSON.stringify(folder)} is no folder for machines on Windows: it must be like C:\\terrarium, of letters, digits, ".", "_" and "-".`,
  );
}

/** The path by which SFTP of OpenSSH for Windows knows `C:\a\b`: `/C:/a/b`. */
export function sftpPath(path: string): string {
  return `/${path.replaceAll('\\', '/')}`;
}

/** `/C:/Users/ci` as Windows says it. Throws `unsupported` for what has no drive. */
export function windowsPath(path: string): string {
  if (!/^\/[A-Za-z]:\//.test(path)) throw new PluginError('unsupported', `${JSON.stringify(path)} is no path of OpenSSH for Windows.`);
  return path.slice(1).replaceAll('/', '\\');
}

/**
 * `path` if it names a file inside a folder on Windows: as `checkedPath`, and without what Windows reads otherwise (backslashes, streams, devices, dots and spaces at the end of a name).
 * Throws `invalid` otherwise.
 */
export function checkedWindowsPath(path: string): string {
  const bad = checkedPath(path)
    .split('/')
    .some((part) => /[<>:"|?*\\\u0000-\u001f]|[. ]$/.test(part) || DEVICE.test(part));
  if (bad) throw new PluginError('invalid', `${JSON.stringify(path)} cannot name a file on Windows.`);
  return path;
}
