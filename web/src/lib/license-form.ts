import type { KeyAs, KeyUse, LicensePoolView, OnWithdrawal, UseTerms } from '#server/api';
import { draftOf, readNames, whomWords, type TermsDraft } from './terms.ts';

/** A licence pool as a form has it; a number that is not there is ''. */
export interface PoolDraft {
  product: string;
  seats: number | '';
  terms: TermsDraft;
  versions: string;
  hosts: string;
  images: string;
  mostPerProject: number | '';
  quarantineMinutes: number | '';
  validFrom: string;
  validUntil: string;
  onWithdrawal: OnWithdrawal;
  costCenter: string;
  keyUse: KeyUse;
  keyVariable: string;
  keyAs: KeyAs;
  instance: string;
  feature: string;
}

/** The draft of a pool; of a new one where none is given. */
export function draftOfPool(pool: LicensePoolView | null): PoolDraft {
  return {
    product: pool?.product ?? '',
    seats: pool?.seats ?? 1,
    terms: draftOf(pool?.terms ?? { projects: [], groups: [], trustedOnly: false }),
    versions: pool?.versions ?? '',
    hosts: pool?.hosts.join(', ') ?? '',
    images: pool?.images.join(', ') ?? '',
    mostPerProject: pool?.mostPerProject ?? '',
    quarantineMinutes: (pool?.quarantineSeconds ?? 0) / 60,
    validFrom: pool?.validFrom ?? '',
    validUntil: pool?.validUntil ?? '',
    onWithdrawal: pool?.onWithdrawal ?? 'finish',
    costCenter: pool?.costCenter ?? '',
    keyUse: pool?.keyUse ?? 'none',
    keyVariable: pool?.keyVariable ?? '',
    keyAs: pool?.keyAs ?? 'value',
    instance: pool?.server?.instance ?? '',
    feature: pool?.server?.feature ?? '',
  };
}

/** What the server is asked for, still to be checked: a `SetLicensePool`, with the terms that the draft says. */
export function wishOf(draft: PoolDraft, terms: UseTerms): unknown {
  const text = (value: string): string | null => (value.trim() === '' ? null : value.trim());
  const number = (value: number | ''): number | null => (value === '' ? null : value);
  const [instance, feature] = [draft.instance.trim(), draft.feature.trim()];
  return {
    product: draft.product.trim(),
    seats: number(draft.seats) ?? undefined,
    terms,
    versions: text(draft.versions),
    hosts: readNames(draft.hosts),
    images: readNames(draft.images),
    mostPerProject: number(draft.mostPerProject),
    quarantineSeconds: Math.round((number(draft.quarantineMinutes) ?? 0) * 60),
    validFrom: text(draft.validFrom),
    validUntil: text(draft.validUntil),
    onWithdrawal: draft.onWithdrawal,
    costCenter: draft.costCenter,
    keyUse: draft.keyUse,
    keyVariable: text(draft.keyVariable),
    keyAs: draft.keyAs,
    server: instance === '' && feature === '' ? null : { instance, feature },
  };
}

/** What each folded part of the form says, in a line. */
export function draftWords(draft: PoolDraft, terms: UseTerms | null): Record<'whom' | 'where' | 'when' | 'keys' | 'server', string> {
  const ties = [
    draft.versions.trim() === '' ? 'all versions' : `versions ${draft.versions.trim()}`,
    ...(draft.hosts.trim() === '' ? [] : [`on ${draft.hosts.trim()}`]),
    ...(draft.images.trim() === '' ? [] : [`of ${draft.images.trim()}`]),
  ];
  const times = [
    ...(draft.mostPerProject === '' ? [] : [`${draft.mostPerProject} at most for one project`]),
    draft.quarantineMinutes === '' || draft.quarantineMinutes === 0 ? 'no quarantine' : `${draft.quarantineMinutes} min of quarantine`,
    ...(draft.validUntil === '' ? [] : [`until ${draft.validUntil}`]),
  ];
  return {
    whom: `${terms === null ? 'not said yet' : whomWords(terms)}${draft.terms.trustedOnly ? ', trusted changes only' : ''}`,
    where: ties.join(', '),
    when: times.join(', '),
    keys: KEY_USES.find(({ value }) => value === draft.keyUse)?.title.toLowerCase() ?? '',
    server: draft.instance.trim() === '' ? 'seats are counted here alone' : `${draft.instance.trim()}, ${draft.feature.trim()}`,
  };
}

/** What keys of a pool are for. */
export const KEY_USES: readonly { value: KeyUse; title: string; meaning: string }[] = [
  { value: 'none', title: 'None', meaning: 'Jobs find the licence by themselves.' },
  { value: 'shared', title: 'One for all', meaning: 'Every job with a seat is given the first key.' },
  { value: 'each', title: 'One for each seat', meaning: 'A seat without a key of its own is not given away.' },
];

/** What becomes of jobs whose seat is withdrawn. */
export const WITHDRAWALS: readonly { value: OnWithdrawal; title: string; meaning: string }[] = [
  { value: 'finish', title: 'They finish', meaning: 'Who has a seat keeps it to the end of the job.' },
  { value: 'stop', title: 'They are stopped', meaning: 'At once, the newest first.' },
];
