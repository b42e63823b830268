/** Contract suites and fakes of the plugin seam. For tests only. */
export * from './fake-scm.ts';
export * from './scm-contract.ts';
