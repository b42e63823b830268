/** Contract suites and fakes of the plugin seam. For tests only. */
export { fakeContext, type FakeContext, type LogLine } from './fake-context.ts';
export { type FakeAbility, FakeRunner, FakeRunnerController } from './fake-runner.ts';
export { silentContext } from './silent-context.ts';
export { collect, hasText, run, text } from './runner-helpers.ts';
export { Typist } from './typist.ts';
export { describeRunnerDriver, type RunnerSubject } from './runner-contract.ts';
export * from './fake-code-host.ts';
export * from './fake-scm.ts';
export { layOut } from './lay-out.ts';
export * from './scm-contract.ts';
export { type CiSubject, describeCiProvider } from './ci-contract.ts';
export { FakeCi } from './fake-ci.ts';
export * from './notices.ts';
export * from './fake-notifier.ts';
export * from './notifier-contract.ts';
export { type CodeHostSubject, describeCodeHost } from './code-host-contract.ts';
export { FakeLicenses, FakeLicenseServer, type LicenseServerBehaviour } from './fake-licenses.ts';
export { describeLicenses, type LicenseSubject, type TakenSeats } from './licenses-contract.ts';
