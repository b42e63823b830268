import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PluginError } from '#plugins/api';
import { FakeRunner, FakeRunnerController } from '#plugins/api/testing';
import { recordingLogger } from '../../../test/support/logger.ts';
import { Registry } from '../plugins/index.ts';
import { HostBook } from './host-book.ts';

const NORTH = { name: 'north', state: 'up' as const, problem: null, machines: 2, limit: 8, accelerator: 'kvm' };

let controller: FakeRunnerController;
let driver: FakeRunner;
let registry: Registry;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  controller = new FakeRunnerController();
  controller.hosts = [NORTH];
  driver = new FakeRunner(controller, ['hosts']);
  registry = new Registry();
  registry.add('runner', { name: 'lab', plugin: 'fake', extension: driver });
});

afterEach(async () => {
  vi.useRealTimers();
  await controller.close();
});

function later(): void {
  vi.setSystemTime(Date.now() + 10_000);
}

test('hosts carry the name of their runner; a runner without hosts has none', async () => {
  registry.add('runner', { name: 'plain', plugin: 'fake', extension: new FakeRunner(controller) });
  expect(await new HostBook(registry, recordingLogger()).all()).toEqual([{ ...NORTH, driver: 'lab' }]);
});

test('however many look, a runner is asked once in a while', async () => {
  const hosts = vi.spyOn(driver, 'hosts');
  const book = new HostBook(registry, recordingLogger());
  await Promise.all([book.all(), book.all()]);
  await book.all();
  expect(hosts).toHaveBeenCalledTimes(1);
  later();
  await book.all();
  expect(hosts).toHaveBeenCalledTimes(2);
});

test('a runner that cannot say is a host with a problem, or the hosts it had before', async () => {
  const book = new HostBook(registry, recordingLogger());
  controller.hosts = new PluginError('unavailable', 'no route');
  const problem = 'how it stands is not known: no route';
  expect(await book.all()).toEqual([{ name: 'lab', driver: 'lab', state: 'drained', problem, machines: 0, limit: 0, accelerator: null }]);
  controller.hosts = [NORTH];
  later();
  expect(await book.all()).toEqual([{ ...NORTH, driver: 'lab' }]);
  controller.hosts = new PluginError('unavailable', 'no route');
  later();
  expect(await book.all()).toEqual([{ ...NORTH, driver: 'lab', problem }]);
});

test('a runner that never answers keeps nobody waiting', async () => {
  vi.spyOn(driver, 'hosts').mockImplementation(() => new Promise(() => undefined));
  const [host] = await new HostBook(registry, recordingLogger(), 20).all();
  expect(host?.problem).toBe('how it stands is not known: it did not answer within 0.02 s');
});
