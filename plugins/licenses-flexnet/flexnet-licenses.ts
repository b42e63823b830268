import { type Extension, type LicenseBackend, type LicenseCount, type LicenseUse, PluginError, type PluginContext } from '#plugins/api';
import type { FlexnetConfig } from './config.ts';
import { isAway, isDead, isForbidden, rejected, sentence, unavailable } from './errors.ts';
import { Lmutil } from './lmutil.ts';
import { oursBy } from './ours.ts';
import { readStatus } from './read-status.ts';
import type { UseLine } from './read-use.ts';

/** Whatever vendors call features; nothing that lmutil could take for an option or for more than a name. */
const FEATURE = /^\w[\w.+-]{0,99}$/;
const UP = /license server UP\b/;

/** A licence server of FlexNet. Its rules are those of the "FlexNet Publisher License Administration Guide", chapters lmstat and lmremove. */
export class FlexnetLicenses implements LicenseBackend, Extension {
  /** See `LicenseBackend`; not there where the configuration forbids it. */
  readonly remove?: (feature: string, use: LicenseUse, signal: AbortSignal) => Promise<void>;
  private readonly lmutil: Lmutil;
  private readonly isOurs: (use: UseLine) => boolean;
  private hasWarned = false;

  constructor(private readonly context: PluginContext<FlexnetConfig>) {
    this.lmutil = new Lmutil(context.config, context.folder);
    this.isOurs = oursBy(context.config.ours);
    if (context.config.removeLeft) this.remove = (feature, use, signal) => this.removeLeft(feature, use, signal);
  }

  /** Whether lmutil runs, and every server it is given answers. */
  async check(signal: AbortSignal): Promise<void> {
    const { output } = await this.lmutil.run(['lmstat', '-c', this.context.config.server], signal);
    const lines = output.split('\n').map((line) => line.trim());
    const isUp = lines.some((line) => UP.test(line));
    const away = lines.find((line) => isDead(line) || (!isUp && isAway(line)));
    if (away !== undefined) throw unavailable(away);
    if (!isUp) throw rejected('lmutil does not say that the licence server is up', output.trim());
  }

  async count(feature: string, signal: AbortSignal): Promise<LicenseCount> {
    signal.throwIfAborted();
    if (!FEATURE.test(feature))
      throw new PluginError('not-found', 'No feature of FlexNet has such a name: letters, digits, "_", ".", "+" and "-", a hundred at most.');
    const { output, time } = await this.lmutil.run(['lmstat', '-c', this.context.config.server, '-f', feature], signal);
    const { seats, uses, hasTimes } = readStatus(output, feature, time);
    if (!hasTimes) this.warn();
    return { seats, uses: uses.map(({ isSure, ...use }) => ({ ...use, isOurs: this.isOurs({ isSure, ...use }) })) };
  }

  /** Whether it worked is seen by asking again: what lmremove prints is documented nowhere. */
  private async removeLeft(feature: string, use: LicenseUse, signal: AbortSignal): Promise<void> {
    const place = use.handle?.split(' ') ?? [];
    if (place.length !== 3) throw new PluginError('invalid', 'This use has no handle by which it could be removed alone.');
    if (!(await this.isThere(feature, use, signal))) return;
    const { output } = await this.lmutil.run(['lmremove', '-c', this.context.config.server, '-h', feature, ...place], signal);
    if (!(await this.isThere(feature, use, signal))) return;
    const said = `The licence server has not removed the use of ${use.user} on ${use.host}: ${sentence(lastLine(output))}`;
    if (isForbidden(output)) throw new PluginError('unauthorized', `${said} The account of this server must be allowed to.`);
    throw new PluginError('rejected', said);
  }

  /** The very use: its handle may have become somebody else's meanwhile. */
  private async isThere(feature: string, { handle, user, host, since }: LicenseUse, signal: AbortSignal): Promise<boolean> {
    const { uses } = await this.count(feature, signal);
    return uses.some((use) => use.handle === handle && use.user === user && use.host === host && use.since?.getTime() === since?.getTime());
  }

  private warn(): void {
    if (this.hasWarned) return;
    this.hasWarned = true;
    this.context.logger.warn('lmutil does not write its times in UTC: when uses began is not known, and none that is left is found');
  }
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}
