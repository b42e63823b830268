import type { Reference } from '../expressions/open.ts';
import { dialectOf } from './render.ts';

/** A text that PowerShell takes as it is. Its quotes are also those of typesetters, so what is not ASCII travels as base64. */
export function powershellQuoted(text: string): string {
  if (/^[\t\n\r -~]*$/.test(text)) return `'${text.replaceAll("'", "''")}'`;
  return `[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${Buffer.from(text, 'utf8').toString('base64')}'))`;
}

/** PowerShell 5.1 and later, with the functions of `WINDOWS_PRELUDE`. */
export const powershell = dialectOf({
  quoted: powershellQuoted,
  reference,
  joined: (words) => `(${words.join(' + ')})`,
  chosen: (test, yes, no) => `$(if (${test}) { ${yes} } else { ${no} })`,
  filled: (word) => `('' -ne ${word})`,
  equal: (left, right) => `(${left} -eq ${right})`,
  has: (how, text, part) => `(Test-GitHubText '${how}' ${text} ${part})`,
  not: (test) => `(-not ${test})`,
  both: (left, right) => `(${left} -and ${right})`,
  either: (left, right) => `(${left} -or ${right})`,
  constant: (holds) => (holds ? '$true' : '$false'),
});

function reference(where: Reference): string {
  switch (where.from) {
    case 'variable':
      return `([string][Environment]::GetEnvironmentVariable(${powershellQuoted(where.name)}))`;
    case 'output':
      return `(Get-GitHubNote ${powershellQuoted(`outputs-${where.step}-${where.name}`)})`;
    case 'step':
      return `(Get-GitHubNote ${powershellQuoted(`went-${where.step}-${where.what}`)})`;
    case 'python':
      return where.what === 'path'
        ? '([string](Get-Command python).Path)'
        : "([string](python -c 'import platform; print(platform.python_version())'))";
    case 'status':
    default:
      return '(Get-GitHubStatus)';
  }
}
