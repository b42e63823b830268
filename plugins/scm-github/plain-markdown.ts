const URL_WORD = /^https?:\/\/\S+$/;
const SPECIAL = /[\\`*_{}[\]()#+\-.!|~<>&=:]/g;

/**
 * Plain text as Markdown that shows it as it is: nothing is emphasised, embedded or linked but whole URLs, and nobody is called by an `@`.
 */
export function asMarkdown(text: string): string {
  return text
    .split(/(\s+)/)
    .map((word) => (URL_WORD.test(word) ? word.replace(/[<>]/g, encodeURIComponent) : escapeWord(word)))
    .join('');
}

/** A comment between the sign and the name keeps GitHub from seeing a mention, or the number of an issue. */
function escapeWord(word: string): string {
  const escaped = word.replace(SPECIAL, String.raw`\$&`);
  return escaped.replace(/@(?=\w)/g, '@<!-- -->').replace(/\\#(?=\d)/g, '\\#<!-- -->');
}
