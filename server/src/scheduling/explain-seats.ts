import type { SeatReason } from './license-types.ts';

type Of<Kind extends SeatReason['kind']> = Extract<SeatReason, { readonly kind: Kind }>;

const EXPLAIN: { readonly [Kind in SeatReason['kind']]: (reason: Of<Kind>) => string } = {
  'no-license': ({ need, offers }) =>
    `there is no licence of ${need} here: ${offers.length === 0 ? 'there is none at all' : `there are those of ${offers.join(', ')}`}`,
  'not-licensed': ({ need }) => `no licence of ${need} here is for its project: an admin says whom each is for`,
  unlicensed: ({ need, evenIfApproved }) =>
    evenIfApproved
      ? `it needs a licensed seat of ${need}, which a change of somebody who is not trusted is not given, even if it is approved`
      : `it needs a licensed seat of ${need}, which a change of somebody who is not trusted is given only once a maintainer has approved it`,
  tied: ({ need, ties }) => `the licence of ${need} is tied to ${ties}, and no machine that it could run on is that`,
  'no-machine-there': ({ need, hosts }) =>
    hosts.length === 0
      ? `waits for a licence: those of ${need} are tied to different hosts`
      : `waits for a machine on ${hosts.join(' or ')}: the licence of ${need} is tied to that host`,
  'no-seat': explainNoSeat,
  'seat-cap': ({ need, most }) => `waits for a licence: its project has as many seats of ${need} as one may have (${most})`,
};

function explainNoSeat({ need, seats, reserved, outside }: Of<'no-seat'>): string {
  if (seats === 0) return `waits for a licence: ${need} has no seat now${outside === 0 ? '' : `: ${outside} taken outside, at its licence server`}`;
  const kept = reserved === 0 ? '' : `, ${reserved} of them reserved for other projects`;
  const taken = outside === 0 ? '' : `; ${outside} more taken outside, at its licence server`;
  return `waits for a licence: no seat of ${need} is free (of ${seats}${kept}${taken})`;
}

/** Whether a reason is one of seats. */
export function isSeatReason(reason: { readonly kind: string }): reason is SeatReason {
  return reason.kind in EXPLAIN;
}

/** Why a job gets no seat, in words; a sentence without its full stop. */
export function explainSeats(reason: SeatReason): string {
  const explain = EXPLAIN[reason.kind] as (one: SeatReason) => string;
  return explain(reason);
}
