import { describe, expect, it } from 'vitest';
import { isArchiveUrl, parseArchiveUrl } from './archive-url.ts';

const SUM = '0123456789abcdef'.repeat(4);

describe('the URL of an archive', () => {
  it.each([
    [`https://www.python.org/ftp/python/3.12.4/Python-3.12.4.tgz#sha256=${SUM}`, 'Python-3.12.4', null],
    [`http://mirror.example.org:8080/a/lmdb-1.4.1.tar.gz#sha256=${SUM.toUpperCase()}`, 'lmdb-1.4.1', null],
    [`file:///srv/sources/Python%2D2.4.6.TGZ#SHA256=${SUM}`, 'Python-2.4.6', '/srv/sources/Python-2.4.6.TGZ'],
    [`/srv/sources/Python-2.4.6.tar.gz#sha256=${SUM}`, 'Python-2.4.6', '/srv/sources/Python-2.4.6.tar.gz'],
  ])('%s is %s', (text, name, file) => {
    expect(parseArchiveUrl(text)).toMatchObject({ name, file, sha256: SUM });
  });

  it.each([
    'https://example.org/Python-3.12.4.tgz',
    'https://example.org/Python-3.12.4.tgz#sha256=12',
    `https://example.org/Python-3.12.4.tgz#md5=${SUM}`,
    `https://example.org/Python-3.12.4.zip#sha256=${SUM}`,
    `https://example.org/?file=a.tgz#sha256=${SUM}`,
    `https://example.org/a.tgz?x=1#sha256=${SUM}`,
    `https://user:secret@example.org/a.tgz#sha256=${SUM}`,
    `https://example.org/a b.tgz#sha256=${SUM}`,
    `https://example.org/a.tgz#x#sha256=${SUM}`,
    `ftp://example.org/a.tgz#sha256=${SUM}`,
    `file://elsewhere/a.tgz#sha256=${SUM}`,
    `relative/a.tgz#sha256=${SUM}`,
    `https://example.org/.tgz#sha256=${SUM}`,
    `https://example.org/-x.tgz#sha256=${SUM}`,
    `/srv/a..b.tgz#sha256=${SUM}`,
    '',
    'javascript:alert(1)',
  ])('is not %j', (text) => {
    expect(isArchiveUrl(text)).toBe(false);
    expect(() => parseArchiveUrl(text)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  it('is not repeated by what is said against it', () => {
    expect(() => parseArchiveUrl(`https://user:secret@example.org/a.tgz#sha256=${SUM}`)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    );
  });
});
