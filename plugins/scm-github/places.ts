import { PluginError } from '#plugins/api';
import { isGitUrl, parseGitUrl, type GitUrl } from '#plugins/kit/git-url';

/** A repository of this GitHub, by the names in its URL. */
export interface Place {
  readonly owner: string;
  readonly name: string;
}

const OWNER = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;
const NAME = /^[A-Za-z0-9._-]{1,100}$/;

/** Which URLs are repositories of one GitHub, and how they are told apart. */
export class GithubPlaces {
  /** `host` or `host:port`, as `GitUrl` has it. */
  readonly host: string;
  private readonly scheme: 'http' | 'https';

  constructor(webUrl: string) {
    const { host, protocol } = new URL(webUrl);
    this.host = host;
    this.scheme = protocol === 'http:' ? 'http' : 'https';
  }

  /** Null for what is no repository of this GitHub. */
  find(url: string): Place | null {
    if (!isGitUrl(url)) return null;
    const parsed = parseGitUrl(url);
    if (!this.isHere(parsed)) return null;
    const [owner = '', last = '', ...more] = parsed.path.replace(/^\//, '').replace(/\/$/, '').split('/');
    const name = last.replace(/\.git$/, '');
    return more.length === 0 && isFullName(`${owner}/${name}`) ? { owner, name } : null;
  }

  /** Throws `invalid` for what is no repository of this GitHub, as `parseGitUrl` does where it can say why. */
  get(url: string): Place {
    parseGitUrl(url);
    const place = this.find(url);
    if (place === null)
      throw new PluginError('invalid', `That is no URL of a repository at ${this.host}: they look like ${this.scheme}://${this.host}/OWNER/NAME.`);
    return place;
  }

  /** What `ScmProvider.identify` gives for `OWNER/NAME`; GitHub does not tell capitals from small letters. */
  identify(fullName: string): string {
    return `${this.host}/${fullName.toLowerCase()}`;
  }

  /** The port of ssh is its own. */
  private isHere({ transport, host }: GitUrl): boolean {
    if (host === null) return false;
    if (transport === 'ssh') return withoutPort(host) === withoutPort(this.host);
    return transport === this.scheme && new URL(`${transport}://${host}`).host === this.host;
  }
}

/** Whether it is `OWNER/NAME` with names that GitHub gives out. */
export function isFullName(text: string): boolean {
  const [owner = '', name = '', ...more] = text.split('/');
  return more.length === 0 && OWNER.test(owner) && NAME.test(name) && name !== '.' && name !== '..';
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '');
}
