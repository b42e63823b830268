export { readReport } from './read-report.ts';
export { testWords } from './words.ts';
