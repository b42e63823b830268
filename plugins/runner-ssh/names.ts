import { PluginError } from '#plugins/api';

/** Any text as a file name: letters, digits, `_` and `-` stay, everything else is percent-encoded. Throws `invalid` for what is too long or empty. */
export function encodeName(text: string): string {
  const name = encodeURIComponent(text).replace(/[.~!*'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  if (name !== '' && name.length <= 200) return name;
  throw new PluginError(
    'invalid',
    `${JSON.stringify(text.slice(0, 80))} cannot name a machine: its encoded form has ${name.length} of 1 to 200 characters.`,
  );
}

/** What a machine is tagged with: on its host, and in the environment of everything it runs. */
export function tagOf(installation: string, id: string): string {
  return `terrarium:${encodeName(installation)}:${encodeName(id)}`;
}

/** The id of a tag of this installation; null for another's, and for what is no tag. */
export function idOf(installation: string, tag: string): string | null {
  const [, owner, name, ...rest] = tag.split(':');
  if (owner !== encodeName(installation) || name === undefined || rest.length > 0) return null;
  try {
    const id = decodeURIComponent(name);
    return tagOf(installation, id) === tag ? id : null;
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
