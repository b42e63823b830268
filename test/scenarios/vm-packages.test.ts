import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CacheView } from '#server/api';
import { OriginServer, sha256 } from '../../server/src/package-cache/testing/origin-server.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary.ts';
import { vmMissing, VmScenario } from './vm-support.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const WHEEL = join(import.meta.dirname, '../support/tiny-wheel.py');
/** What a machine reaches of this computer's loopback by its own words. */
const PROBE = `import socket, urllib.request
def tried(host, port):
    try: return socket.create_connection((host, port), 5) and "open"
    except OSError: return "refused"
print("PROBE", tried("198.18.1.1", 80), tried("198.18.1.1", 81), tried("198.18.1.1", PORT), tried("10.0.2.2", 80), tried("10.0.2.2", PORT))
`;

let home: TemporaryFolder;
let origin: OriginServer;
let vm: VmScenario;

describe.skipIf(vmMissing !== null)(`machines of virtual pools${vmMissing === null ? '' : ` (skipped: ${vmMissing})`}`, () => {
  beforeAll(async () => {
    home = await temporaryFolder();
    origin = await OriginServer.open();
    const file = 'alpha-1.0-py3-none-any.whl';
    execFileSync('python3', [WHEEL, join(home.path, file), 'alpha', '1.0', '200000']);
    const body = readFileSync(join(home.path, file));
    origin.things.set(`/files/${file}`, { body });
    origin.things.set('/simple/alpha/', { body: `<a href="/files/${file}#sha256=${sha256(body)}">${file}</a>`, contentType: 'text/html' });
    vm = await VmScenario.open({ rest: { cache: { origins: [{ name: 'index', kind: 'pypi', url: `${origin.url}/simple` }] } } });
  });

  afterAll(async () => {
    await vm?.close();
    await origin?.close();
    await home?.remove();
  });

  test('install through the cache without a word of configuration, and reach nothing else of the server by it', async () => {
    const port = new URL(vm.scenario.server.url).port;
    const files = {
      '.terrarium.yml': 'python: 3.11\ninstall: pip install alpha\ntest: [python -c "import alpha", python probe.py]\n',
      'probe.py': PROBE.replaceAll('PORT', port),
    };
    const project = await vm.scenario.addProject((await vm.scenario.repository('packages', files)).folder, 'packages');
    const ended = await vm.scenario.ended((await vm.scenario.start(project.id)).id, 400_000);
    const log = (await vm.scenario.log(ended.jobs[0]?.id ?? 0)).toString();
    expect(ended.jobs[0]?.state, log).toBe('passed');
    expect(log).toContain('PROBE open refused refused refused refused');
    expect(origin.asked.filter((path) => path.startsWith('/files/'))).toHaveLength(1);
    expect(CacheView.parse(await vm.scenario.json('GET', '/api/cache'))).toMatchObject({ state: 'up', origins: [{ name: 'index', files: 2 }] });
  });
});
