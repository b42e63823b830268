import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, connect, type Server } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { BuildView, JobView } from '#server/api';
import { machineNetworks, vmMissing, VmScenario } from './vm-support.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

const MARK = String(9_000_000 + (Date.now() % 1_000_000));
const PROBE = readFileSync(join(import.meta.dirname, 'vm-probe.py'), 'utf8');
const Result = z.object({ kind: z.string(), target: z.string(), result: z.union([z.string(), z.array(z.string())]) });
/** What a connection says that has not come about. */
const IN_VAIN = /^(ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|EACCES|EPERM|EINVAL|timeout)$/;

/** Listens on all addresses of this computer, TCP and UDP, and remembers who came. */
class Trap {
  readonly heard: string[] = [];
  private constructor(
    private readonly server: Server,
    private readonly datagrams: UdpSocket,
    readonly port: number,
  ) {}

  static async set(): Promise<Trap> {
    const server = createServer().listen(0, '::');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a listening socket has no port');
    const datagrams = createSocket('udp6').bind(address.port, '::');
    await once(datagrams, 'listening');
    const trap = new Trap(server, datagrams, address.port);
    server.on('connection', (socket) => {
      trap.heard.push(`tcp ${socket.remoteAddress}`);
      socket.end('let in\n');
    });
    datagrams.on('message', (_, from) => trap.heard.push(`udp ${from.address}`));
    return trap;
  }

  close(): void {
    this.server.close();
    this.datagrams.close();
  }
}

/** The addresses of this computer, loopback included, without those that mean something only with an interface. */
function addresses(family: 'IPv4' | 'IPv6'): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.filter((one) => one.family === family && !one.address.startsWith('fe80')).map((one) => one.address);
}

const outside = addresses('IPv4').filter((address) => !address.startsWith('127.'));

let vm: VmScenario;
let trap: Trap;
let allowed: Trap;
/** The build whose machine listens for the other. */
let listener: BuildView;
const networks = new Set<string>();

describe.skipIf(vmMissing !== null)(`jobs that want out of their machines${vmMissing === null ? '' : ` (skipped: ${vmMissing})`}`, () => {
  beforeAll(async () => {
    trap = await Trap.set();
    allowed = await Trap.set();
    const allow = [`${hostname()}:${allowed.port}`, ...outside.slice(0, 1).map((address) => `${address}:${allowed.port}`)];
    // On all addresses, so that it is no merit of the server's if nobody reaches it.
    vm = await VmScenario.open({ pool: { allow }, environment: { HOST: '0.0.0.0' } });
  });

  afterAll(async () => {
    await vm?.close();
    trap?.close();
    allowed?.close();
  });

  test('from the host everything that they will try to reach can be reached', async () => {
    for (const address of [...addresses('IPv4'), ...addresses('IPv6')]) await greeting(address, trap.port);
    expect(trap.heard).toHaveLength(addresses('IPv4').length + addresses('IPv6').length);
    trap.heard.length = 0;
    for (const address of addresses('IPv4')) expect((await fetch(`http://${address}:${serverPort()}/api/health`)).status).toBe(200);
  });

  test('nothing is reached but what is QEMU itself, and what was tried is shown', async () => {
    const { id, other } = await probe();
    const job = await vm.verdict(id);
    const log = (await vm.scenario.log(id)).toString();
    expect(job.state, log).toBe('passed');
    expect(log).toContain('PROBED');
    const results = log.split(/\r?\n/).flatMap((line) => (line.startsWith('RESULT ') ? [Result.parse(JSON.parse(line.slice(7)))] : []));
    judge(results);
    expect(trap.heard).toEqual([]);
    expect((await vm.scenario.log(other)).toString()).not.toContain('HEARD 10.');
    shown(job);
    await vm.cancel(listener.id);
    await vm.scenario.ended(listener.id);
  });

  test('what the pool allows is reached by its name and by its address, at its port and no other', async () => {
    const names = [hostname(), ...outside.slice(0, 1)];
    const script = [
      'import socket',
      'def tried(name, port):',
      '    try: return socket.create_connection((name, port), 5).recv(99).decode().strip()',
      '    except OSError as error: return "refused"',
      `for name in ${JSON.stringify(names)}:`,
      `    print("ALLOWED", tried(name, ${allowed.port}), tried(name, ${trap.port}), tried("10.0.2.2", ${allowed.port}))`,
    ].join('\n');
    const repository = await vm.scenario.repository('allowed', { '.terrarium.yml': 'test: python3 try.py', 'try.py': script });
    const build = await vm.scenario.ended((await vm.scenario.start((await vm.scenario.addProject(repository.folder, 'allowed')).id)).id);
    const log = (await vm.scenario.log(build.jobs[0]?.id ?? 0)).toString();
    expect(log.match(/^ALLOWED .*$/gm)).toEqual(names.map(() => 'ALLOWED let in refused refused'));
    expect([allowed.heard.length, trap.heard]).toEqual([names.length, []]);
  });

  test('nothing is left', async () => {
    expect(networks.size).toBeGreaterThan(0);
    expect(await vm.leftovers(MARK, networks)).toEqual([]);
  });
});

