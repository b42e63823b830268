import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTROL_SCRIPT } from './control.ts';
import { INSIDE_USER } from './sandbox.ts';

/** What all sandboxes share: users and hosts as the job sees them, an empty file to hide others with. */
export function writeHostFiles(folder: string): void {
  mkdirSync(join(folder, 'etc'), { recursive: true });
  const home = '/terrarium/home';
  const users = `root:x:0:0:root:/root:/bin/sh\nterrarium:x:${INSIDE_USER}:${INSIDE_USER}:Terrarium:${home}:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n`;
  const files = {
    passwd: users,
    group: `root:x:0:\nterrarium:x:${INSIDE_USER}:\nnogroup:x:65534:\n`,
    hosts: '127.0.0.1 localhost terrarium\n::1 localhost terrarium\n',
    empty: '',
    'control.sh': CONTROL_SCRIPT,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'etc', name), text, { mode: 0o644 });
}
