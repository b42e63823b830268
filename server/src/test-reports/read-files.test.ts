import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PluginError, type Session } from '#plugins/api';
import { FakeRunner, FakeRunnerController } from '#plugins/api/testing';
import type { Findings } from './findings.ts';
import { readFiles } from './read-files.ts';

const TREE = 'build/ada/shop';
const PASSED = '<testsuite><testcase classname="a" name="b" time="0.1"/></testsuite>';
const { signal } = new AbortController();
let controller: FakeRunnerController;
let session: Session;
/** What the sources have. */
let committed: Map<string, string>;

beforeEach(async () => {
  controller = new FakeRunnerController();
  const runner = new FakeRunner(controller);
  await runner.create({ id: 'm1', image: 'fake' }, signal);
  session = await runner.connect('m1');
  committed = new Map();
});

afterEach(async () => {
  await session.dispose();
  await controller.close();
});

async function leave(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const place = join(session.folder, 'home', TREE, path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, text);
  }
}

async function read(wanted: readonly string[] | null = null, of: Session = session): Promise<Findings> {
  return await readFiles({
    session: of,
    workTree: TREE,
    wanted,
    mask: (text) => text,
    committed: async (path) => committed.get(path) ?? null,
    signal,
  });
}

function test_(name: string): string {
  return `<testsuite><testcase name="${name}"/></testsuite>`;
}

describe('report files', () => {
  test('are found in the usual places, and nowhere else', async () => {
    await leave({
      'junit.xml': test_('one'),
      'reports/a.xml': test_('two'),
      'other/junit.xml': test_('three'),
      'reports/deep/b.xml': test_('four'),
      'x.txt': '',
    });
    const { report, cases, notes } = await read();
    expect([report?.passed, report?.files, cases.map(({ name }) => name), notes]).toEqual([2, ['junit.xml', 'reports/a.xml'], ['one', 'two'], []]);
  });

  test('are found where the description says, and then only there', async () => {
    await leave({ 'junit.xml': test_('one'), 'out/py311/a.xml': test_('two'), 'out/b.xml': test_('three') });
    expect((await read(['out/**/*.xml'])).report?.files).toEqual(['out/b.xml', 'out/py311/a.xml']);
    expect((await read(['out/*.xml'])).report?.files).toEqual(['out/b.xml']);
    const missing = await read(['nowhere/*.xml']);
    expect([missing.report, missing.notes]).toEqual([null, ['There is no report at nowhere/*.xml.']]);
  });

  test('that came with the sources say nothing, unless the job has written them anew', async () => {
    await leave({ 'junit.xml': PASSED, 'report.xml': test_('new') });
    committed.set('junit.xml', PASSED).set('report.xml', test_('old'));
    expect((await read()).report?.files).toEqual(['report.xml']);
  });

  test('that are the same count once', async () => {
    await leave({ 'junit.xml': PASSED, 'reports/junit.xml': PASSED });
    expect((await read()).report).toMatchObject({ passed: 1, files: ['junit.xml'] });
  });

  test('that are broken or too large are told of, and the others count', async () => {
    await leave({
      'junit.xml': '<testsuite><testcase name="a">',
      'report.xml': PASSED,
      'pytest.xml': `<testsuite>${' '.repeat(17 * 1024 * 1024)}</testsuite>`,
    });
    const { report, notes } = await read();
    expect(report).toMatchObject({ passed: 1, files: ['report.xml'] });
    expect(notes).toEqual([
      expect.stringMatching(/^The report junit\.xml could not be read: .*unclosed/),
      expect.stringMatching(/^The report pytest\.xml was not read: .*16 MB/),
    ]);
  });

  test('are read up to a number of them, and how many are left is told', async () => {
    await leave(Object.fromEntries(Array.from({ length: 53 }, (_, index) => [`reports/${String(index).padStart(2, '0')}.xml`, test_(`t${index}`)])));
    const { report, notes } = await read();
    expect([report?.passed, notes]).toEqual([50, ['Only the first 50 report files were read; 3 more were not.']]);
  });

  test('of coverage give its total, in either form', async () => {
    await leave({ 'coverage.xml': '<coverage line-rate="0.875"/>' });
    expect(await read()).toMatchObject({ report: null, coverage: 87.5 });
    await leave({ 'coverage.xml': '', 'coverage.json': '{"totals": {"percent_covered": 91.23456}}' });
    expect(await read()).toMatchObject({ report: null, coverage: 91.23 });
  });

  test('with names that are not names of files here are left alone', async () => {
    await leave({ 'reports/a\nb.xml': PASSED, 'reports/*.xml': PASSED, 'reports/ok.xml': test_('ok') });
    expect((await read()).report?.files).toEqual(['reports/ok.xml']);
  });

  test('of a machine that is gone cannot be read', async () => {
    await leave({ 'junit.xml': PASSED });
    controller.lose('m1');
    await expect(read()).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('where nothing was checked out are none', async () => {
    expect(await read()).toEqual({ report: null, cases: [], isCut: false, coverage: null, notes: [] });
  });
});

describe('on Windows', () => {
  /** What its `dir` says. */
  function windows(listing: string, files: Readonly<Record<string, string>>): Session {
    const asked: (readonly string[])[] = [];
    return {
      system: 'windows',
      folder: 'C:\\Terrarium\\m1',
      exec: async (argv, { onOutput }) => {
        asked.push(argv);
        expect(argv).toEqual(['cmd', '/d', '/c', 'dir', '/s', '/b', '/a:-d', 'home\\build\\*.xml', 'home\\build\\coverage.json']);
        onOutput?.(Buffer.from(listing));
        return { exitCode: 1 };
      },
      upload: async () => undefined,
      follow: () => never(),
      download: (path) => {
        const text = files[path];
        if (text === undefined) throw new PluginError('not-found', `There is no file ${path}.`);
        return one(text);
      },
      dispose: async () => undefined,
    };
  }

  async function* one(text: string): AsyncIterable<Uint8Array> {
    yield Buffer.from(text);
  }

  async function* never(): AsyncIterable<Uint8Array> {
    // Nothing is followed here.
  }

  test('files are found by their whole paths, whatever the case', async () => {
    const listing = [
      'c:\\terrarium\\M1\\home\\build\\ada\\shop\\junit\\a.xml',
      'C:\\Terrarium\\m1\\home\\build\\ada\\shop\\..\\junit.xml',
      'File Not Found',
      '',
    ].join('\r\n');
    const { report, notes } = await read(null, windows(listing, { [`home/${TREE}/junit/a.xml`]: PASSED }));
    expect([report?.files, notes]).toEqual([['junit/a.xml'], []]);
  });

  test('one that is gone again is told of', async () => {
    const { report, notes } = await read(null, windows(`C:\\x\\home\\build\\ada\\shop\\junit.xml\r\n`, {}));
    expect([report, notes]).toEqual([null, [expect.stringContaining('junit.xml could not be read')]]);
  });
});
