import { createHash } from 'node:crypto';
import {
  BundleFormat,
  BundleTerms,
  BundleUseView,
  BundleView,
  CreateReservation,
  LicensePoolView,
  LicensesView,
  LicenseUseView,
  SetLicenseKey,
  SetLicensePool,
} from '#server/api';
import { z } from 'zod';
import { makeBundles, makeBundleUses } from './demo-bundles.ts';
import type { DemoAnswer, DemoRequest } from './demo-host-routes.ts';
import { makeUse } from './demo-license-use.ts';
import { DEMO_LICENSES, newPool } from './demo-licenses.ts';

/** What has been done with licences and bundles since the demo began. */
export interface DemoLicenses {
  view: LicensesView;
  bundles: BundleView[];
}

export function makeLicenses(isEmpty: boolean): DemoLicenses {
  return isEmpty ? { view: { pools: [], leases: [], waiting: [] }, bundles: [] } : { view: DEMO_LICENSES, bundles: makeBundles() };
}

type LicenseRequest = DemoRequest & { readonly bytes: () => Promise<Buffer> };

/** What the demo answers about licences and bundles; null for what is not about them. Every answer is parsed by the view that it promises. */
export async function answerLicenses(request: LicenseRequest, world: DemoLicenses): Promise<DemoAnswer | null> {
  const [thing = '', ...rest] = request.parts.map(decodeURIComponent);
  if (thing === 'licenses') return await answerPools(request, world, rest);
  return thing === 'bundles' ? await answerBundles(request, world, rest) : null;
}

async function answerPools({ method, url, body }: LicenseRequest, world: DemoLicenses, parts: readonly string[]): Promise<DemoAnswer | null> {
  const [name = '', part = '', which = ''] = parts;
  const change = (of: string, changed: (pool: LicensePoolView) => LicensePoolView): DemoAnswer => {
    world.view = { ...world.view, pools: world.view.pools.map((pool) => (pool.name === of ? changed(pool) : pool)) };
    return ok(
      LicensePoolView,
      world.view.pools.find((pool) => pool.name === of),
    );
  };
  if (method === 'GET' && name === '') return ok(LicensesView, world.view);
  if (method === 'GET' && name === 'use') return ok(LicenseUseView, world.view.pools.length === 0 ? noUse(url) : makeUse(hoursOf(url)));
  if (method === 'POST' && name === 'leases') return release(world, Number(part));
  if (method === 'DELETE' && name === 'reservations') {
    const kept = (pool: LicensePoolView): LicensePoolView => ({ ...pool, reservations: pool.reservations.filter(({ id }) => id !== Number(part)) });
    world.view = { ...world.view, pools: world.view.pools.map(kept) };
    return { status: 204 };
  }
  if (method === 'PUT' && part === 'keys') {
    SetLicenseKey.parse(await body());
    return change(name, (pool) => ({ ...pool, keys: [...new Set([...pool.keys, which])].toSorted() }));
  }
  if (method === 'DELETE' && part === 'keys') {
    change(name, (pool) => ({ ...pool, keys: pool.keys.filter((key) => key !== which) }));
    return { status: 204 };
  }
  if (method === 'POST' && part === 'reservations') {
    const wish = CreateReservation.parse(await body());
    return change(name, (pool) => ({
      ...pool,
      reservations: [...pool.reservations, { id: Date.now(), projectName: `project ${wish.projectId}`, ...wish }],
    }));
  }
  if (method === 'PUT') return setPool(world, name, SetLicensePool.parse(await body()));
  if (method !== 'DELETE') return null;
  world.view = { ...world.view, pools: world.view.pools.filter((pool) => pool.name !== name) };
  return { status: 204 };
}

function setPool(world: DemoLicenses, name: string, wish: SetLicensePool): DemoAnswer {
  const before = world.view.pools.find((pool) => pool.name === name) ?? newPool(name);
  const server = wish.server === null ? null : { seats: null, outside: 0, checkedAt: null, problem: null, ...wish.server };
  const pool = { ...before, ...wish, server, free: Math.max(0, wish.seats - before.held - before.quarantined) };
  world.view = { ...world.view, pools: [...world.view.pools.filter((one) => one.name !== name), pool] };
  return ok(LicensePoolView, pool);
}

function release(world: DemoLicenses, id: number): DemoAnswer {
  const lease = world.view.leases.find((one) => one.id === id);
  const pools = world.view.pools.map((pool) =>
    pool.name === lease?.pool ? { ...pool, quarantined: pool.quarantined - 1, free: pool.free + 1 } : pool,
  );
  world.view = { ...world.view, pools, leases: world.view.leases.filter((one) => one.id !== id) };
  return { status: 204 };
}

async function answerBundles(
  { method, url, body, bytes }: LicenseRequest,
  world: DemoLicenses,
  parts: readonly string[],
): Promise<DemoAnswer | null> {
  const [name = '', version = '', part = ''] = parts;
  const found = world.bundles.find((bundle) => bundle.name === name && bundle.version === version);
  const others = world.bundles.filter((bundle) => bundle !== found);
  if (method === 'GET') return part === 'uses' ? ok(z.array(BundleUseView), makeBundleUses()) : ok(z.array(BundleView), world.bundles);
  if (method === 'PUT') {
    const content = await bytes();
    const file = {
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      format: BundleFormat.parse(url.searchParams.get('format')),
    };
    const terms = BundleTerms.parse({ terms: { projects: ['(nobody)'] } });
    const bundle = {
      name,
      version,
      isForAll: false,
      ...file,
      ...terms,
      uploadedBy: 'admin',
      createdAt: new Date().toISOString(),
      uses: 0,
      lastUsedAt: null,
    };
    world.bundles = [...others, bundle];
    return ok(BundleView, bundle);
  }
  if (method === 'PATCH' && found) {
    const changed = BundleTerms.parse(await body());
    const bundle = { ...found, ...changed, isForAll: changed.terms.projects.length + changed.terms.groups.length === 0 };
    world.bundles = world.bundles.map((one) => (one === found ? bundle : one));
    return ok(BundleView, bundle);
  }
  if (method !== 'DELETE') return null;
  world.bundles = others;
  return { status: 204 };
}

function hoursOf(url: URL): number {
  return Number(url.searchParams.get('hours') ?? 24);
}

function noUse(url: URL): LicenseUseView {
  return { hours: hoursOf(url), pools: [], months: [] };
}

function ok<T>(schema: z.ZodType<T>, body: unknown): DemoAnswer {
  return { status: 200, body: schema.parse(body) };
}
