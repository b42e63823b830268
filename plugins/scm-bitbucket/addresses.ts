import { PluginError } from '#plugins/api';
import { isGitUrl, parseGitUrl, type GitUrl } from '#plugins/kit/git-url';
import { webUrlOf, type BitbucketConfig } from './config.ts';

/** A repository at Bitbucket: `owner` is the workspace (Cloud) or the key of the project, `~user` for a person's (Data Center). */
export interface Address {
  readonly owner: string;
  readonly slug: string;
}

const OWNER = /^~?[A-Za-z0-9_.@+-]+$/;
const SLUG = /^[A-Za-z0-9_.-]+$/;
const DOTS = /^\.+$/;
/** Bitbucket Cloud's ssh on port 443, for networks that let nothing else out. */
const CLOUD_SSH = 'altssh.bitbucket.org';

/** The URLs of one Bitbucket: which are its, and what they name. */
export class Addresses {
  readonly webUrl: string;
  private readonly cloud: boolean;
  private readonly host: string;
  private readonly sshHosts: readonly string[];
  /** What stands before the owner in the path of an https URL. */
  private readonly prefix: string;
  private readonly context: string;

  constructor(config: BitbucketConfig) {
    const web = new URL(webUrlOf(config));
    this.webUrl = webUrlOf(config);
    this.cloud = config.flavour === 'cloud';
    this.host = web.host;
    this.context = web.pathname.replace(/\/+$/, '');
    this.prefix = this.cloud ? `${this.context}/` : `${this.context}/scm/`;
    const own = config.sshHost === null ? web.hostname : config.sshHost;
    this.sshHosts = [own, ...(web.hostname === 'bitbucket.org' ? [CLOUD_SSH] : [])].map(lowerCase);
  }

  /** What a URL names, if it is one of this Bitbucket's. Pure. */
  read(url: string): Address | null {
    if (!isGitUrl(url)) return null;
    const place = this.placeOf(parseGitUrl(url));
    const [owner = '', slug = '', ...rest] = place === null ? [] : place.replace(/\/$/, '').split('/');
    return rest.length > 0 ? null : addressOf(owner, slug.replace(/\.git$/, ''));
  }

  /** The address of a project's repository. Throws `invalid`. */
  open(url: string): Address {
    const address = this.read(url);
    if (address === null) throw new PluginError('invalid', `That URL names no repository of ${this.webUrl}: check it.`);
    return address;
  }

  /** `WORKSPACE/REPOSITORY`, as Bitbucket Cloud writes it. Null for what is none. Pure. */
  named(fullName: string): Address | null {
    const [owner = '', slug = '', ...rest] = fullName.split('/');
    return rest.length > 0 ? null : addressOf(owner, slug);
  }

  /** One for all URLs of a repository: Bitbucket does not tell capital letters apart. */
  identity({ owner, slug }: Address): string {
    return lowerCase(`${this.host}${this.context}/${owner}/${slug}`);
  }

  /** The https URL to fetch it from. */
  cloneUrl({ owner, slug }: Address): string {
    return this.cloud ? `${this.webUrl}/${owner}/${slug}.git` : `${this.webUrl}/scm/${lowerCase(owner)}/${slug}.git`;
  }

  /** The page of a pull request. */
  pullRequestPage({ owner, slug }: Address, number: number): string {
    if (this.cloud) return `${this.webUrl}/${owner}/${slug}/pull-requests/${number}`;
    const place = owner.startsWith('~') ? `users/${encodeURIComponent(owner.slice(1))}` : `projects/${encodeURIComponent(owner)}`;
    return `${this.webUrl}/${place}/repos/${slug}/pull-requests/${number}`;
  }

  private placeOf(url: GitUrl): string | null {
    const host = url.host ?? '';
    if (url.transport === 'ssh') return this.sshHosts.includes(host.replace(/:\d+$/, '')) ? url.path.slice(1) : null;
    if (url.transport !== 'https' && url.transport !== 'http') return null;
    if (host.replace(url.transport === 'https' ? /:443$/ : /:80$/, '') !== this.host || !url.path.startsWith(this.prefix)) return null;
    return url.path.slice(this.prefix.length);
  }
}

/** Small letters for those of ASCII: others have no part in names that are compared, and look-alikes stay different. */
export function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function addressOf(owner: string, slug: string): Address | null {
  if (!OWNER.test(owner) || !SLUG.test(slug) || DOTS.test(owner) || DOTS.test(slug)) return null;
  return { owner, slug };
}
