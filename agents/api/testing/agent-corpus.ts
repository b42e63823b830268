/** Values of variables that must reach a command unchanged, by what is nasty in them. */
export const NASTY_VALUES: Readonly<Record<string, string>> = {
  empty: '',
  spaces: '  a  b ',
  quotes: `'"'' "" \\"\\\\"`,
  backslashes: '\\\\server\\share\\',
  percent: '%PATH% 100%% %',
  shell: '$HOME `id` $(id) ${x}; & | < > ^ ! ( ) * ? ~ #',
  dashes: '--option -n /c',
  lines: 'one\n\n two\r\nthree\t.',
  letters: 'ü ☃ 𝄞 日本',
  equals: '=a=b=',
  long: 'x'.repeat(5000),
};

/** Arguments that must reach a program unchanged. None holds an end of line, which cmd has no way to write. */
export const NASTY_ARGUMENTS: readonly string[] = [
  'plain',
  'a b',
  '"',
  'a"b',
  '\\',
  'C:\\a b\\',
  '\\"',
  'a\\\\b',
  "'",
  '%PATH%',
  '100%',
  '^',
  '&',
  '|',
  '<>',
  '(x)',
  '!',
  '*',
  '$HOME',
  '`id`',
  ';,=',
  '-n',
  '/?',
  '~',
  '#',
];

/** Names of files that every system can have. */
export const NASTY_NAMES: readonly string[] = ["it's (1) & more.txt", '100% %PATH% ^.txt', 'ünïcode ☃.txt', '-rf', '$HOME;`id`', '[a]{b},=+@!#~.txt'];

/** Outputs that must reach the log byte for byte. */
export const NASTY_OUTPUTS: Readonly<Record<string, Uint8Array>> = {
  'every byte': Uint8Array.from({ length: 256 }, (_, byte) => byte),
  'broken UTF-8': Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28, 0xe2, 0x98]),
  'UTF-16': Buffer.from('\uFEFFü ☃\r\n', 'utf16le'),
  'Latin-1 and lone line ends': Buffer.from('ü\r\r\n\n\u001A end', 'latin1'),
  'control sequences': Buffer.from('\u001B[2J\u001B]0;title\u0007\b\b'),
  'a line of a megabyte': Buffer.alloc(1_000_000, 'y'),
};
