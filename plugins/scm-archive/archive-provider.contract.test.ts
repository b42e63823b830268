import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { describeScmProvider, fakeContext } from '#plugins/api/testing';
import { ArchiveProvider } from './archive-provider.ts';
import { ArchiveConfig } from './config.ts';

describeScmProvider(
  'ArchiveProvider',
  async () => {
    const context = await fakeContext(ArchiveConfig.parse({ localFolders: ['/'] }));
    const provider = new ArchiveProvider(context);
    const folder = path.join(context.folder, 'published');
    await mkdir(folder);
    const at = (name: string, sum: string): { url: string; credentials: null } => ({
      url: `${path.join(folder, name)}.tgz#sha256=${sum}`,
      credentials: null,
    });
    let count = 0;
    return {
      provider,
      missing: at('missing', 'a'.repeat(64)),
      hostile: at('--upload-pack', 'a'.repeat(64)),
      commitLength: 64,
      create: () => {
        count += 1;
        const name = `demo-${count}`;
        let repository = at(name, `${count}`.padStart(64, '0'));
        return Promise.resolve({
          get repository() {
            return repository;
          },
          commit: async (_branch, files) => {
            const body = await packed(name, files);
            const sum = createHash('sha256').update(body).digest('hex');
            await writeFile(path.join(folder, `${name}.tgz`), body);
            repository = at(name, sum);
            return sum;
          },
          tag: () => Promise.reject(new Error('an archive has no tags')),
        });
      },
      close: async () => {
        await provider.close();
        await context.remove();
      },
    };
  },
  { isSingle: true },
);

async function packed(folder: string, files: Readonly<Record<string, string>>): Promise<Buffer> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name: `${folder}/${name}` }, text);
  tar.finalize();
  return gzipSync(await buffer(tar));
}