function serverPort(): number {
  return Number(new URL(vm.scenario.server.url).port);
}

/** What a listener says to who comes. */
async function greeting(address: string, port: number): Promise<string> {
  const socket = connect({ host: address, port });
  const [data] = await once(socket, 'data');
  socket.destroy();
  return String(data);
}

/** What is tried: addresses of QEMU's own network, of this computer, of clouds, of the world. */
function targets(): {
  tcp: [string, number][];
  udp: [string, number, string][];
  ping: string[];
  raw: [string, number][];
  ipv6: string[];
  port: number;
} {
  const near = ['10.0.2.2', '10.0.2.3', '10.0.2.4', '10.0.2.77'];
  const reaching = [...near, ...outside];
  const query = '12340100000100000000000006676f6f676c6503636f6d0000010001';
  const tftp = `0001${Buffer.from('/etc/passwd\0octet\0').toString('hex')}`;
  return {
    port: trap.port,
    tcp: [
      ...reaching.flatMap((address): [string, number][] => [trap.port, serverPort(), 5432, 22].map((port) => [address, port])),
      ...['127.0.0.1', '127.0.1.1', '127.0.0.53'].flatMap((address): [string, number][] =>
        [trap.port, serverPort(), 5432].map((port) => [address, port]),
      ),
      ...(['10.0.2.4', '10.0.2.2'] as const).flatMap((address): [string, number][] => [139, 445].map((port) => [address, port])),
      // The other machine listens there on all its addresses.
      ...['10.0.2.2', '10.0.2.16', '198.18.0.1', '198.18.0.2', ...outside].map((address): [string, number] => [address, 7777]),
      ...(['169.254.169.254', '169.254.170.2', '100.100.100.200', '8.8.8.8', '192.168.1.1', '172.17.0.1'] as const).map(
        (address): [string, number] => [address, 80],
      ),
      ['8.8.8.8', 53],
      ['198.18.0.1', trap.port],
    ],
    udp: [
      ...reaching.map((address): [string, number, string] => [address, trap.port, '616263']),
      ...['10.0.2.3', '10.0.2.2', '8.8.8.8'].map((address): [string, number, string] => [address, 53, query]),
      ['10.0.2.2', 69, tftp],
      ['169.254.169.254', 123, '1b'.padEnd(96, '0')],
      ['239.255.255.250', 1900, '4d2d534541524348'],
    ],
    ping: [...reaching, '169.254.169.254', '8.8.8.8'],
    raw: [...reaching, '127.0.0.1', '169.254.169.254'].flatMap((address): [string, number][] =>
      [trap.port, serverPort()].map((port) => [address, port]),
    ),
    ipv6: [
      'fd00:ec2::254',
      'fec0::2',
      'fec0::3',
      '2001:4860:4860::8888',
      '::ffff:10.0.2.2',
      ...addresses('IPv6').filter((address) => address !== '::1'),
    ],
  };
}

