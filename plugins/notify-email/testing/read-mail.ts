/** A mail as its reader has it. */
export interface ReadMail {
  /** By lower-case name, unfolded; what is there twice has both. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Decoded. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly raw: string;
}

export interface ReceivedMail extends ReadMail {
  /** The one address that the server was told to bring it to. */
  readonly recipient: string;
}

/** Reads a mail of two alternatives, plain text and HTML. Throws for anything else. */
export function readMail(bytes: Buffer): ReadMail {
  const raw = bytes.toString('latin1');
  const { headers, body } = split(raw);
  const [, boundary] = /^multipart\/alternative;.*boundary="([^"]+)"/.exec(headers.get('content-type')?.[0] ?? '') ?? [];
  if (boundary === undefined) throw new Error(`a mail of another kind:\n${raw}`);
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => split(part.replace(/^\r\n/, '')));
  if (parts.length !== 2) throw new Error(`a mail of ${parts.length} parts`);
  const [text = '', html = ''] = ['text/plain', 'text/html'].map((type) => {
    const part = parts.find((each) => each.headers.get('content-type')?.[0]?.startsWith(type));
    if (part === undefined) throw new Error(`a mail without ${type}`);
    return decode(part.body, part.headers.get('content-transfer-encoding')?.[0] ?? '7bit');
  });
  return { headers, subject: decodeWords(headers.get('subject')?.[0] ?? ''), text, html, raw };
}

function split(text: string): { headers: Map<string, string[]>; body: string } {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) throw new Error('a part without an empty line');
  const headers = new Map<string, string[]>();
  for (const line of text
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')) {
    const [, name = '', value = ''] = /^([\u0021-\u0039\u003b-\u007e]+): ?(.*)$/.exec(line) ?? [];
    if (name === '') throw new Error(`no header: ${line}`);
    headers.set(name.toLowerCase(), [...(headers.get(name.toLowerCase()) ?? []), value]);
  }
  return { headers, body: text.slice(end + 4) };
}

function decode(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding === 'quoted-printable') return Buffer.from(quoted(body.replace(/[ \t]*=\r\n/g, '')), 'latin1').toString('utf8');
  return Buffer.from(body, 'latin1').toString('utf8');
}

/** RFC 2047, 2. */
function decodeWords(value: string): string {
  const joined = value.replace(/\?=\s+=\?/g, '?==?');
  return joined.replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_word, kind: string, text: string) => {
    const bytes = kind.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : Buffer.from(quoted(text.replaceAll('_', ' ')), 'latin1');
    return bytes.toString('utf8');
  });
}

function quoted(text: string): string {
  return text.replace(/=([0-9A-F]{2})/gi, (_sign, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
