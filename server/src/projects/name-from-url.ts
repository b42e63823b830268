/** `https://host/owner/name.git` -> `owner/name`; what is not allowed in a name becomes a dash. */
export function nameFromUrl(url: string): string {
  const path = url.replace(/^[a-z+]+:\/\/[^/]*/i, '').replace(/^[^/]*@[^/:]*:/, '');
  const parts = path
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..');
  const name = parts
    .slice(-2)
    .join('/')
    .replaceAll(/[^A-Za-z0-9._/-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 100);
  return name === '' ? 'project' : name;
}