const NEIGHBOUR = `import socket, sys
server = socket.create_server(("", 7777))
own = socket.create_connection(("127.0.0.1", 7777))
print("HEARD", server.accept()[1][0], flush=True)
while True: print("HEARD 10.", server.accept()[1], flush=True)
`;

/** Starts the job that probes once another machine of the pool listens; that one hears itself first. */
async function probe(): Promise<{ id: number; other: number }> {
  const files = { 'listen.py': NEIGHBOUR, 'probe.py': PROBE, 'targets.json': JSON.stringify(targets()) };
  const repository = await vm.scenario.repository('probe', { ...files, '.terrarium.yml': 'test: python3 listen.py' });
  const project = await vm.scenario.addProject(repository.folder, 'probe');
  listener = await vm.scenario.start(project.id);
  const other = (await vm.scenario.getBuild(listener.id)).jobs[0]?.id ?? 0;
  await vm.scenario.said(other, 'HEARD 127.0.0.1');
  await repository.commit({ '.terrarium.yml': 'test: sudo python3 probe.py' });
  const probing = await vm.scenario.start(project.id);
  const id = (await vm.scenario.getBuild(probing.id)).jobs[0]?.id ?? 0;
  await vm.scenario.said(id, 'RESULT');
  for (const network of machineNetworks(await vm.installation())) networks.add(network);
  return { id, other };
}

/** QEMU itself answers an echo of its gateway, refuses TFTP, gives addresses, and lets the machine's SSH be reached by the machine: all that is nothing of the host's. */
function judge(results: readonly z.infer<typeof Result>[]): void {
  const of = (kind: string): Record<string, unknown> =>
    Object.fromEntries(results.filter((one) => one.kind === kind).map((one) => [one.target, one.result]));
  const wanted = targets();
  const connections = { ...of('tcp'), ...of('ipv6') };
  expect(Object.keys(connections)).toEqual([...new Set([...wanted.tcp.map(([address, port]) => `${address}:${port}`), ...wanted.ipv6])]);
  expect(Object.entries(connections).filter(([, result]) => !IN_VAIN.test(String(result)))).toEqual([]);
  const refusal = `answer 00050002${Buffer.from('Access violation\0').toString('hex')}`;
  expect(Object.entries(of('udp')).filter(([, result]) => !IN_VAIN.test(String(result)))).toEqual([['10.0.2.2:69', refusal]]);
  expect(Object.entries(of('ping')).flatMap(([target, result]) => (result === 'answer' ? [target] : []))).toEqual(['10.0.2.2', '10.0.2.3']);
  expect(of('dhcp')).toEqual({ eth0: '10.0.2.15 54=10.0.2.2 1=255.255.255.0 3=10.0.2.2 6=10.0.2.3' });
  const heard = z.array(z.string()).parse(of('raw')['eth0']);
  expect(heard).toContain('tcp 169.254.169.254 reset');
  expect(heard.filter((one) => !/^(arp 10\.0\.2\.[23]|protocol 1 10\.0\.2\.2|tcp \S+ reset)$/.test(one))).toEqual([]);
  expect(of('ssh')).toEqual({ '10.0.2.2:2222': '1 more of its own' });
}

/** Addresses in QEMU's own network that nobody has are not left by the guest; all others are told with their ports. */
function shown(job: JobView): void {
  const { tcp, udp } = targets();
  const left = (address: string): boolean => !/^127\.|^10\.0\.2\.(3|4|16|77)$/.test(address);
  const tried = [
    ...tcp.map(([address, port]) => ({ protocol: 'tcp', address, port })),
    ...udp.filter(([address, port]) => port !== 69 && !address.startsWith('239.')).map(([address, port]) => ({ protocol: 'udp', address, port })),
  ].filter(({ address }) => left(address));
  const denied = job.attempts[0]?.denied.map(({ protocol, address, port }) => ({ protocol, address, port })) ?? [];
  expect(denied).toEqual(expect.arrayContaining(tried));
  expect(denied).toContainEqual({ protocol: 'udp', address: '10.0.2.3', port: 53 });
  expect(job.attempts[0]).toMatchObject({ number: 1, lost: false });
}
