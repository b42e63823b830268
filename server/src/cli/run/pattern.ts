/** Whether a job's name fits a pattern: a part of the name in any case; `*` stands for any text, and then the whole must fit. Null fits all. */
export function namePattern(pattern: string | null): (name: string) => boolean {
  if (pattern === null) return () => true;
  if (!pattern.includes('*')) return (name) => name.toLowerCase().includes(pattern.toLowerCase());
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const expression = new RegExp(`^${parts.join('.*')}$`, 'is');
  return (name) => expression.test(name);
}
