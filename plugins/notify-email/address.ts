/** Who a mail is from: the name may be empty. */
export interface Sender {
  readonly name: string;
  readonly address: string;
}

// The dot-atom of RFC 5321, 4.1.2, without quoted local parts, comments and address literals: whatever could be read as more than one address is none.
const ADDRESS =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/;
const LONGEST_LOCAL_PART = 64;
const LONGEST = 254;

/** What is wrong with a mail address, as a sentence; null if nothing is. Pure. */
export function addressProblem(text: string): string | null {
  if (text.length > LONGEST || text.lastIndexOf('@') > LONGEST_LOCAL_PART) return 'The address is too long: 64 characters before the @, 254 in all.';
  if (!ADDRESS.test(text)) return 'Write one mail address, such as ada@example.org, in plain letters and without a name.';
  return null;
}

/** The parts of `NAME <ADDRESS>` or `ADDRESS`; whether the address is one is for `addressProblem` to say. Pure. */
export function parseSender(text: string): Sender {
  const [, name, address] = /^([^<>"\r\n]*)<([^<>]*)>$/.exec(text.trim()) ?? [];
  return address === undefined ? { name: '', address: text.trim() } : { name: (name ?? '').trim(), address };
}
