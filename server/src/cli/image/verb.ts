import type { StoredImage } from '#plugins/api';
import { type Input, type Io, UsageError, type Verb } from '../verb.ts';
import { withInterrupt } from '../interrupt.ts';
import { withKeeper } from './keeper.ts';
import { buildVerb, importVerb } from './make.ts';
import { imageJson, imageTable, imageText } from './show.ts';

/** `terrarium image`: makes and keeps what machines are made from. */
export const image: Verb = {
  operands: 'build NAME | import FILE | list | inspect NAME | rm NAME',
  description: [
    'Makes and keeps the images that machines are made from, in the data folder of the server, which may run meanwhile.',
    "  build NAME     of Debian's packages. The name says the system (debian-11, debian-12, debian-13, sid), or --system does.",
    '                 With the name of an image there is, new machines are of the new one; old ones live on.',
    '  import FILE    of a qcow2 disk with an SSH server, of any system. It is copied.',
    '  list           what there is',
    '  inspect NAME   all about one: interpreters, packages, digest, recipe',
    '  rm NAME        removes one that no machine is made of',
    'Interpreters come from the release of Debian that has them; one of 32 bits is called 3.11-32.',
    'Ends with 0 if that was done, with 1 otherwise.',
  ].join('\n'),
  options: {
    python: { type: 'string', short: 'p', value: 'NAME', help: 'build: an interpreter, as 3.11, 2.7, pypy3.9; once for each' },
    package: { type: 'string', value: 'NAME', help: 'build: a further package of the base system; once for each' },
    system: { type: 'string', value: 'NAME', help: 'build: the base system; import: linux or windows' },
    arch: { type: 'string', value: 'NAME', help: 'x86_64, or i686 for 32 bits throughout' },
    disk: { type: 'string', value: 'GIGABYTES', help: 'build: how large the disk of its machines is; 10 by default' },
    mirror: { type: 'string', value: 'URL', help: "build: a Debian mirror; by default this computer's own" },
    name: { type: 'string', value: 'NAME', help: 'import: what the image is called' },
    user: { type: 'string', value: 'NAME', help: 'import: as whom machines are logged into' },
    key: { type: 'string', value: 'FILE', help: 'import: the private key that the user accepts' },
    'host-key': { type: 'string', value: 'KEY', help: 'import: the key that its machines show' },
    runner: { type: 'string', value: 'NAME', help: 'the runner whose images are meant, where several keep some' },
    json: { type: 'boolean', help: 'for programs' },
  },
  examples: [
    { command: 'terrarium image build debian-12 -p 3.11', does: 'Debian 12 with its own Python' },
    { command: 'terrarium image build pythons --system debian-12 -p 2.7 -p 3.9 -p 3.11 -p 3.13 -p 3.11-32', does: 'many in one' },
    { command: 'terrarium image import win.qcow2 --name windows --system windows --user ci --key ci.pem --host-key SHA256:...', does: 'a disk' },
    { command: 'terrarium image inspect debian-12', does: 'what is in it' },
  ],
  run: (input, io) => withInterrupt(io, 'stopping', (signal) => act(input, io, signal)),
};

async function act(input: Input, io: Io, signal: AbortSignal): Promise<number> {
  const [action, operand, ...more] = input.positionals;
  if (more.length > 0) throw new UsageError('One image at a time.');
  if (action === 'list') return await list(input, io, signal);
  const needed = (what: string): string => {
    if (operand !== undefined) return operand;
    throw new UsageError(`Say which ${what}: "terrarium image ${action} ${what.toUpperCase()}".`);
  };
  if (action === 'build') return await buildVerb(needed('name'), input, io, signal);
  if (action === 'import') return await importVerb(needed('file'), input, io, signal);
  if (action === 'inspect') return await inspect(needed('name'), input, io, signal);
  if (action === 'rm') return await remove(needed('name'), input, io, signal);
  throw new UsageError(`Say what to do with images: build, import, list, inspect or rm${action === undefined ? '' : `, not "${action}"`}.`);
}

async function list(input: Input, io: Io, signal: AbortSignal): Promise<number> {
  const images = await withKeeper(io, input.value('runner'), (keeper) => keeper.list(signal));
  await io.out(input.flag('json') ? images.map((one) => `${JSON.stringify(imageJson(one))}\n`).join('') : imageTable(images));
  return 0;
}

async function inspect(name: string, input: Input, io: Io, signal: AbortSignal): Promise<number> {
  const images = await withKeeper(io, input.value('runner'), (keeper) => keeper.list(signal));
  const found = images.find((one): one is StoredImage => one.name === name);
  if (!found) throw new Error(`There is no image ${name}; there are: ${images.map((one) => one.name).join(', ') || 'none'}.`);
  await io.out(input.flag('json') ? `${JSON.stringify(imageJson(found))}\n` : imageText(found));
  return 0;
}

async function remove(name: string, input: Input, io: Io, signal: AbortSignal): Promise<number> {
  await withKeeper(io, input.value('runner'), (keeper) => keeper.remove(name, signal));
  await io.err(`The image ${name} is removed.\n`);
  return 0;
}
