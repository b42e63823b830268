import { PluginError } from '#plugins/api';
import { isAway, isDead, rejected, sentence, unavailable } from './errors.ts';
import { readUse, type UseLine } from './read-use.ts';
import { isUtc } from './start-time.ts';

/** When lmutil ran, by this computer's clock. */
export interface RunTime {
  readonly from: Date;
  readonly to: Date;
}

/** What lmstat says of one feature. */
export interface FeatureStatus {
  readonly seats: number;
  readonly uses: readonly UseLine[];
  /** Whether its times are in UTC; else no use has one. */
  readonly hasTimes: boolean;
}

/** Longer lines than any that lmutil has. */
const LONGEST_LINE = 10_000;
const HEADER = /^Users of (\S+):\s+(\S.*)$/;
const COUNTED = /^\(Total of (\d{1,7}) licenses? issued;\s+Total of (\d{1,7}) licenses? in use\)$/;
const REFUSED = /^Cannot get users of |^\(Error: /;
const UNCOUNTED = /^\(Uncounted\b.*\)$/i;
/** What else is said of a feature: its versions, and kinds of its licences. */
const DETAIL = /^"[^"]*" v\S*, vendor: |^vendor_string:|^(?:floating|nodelocked|uncounted nodelocked) license\b/;
const MASTER = /^\S+: license server UP \(MASTER\)/;
/** What is said before a server's features. */
const PREAMBLE =
  /^Error getting status:|^License server status: |^License file\(s\) on |^\S+: license server (?:UP|DOWN)\b|^Vendor daemon status \(on |^\S+: (?:UP|DOWN) v|^Feature usage info:$|^\[Detecting /;

/**
 * Reads what `lmutil lmstat -c SERVER -f FEATURE` prints. Several servers, and several vendors of one feature, are added up. Throws `not-found`, `unavailable`, and `rejected` for
 * whatever cannot be understood, above all where the uses that are told are not all.
 */
export function readStatus(output: string, feature: string, time: RunTime): FeatureStatus {
  const lines = output.split('\n').map((line) => line.trimEnd());
  if (lines.some(({ length }) => length > LONGEST_LINE)) throw rejected('a line is too long');
  const reader = new StatusReader(feature, time.to);
  for (const line of lines) reader.take(line);
  const { seats, uses } = reader.finish();
  const hasTimes = lines.some((line) => isUtc(line, time.from, time.to));
  return { seats, uses: alone(uses).map((use) => (hasTimes ? use : { ...use, since: null })), hasTimes };
}

/** A handle that several uses share, as those of one group do, removes all of them at once. */
function alone(uses: readonly UseLine[]): UseLine[] {
  const times = new Map<string, number>();
  for (const { handle } of uses) if (handle !== null) times.set(handle, (times.get(handle) ?? 0) + 1);
  return uses.map((use) => (use.handle !== null && times.get(use.handle) !== 1 ? { ...use, handle: null } : use));
}

/** Goes through the lines of an answer, a server of the list after the other. */
class StatusReader {
  private seats = 0;
  private readonly uses: UseLine[] = [];
  private isCounted = false;
  /** Seats in use that the header has told and no line yet; null: what is read now is not of the feature. */
  private missing: number | null = null;
  /** Why a server, or some vendor of it, does not know the feature. */
  private refusal: string | null = null;
  /** Of the server that is read now: what of it cannot be asked, and whether the rest of it answers for that. */
  private away: string | null = null;
  private hasMaster = false;

  constructor(
    private readonly feature: string,
    private readonly now: Date,
  ) {}

  /** Users may be called what they like: their lines begin with a space, and are read first. */
  take(line: string): void {
    const text = line.trim();
    if (line.startsWith('Users of ')) this.begin(text);
    else if (this.missing === null) this.takePreamble(text);
    else this.takeLine(text);
  }

  finish(): { readonly seats: number; readonly uses: readonly UseLine[] } {
    this.endServer();
    if (this.isCounted) return { seats: this.seats, uses: this.uses };
    if (this.refusal === null) throw rejected('it says nothing of the feature');
    throw new PluginError('not-found', `The licence server has no feature ${this.feature}: ${sentence(this.refusal)}`);
  }

  private begin(line: string): void {
    this.endFeature();
    const [, name = '', rest = ''] = HEADER.exec(line) ?? [];
    // FlexNet does not tell capital letters from small ones.
    if (name.toLowerCase() !== this.feature.toLowerCase()) return;
    if (UNCOUNTED.test(rest)) throw rejected(`The licence server counts no seats of ${this.feature}: take it from the licence pool`, rest);
    const [, seats, inUse] = COUNTED.exec(rest) ?? [];
    if (seats === undefined) return this.refuse(rest);
    this.isCounted = true;
    this.seats += Number(seats);
    this.missing = Number(inUse);
  }

  private refuse(rest: string): void {
    if (isAway(rest)) throw unavailable(rest);
    if (!REFUSED.test(rest)) throw rejected('lmutil says of the feature what cannot be understood', rest);
    this.refusal = rest;
  }

  private takePreamble(line: string): void {
    this.endFeature();
    if (line.startsWith('License server status:')) this.endServer();
    if (MASTER.test(line)) this.hasMaster = true;
    if (isDead(line)) throw unavailable(line);
    if (isAway(line)) this.away = line;
  }

  private takeLine(line: string): void {
    const use = readUse(line, this.now);
    if (use !== null && use !== 'queued') {
      this.uses.push(use);
      this.missing = (this.missing ?? 0) - use.seats;
    } else if (PREAMBLE.test(line)) this.takePreamble(line);
    else if (use === null && line !== '' && !DETAIL.test(line))
      throw rejected('lmutil says of the users of the feature what cannot be understood', line);
  }

  private endFeature(): void {
    if (this.missing !== null && this.missing !== 0)
      throw rejected(`it says how many seats of ${this.feature} are in use, and the users that it names have ${this.missing > 0 ? 'fewer' : 'more'}`);
    this.missing = null;
  }

  /** A part of a redundant server may be away while its master answers; so may a vendor, unless the feature may be his. */
  private endServer(): void {
    this.endFeature();
    const { away } = this;
    if (away !== null && (!this.hasMaster || !this.isCounted || this.refusal !== null)) throw unavailable(away);
    this.away = null;
    this.hasMaster = false;
  }
}
