import type { Session } from '#plugins/api';
import { matchesGlob } from './path-glob.ts';

/** Where reports of tests and of coverage usually lie in a work tree. */
export const USUAL_PLACES: readonly string[] = [
  'junit.xml',
  'test-results.xml',
  'report.xml',
  'pytest.xml',
  'nosetests.xml',
  'xunit.xml',
  'reports/*.xml',
  'test-reports/*.xml',
  'junit/*.xml',
];
/** The same of coverage, wherever the reports of tests are said to be. */
const COVERAGE_PLACES: readonly string[] = ['coverage.xml', 'coverage.json', 'reports/coverage.json'];
/** So many files are read; a tree with more of them is asked for fewer. */
export const MOST_FILES = 50;
const LONGEST_LISTING = 512 * 1024;
const LONGEST_PATH = 500;

/**
 * Constant, and below the session's folder: what the work tree is called is compared here, not there. Not into what tools put beside the sources, of which there may be a lot.
 */
const POSIX = `find home/build -maxdepth 12 \\( -name .git -o -name .hg -o -name .tox -o -name .nox -o -name .venv -o -name node_modules -o -name site-packages \\) -prune \
-o -type f \\( -name '*.xml' -o -name coverage.json \\) -print 2>/dev/null | head -n 5000`;
const LISTING: Readonly<Record<Session['system'], readonly string[]>> = {
  posix: ['sh', '-c', POSIX],
  windows: ['cmd', '/d', '/c', 'dir', '/s', '/b', '/a:-d', 'home\\build\\*.xml', 'home\\build\\coverage.json'],
};

/** Files that a job may have left its reports in. */
export interface ReportList {
  /** As paths in the repository, in their order; at most 50. */
  readonly paths: readonly string[];
  /** How many more there are. */
  readonly left: number;
  /** There was more to look through than is looked through. */
  readonly isCut: boolean;
}

/** Looks into a machine for report files. `wanted`: patterns of paths; null: the usual places. Throws what the session does. */
export async function listReports(session: Session, workTree: string, wanted: readonly string[] | null, signal: AbortSignal): Promise<ReportList> {
  const { text, isCut } = await listing(session, signal);
  const patterns = [...(wanted ?? USUAL_PLACES), ...COVERAGE_PLACES];
  const inTree = text.split('\n').flatMap((line) => pathIn(line.replace(/\r$/, ''), workTree, session.system) ?? []);
  const paths = [...new Set(inTree)].filter((path) => patterns.some((pattern) => matchesGlob(pattern, path))).toSorted();
  return { paths: paths.slice(0, MOST_FILES), left: Math.max(0, paths.length - MOST_FILES), isCut };
}

async function listing(session: Session, signal: AbortSignal): Promise<{ text: string; isCut: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const onOutput = (chunk: Uint8Array): void => {
    if (size < LONGEST_LISTING) chunks.push(chunk);
    size += chunk.length;
  };
  // Its exit code says nothing: Windows fails where there is no such file.
  await session.exec(LISTING[session.system], { signal, onOutput });
  return { text: Buffer.concat(chunks).subarray(0, LONGEST_LISTING).toString('utf8'), isCut: size > LONGEST_LISTING };
}

/** A line of the listing as a path in the repository; null for what lies elsewhere, or has a name that no report has. */
function pathIn(line: string, workTree: string, system: Session['system']): string | null {
  const path = system === 'windows' ? afterFolder(line.replaceAll('\\', '/'), `/home/${workTree}/`) : afterStart(line, `home/${workTree}/`);
  const isSafe = path !== null && path.length <= LONGEST_PATH && !/[\p{Cc}\uFFFD*\\:]/u.test(path);
  return isSafe && !path.split('/').some((part) => part === '' || part === '.' || part === '..') ? path : null;
}

function afterStart(line: string, start: string): string | null {
  return line.startsWith(start) ? line.slice(start.length) : null;
}

/** Windows tells whole paths, of which it does not mind the case. */
function afterFolder(line: string, folder: string): string | null {
  const at = line.toLowerCase().indexOf(folder.toLowerCase());
  return at === -1 ? null : line.slice(at + folder.length);
}
