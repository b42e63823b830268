import { describe, expect, it } from 'vitest';
import type { AgentJob, AgentShell } from '#agents/api';
import type { AgentRoom } from '../api/testing/agent-room.ts';
import { windowsAgent } from './index.ts';
import { buildProbe, windowsSubject } from './testing/windows-subject.ts';

const plain: AgentJob = {
  folder: String.raw`C:\terrarium\abc-1`,
  workTree: 'build/owner/name',
  shell: 'bash',
  phases: [],
  variables: [],
  interpreter: null,
  checkout: null,
  limits: { timeSeconds: 1.5, silenceSeconds: 60, outputBytes: 1000 },
};

function file(job: Partial<AgentJob>, path: string): string | undefined {
  const found = windowsAgent.bundle({ ...plain, ...job }).files.find((one) => one.path === path);
  return found === undefined ? undefined : Buffer.from(found.content).toString('utf8');
}

function script(run: string, shell?: AgentShell): Partial<AgentJob> {
  return { phases: [{ name: 'script', when: 'passing', onFailure: 'fail-later', commands: [{ run, shell }] }] };
}

describe('windows agent', () => {
  it('is started and cancelled by Windows PowerShell and a script in the folder, nothing else on the command line', () => {
    const { start, cancel } = windowsAgent.bundle(plain);
    const words = ['powershell.exe', '-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File'];
    expect(start).toEqual([...words, String.raw`C:\terrarium\abc-1\agent\start.ps1`]);
    expect(cancel).toEqual([...start, 'cancel']);
  });

  it('is pure', () => {
    expect(windowsAgent.bundle(plain)).toEqual(windowsAgent.bundle(plain));
  });

  it.each([
    '/tmp/x',
    'C:',
    'C:\\',
    'C:\\a b',
    'C:\\a%b',
    'C:\\a\\..\\b',
    'C:\\a.',
    'C:\\ü',
    '\\\\server\\share',
    `C:\\${'x'.repeat(100)}`,
    'C:\\a\\',
  ])('refuses the folder %s', (folder) => {
    expect(() => windowsAgent.bundle({ ...plain, folder })).toThrow('no folder for a job');
  });

  it('writes each command as its shell reads it', () => {
    expect(file(script('a\nb\r\nc', 'cmd'), 'agent/command-0.cmd')).toBe('a\r\nb\r\nc\r\n');
    for (const shell of ['powershell', 'pwsh'] as const) expect(file(script('ü\nb', shell), 'agent/command-0.ps1')).toBe('\uFEFFü\r\nb\r\n');
    for (const shell of ['sh', 'bash'] as const) expect(file(script('a\nb', shell), 'agent/command-0.sh')).toBe('a\nb\n');
    expect(file(script('a'), 'agent/command-0.sh')).toBe('a\n');
    expect(() => windowsAgent.bundle({ ...plain, ...script('a\0b', 'cmd') })).toThrow('NUL');
  });

  it('describes the job in lines of words', () => {
    const job = file({ ...script('echo hi', 'cmd'), variables: [{ name: 'A', value: '', expand: false }] }, 'agent/job') ?? '';
    expect(job.split('\n')).toEqual([
      'version 1',
      'limits 2 60 1000',
      'tree build/owner/name',
      expect.stringMatching(/^literal TRAVIS_BUILD_DIR [A-Za-z0-9+/=]+$/),
      expect.stringMatching(/^literal APPVEYOR_BUILD_FOLDER /),
      expect.stringMatching(/^literal TERRARIUM_BUILD_DIR /),
      'literal A -',
      'phase passing fail-later',
      'command 0 ZWNobyBoaQ== cmd',
      'result',
      'shell cmd',
      '',
    ]);
  });

  it('refuses sources that only sh can lay out, and interpreters that are no path of Windows', () => {
    const checkout = { title: 'checkout', script: 'true', variables: {} };
    expect(() => windowsAgent.bundle({ ...plain, checkout })).toThrow('script for sh');
    expect(() => windowsAgent.bundle({ ...plain, checkout: { ...checkout, archive: '..' } })).toThrow('archive');
    expect(() => windowsAgent.bundle({ ...plain, interpreter: { name: '3.11', path: '/usr/bin/python' } })).toThrow('interpreter');
  });

  it('sends its own files in ASCII, with the line ends that each is read with', () => {
    for (const { path, content } of windowsAgent.bundle(plain).files) {
      const text = Buffer.from(content).toString('latin1');
      expect(text, path).toMatch(/^[\t\n\r -~]*$/);
      if (/\.(cs|ps1)$/.test(path)) expect(text.replaceAll('\r\n', ''), path).not.toContain('\n');
      else expect(text, path).not.toContain('\r');
    }
  });
});

describe('the suite on a Windows machine', () => {
  it('has its probe compiled there, and says when that fails', async () => {
    const calls: string[][] = [];
    let exitCode = 0;
    const room: AgentRoom = {
      folder: String.raw`C:\t\1`,
      upload: (files) => {
        calls.push(files.map(({ path }) => path));
        return Promise.resolve();
      },
      exec: (argv) => {
        calls.push([...argv]);
        return Promise.resolve({ exitCode });
      },
      download: () => {
        throw new Error('nothing is read');
      },
      dispose: () => Promise.resolve(),
    };
    expect(await buildProbe(room)).toBe(String.raw`C:\t\1\probe\probe.exe`);
    expect(calls[0]).toEqual(['probe/probe.cs', 'probe/build-probe.ps1']);
    expect(calls[1]?.at(-1)).toBe(String.raw`C:\t\1\probe\build-probe.ps1`);
    exitCode = 1;
    await expect(buildProbe(room)).rejects.toThrow('exit code 1');
  });

  it.each(['cmd', 'powershell', 'pwsh', 'bash', 'sh'] as const)('has commands for %s that the agent takes', (shell) => {
    const { words } = windowsSubject(
      shell,
      () => Promise.reject(new Error('no room')),
      () => String.raw`C:\t\probe.exe`,
    );
    expect(words.shell).toBe(shell);
    for (const run of [words.say('a'), words.fail(1), words.show('A'), words.wait, words.leave])
      expect(windowsAgent.bundle({ ...plain, ...script(run, shell) }).steps).toEqual([{ phase: 'script', title: run }]);
  });
});
