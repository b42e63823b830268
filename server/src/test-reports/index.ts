export { combine, type Findings, NOTHING } from './findings.ts';
export { maskOf } from './mask.ts';
export { readFiles } from './read-files.ts';
export { readLog } from './read-log.ts';
export { MOST_CASES, type TestCase } from './test-case.ts';
export { moduleOf } from './verbose-lines.ts';
export { testWords } from './words.ts';
