import type { Secret } from './types.ts';

/** Shorter values are not masked: they would blot out half of any log. In characters, and in bytes for everything derived from a value. */
const MIN_SECRET_LENGTH = 4;
/** A line of a multi-line value is masked by itself from this length on. Characters. */
const MIN_LINE_LENGTH = 6;
/** Values that say nothing, so that masking them would only spoil the log. Compared in lower case. */
const COMMON_VALUES: ReadonlySet<string> = new Set(['true', 'false', 'none', 'null', 'undefined', '0000', '1234']);
/** Line lengths of common base64 writers: `base64` and PEM. */
const BASE64_WRAPS = [76, 64];
/** What common URL encoders leave as it is: encodeURIComponent, RFC 3986 strictly, and Python's `quote`. */
const URL_SAFE_SETS = [/[A-Za-z0-9_.!~*'()-]/, /[A-Za-z0-9_.~-]/, /[A-Za-z0-9_.~/-]/];

/** What to look for in a log. `patterns` are distinct and at least `MIN_SECRET_LENGTH` bytes long. */
export interface SecretPatterns {
  readonly patterns: readonly Buffer[];
  /** One sentence for each secret that is not masked. */
  readonly warnings: readonly string[];
}

/** Every form in which the secrets may turn up: as they are, base64 at any alignment, URL-encoded, escaped for JSON or a shell, line by line. */
export function secretPatterns(secrets: readonly Secret[]): SecretPatterns {
  const found = new Set<string>();
  const warnings: string[] = [];
  for (const { name, value } of secrets) {
    const trimmed = value.trim();
    const problem = whyNotMasked(value);
    if (problem === null) addForms(trimmed, found);
    else warnings.push(`The secret ${name} is not masked in the log: ${problem}.`);
  }
  // Latin 1 strings hold bytes here: a set compares them by value.
  const patterns = [...found].map((bytes) => Buffer.from(bytes, 'latin1')).filter((bytes) => bytes.length >= MIN_SECRET_LENGTH);
  return { patterns, warnings };
}

/** Why a log would show this value all the same, in words that go on a sentence; null if it is masked. */
export function whyNotMasked(secret: string): string | null {
  const value = secret.trim();
  if (value.length === 0) return 'it is empty';
  if (Array.from(value).length < MIN_SECRET_LENGTH)
    return `it is shorter than ${MIN_SECRET_LENGTH} characters, and masking it would blot out unrelated text`;
  return COMMON_VALUES.has(value.toLowerCase()) ? 'it is so common a word that masking it would blot out unrelated text' : null;
}

function addForms(value: string, found: Set<string>): void {
  const texts = [value, ...lineForms(value), ...urlForms(value), ...jsonForms(value), ...shellForms(value)];
  for (const text of texts) found.add(Buffer.from(text, 'utf8').toString('latin1'));
  for (const text of base64Forms(Buffer.from(value, 'utf8'))) found.add(text);
}

/** The value as a terminal shows it (LF becomes CRLF), and each line that is long enough. */
function lineForms(value: string): string[] {
  const lines = value.split(/\r?\n/);
  if (lines.length === 1) return [];
  const long = lines.map((line) => line.trim()).filter((line) => line.length >= MIN_LINE_LENGTH && !COMMON_VALUES.has(line.toLowerCase()));
  return [lines.join('\r\n'), lines.join('\n'), ...long];
}

/**
 * Base64 turns three bytes into four characters, so a value in the middle of encoded data looks different at each of three alignments. Only the
 * characters that depend on nothing but the value are taken; at the first alignment also the whole, with its padding, and wrapped.
 */
function base64Forms(value: Buffer): string[] {
  const stable = [0, 1, 2].map((shift) => stableBase64(value, shift));
  const whole = value.toString('base64');
  const wrapped = BASE64_WRAPS.flatMap((width) => wrap(whole, width));
  const forms = [...stable, whole, ...wrapped];
  return [...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))];
}

function stableBase64(value: Buffer, shift: number): string {
  const encoded = Buffer.concat([Buffer.alloc(shift), value]).toString('base64');
  return encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + value.length) * 8) / 6));
}

function wrap(text: string, width: number): string[] {
  if (text.length <= width) return [];
  const lines: string[] = [];
  for (let start = 0; start < text.length; start += width) lines.push(text.slice(start, start + width));
  return lines.filter((line) => line.length >= MIN_LINE_LENGTH);
}

function urlForms(value: string): string[] {
  return URL_SAFE_SETS.flatMap((safe) => {
    const upper = percentEncode(value, safe, (hex) => hex.toUpperCase());
    const lower = percentEncode(value, safe, (hex) => hex);
    return [upper, lower, upper.replaceAll('%20', '+'), lower.replaceAll('%20', '+')];
  });
}

function percentEncode(value: string, safe: RegExp, hexCase: (hex: string) => string): string {
  let encoded = '';
  for (const byte of Buffer.from(value, 'utf8')) {
    const character = String.fromCharCode(byte);
    encoded += byte < 128 && safe.test(character) ? character : `%${hexCase(byte.toString(16).padStart(2, '0'))}`;
  }
  return encoded;
}

/** Inside a JSON string: as JavaScript writes it, in ASCII only as Python does, and with the slash escaped as PHP does; and Python's repr. */
function jsonForms(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const ascii = json.replaceAll(/[^\u0000-\u007f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const repr = json.replaceAll('\\"', '"').replaceAll("'", "\\'");
  return [json, ascii, json.replaceAll('/', '\\/'), ascii.replaceAll('/', '\\/'), repr];
}

/** Between a shell's single quotes (two customs), between double quotes, and with backslashes as `printf %q` writes it. */
function shellForms(value: string): string[] {
  return [
    value.replaceAll("'", "'\\''"),
    value.replaceAll("'", `'"'"'`),
    value.replaceAll(/[\\"$`]/g, '\\$&'),
    value.replaceAll(/[^A-Za-z0-9_@%+=:,./\n\u0080-\uffff-]/g, '\\$&'),
  ];
}
