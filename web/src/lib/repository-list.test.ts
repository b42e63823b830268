import { expect, test } from 'vitest';
import { findRepositories } from './repository-list.ts';

const offer = (name: string, description = '', projectId: number | null = null) => ({
  name,
  description,
  projectId,
  url: `https://h/${name}`,
  isPrivate: false,
});
const ALL = [offer('psf/requests', 'HTTP for people', 3), offer('pypa/pip', 'Installs packages'), offer('pypa/wheel', 'A format of packages')];
const names = (text: string): string[] => findRepositories(ALL, text).map(({ name }) => name);

test.each([
  ['', ['pypa/pip', 'pypa/wheel', 'psf/requests']],
  ['PYPA', ['pypa/pip', 'pypa/wheel']],
  ['packages  format', ['pypa/wheel']],
  ['http', ['psf/requests']],
  ['nothing', []],
])('%j finds %j', (text, found) => expect(names(text)).toEqual(found));
