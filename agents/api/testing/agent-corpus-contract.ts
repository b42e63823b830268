import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AgentSuite } from './agent-contract.ts';
import { NASTY_ARGUMENTS, NASTY_NAMES, NASTY_OUTPUTS, NASTY_VALUES } from './agent-corpus.ts';
import { plain } from './agent-room.ts';

/** What people call their files, put into variables and print: all of it comes through unchanged. */
export function describeAgentCorpus({ subject, work, script }: AgentSuite): void {
  it('gives literal values unchanged', async () => {
    const { words } = subject();
    const entries = Object.entries(NASTY_VALUES);
    const variables = entries.map(([name, value]) => ({ name: `V_${name}`, value, expand: false }));
    const outcome = await work().run({ variables, phases: script(...entries.map(([name]) => words.show(`V_${name}`))) });
    const shown = Buffer.from(outcome.output.replaceAll(/\u001B\[1m\$ [^\u001B]*\u001B\[0m\n/g, ''), 'latin1').toString();
    expect(shown).toBe(entries.map(([, value]) => `${value}|`).join(''));
  });

  it('gives arguments unchanged', async () => {
    const command = subject().words.pass(NASTY_ARGUMENTS);
    if (command === null) return;
    const outcome = await work().run({ phases: script(command) });
    expect(plain(outcome.output)).toBe(NASTY_ARGUMENTS.map((one) => `[${one}]`).join(''));
  });

  describe('output', () => {
    for (const [name, content] of Object.entries(NASTY_OUTPUTS)) {
      it(`reaches the log unchanged: ${name}`, async () => {
        const { words, path } = subject();
        const variables = [{ name: 'FILE', value: path(work().room.folder, 'data'), expand: false }];
        const phases = script(words.cat('FILE'));
        const bundle = await work().upload({ variables, phases });
        await work().room.upload([{ path: 'data', content, mode: 0o600 }], new AbortController().signal);
        await work().exec(bundle.start);
        const { output } = await work().ended(bundle);
        const title = output.indexOf('\u001B[0m\n') + 5;
        expect(Buffer.from(output.slice(title), 'latin1').equals(Buffer.from(content))).toBe(true);
      });
    }
  });

  it('lays out sources of any name, and removes their archive', async () => {
    const { words, path } = subject();
    const names = [...NASTY_NAMES, `deep/${'long-name-of-a-folder/'.repeat(8)}file`];
    const tree = path(work().room.folder, 'home/build/owner/name');
    const variables = names.map((name, index) => ({ name: `F${index}`, value: path(tree, name), expand: false }));
    const checkout = { title: 'checkout', script: UNPACK, archive: 'source.tar', variables: {} };
    const phases = script(...names.map((_, index) => words.cat(`F${index}`)));
    const bundle = await work().upload({ checkout, variables, phases });
    await work().room.upload([{ path: 'source.tar', content: archive(names), mode: 0o600 }], new AbortController().signal);
    await work().exec(bundle.start);
    const outcome = await work().ended(bundle);
    expect({ verdict: outcome.verdict, output: Buffer.from(plain(outcome.output), 'latin1').toString() }).toEqual({
      verdict: 'passed',
      output: names.map((name) => `<${name}>`).join(''),
    });
    await expect(work().read('source.tar')).rejects.toThrow();
  });

  it('says why sources cannot be laid out, and nothing runs', async () => {
    const { words } = subject();
    const checkout = { title: 'checkout', script: UNPACK, archive: 'source.tar', variables: {} };
    const outcome = await work().run({ checkout, phases: script(words.say('never')) });
    expect(outcome).toMatchObject({ verdict: 'errored', reason: 'setup' });
    expect(outcome.output).toContain('source.tar');
    expect(plain(outcome.output)).not.toContain('never\n');
  });
}

const UNPACK = 'tar -xof "$TERRARIUM_FOLDER/source.tar" && rm -f "$TERRARIUM_FOLDER/source.tar"';

/** A tar archive as git makes it, of files that hold their own names. */
function archive(names: readonly string[]): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'terrarium-archive-'));
  try {
    for (const name of names) {
      mkdirSync(dirname(join(folder, 'tree', name)), { recursive: true });
      writeFileSync(join(folder, 'tree', name), `<${name}>`);
    }
    execFileSync('tar', ['--format=pax', '-cf', join(folder, 'tar'), '-C', join(folder, 'tree'), '.']);
    return readFileSync(join(folder, 'tar'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
