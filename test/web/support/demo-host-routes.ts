import {
  AddContributor,
  CodeHostView,
  CreateSubscription,
  DecideBuild,
  DeliveryDetail,
  DeliveryView,
  EnvironmentView,
  HeldView,
  HookSetup,
  HookView,
  NotifierView,
  OutboxView,
  RepositoryOfferView,
  ReviewView,
  SubscriptionView,
  ContributorView,
  type ApprovalView,
  type BuildView,
} from '#server/api';
import { z } from 'zod';
import { summaryOf, type DemoData } from './demo-data.ts';
import { DEMO_HOSTS, DEMO_NOTIFIERS, demoHook, makeDeliveries, makeOutbox, makeSubscriptions } from './demo-hosts.ts';
import { decide, DEMO_CONTRIBUTORS, DEMO_TRUST, demoReview } from './demo-trust.ts';

/** What code hosts and people have done since the demo began. */
export interface DemoHosts {
  contributors: Map<number, ContributorView[]>;
  subscriptions: Map<number, SubscriptionView[]>;
  deliveries: DeliveryDetail[];
  offers: RepositoryOfferView[];
  environments: EnvironmentView[];
  outbox: OutboxView[];
  approvals: Map<number, ApprovalView[]>;
  /** How often the review that fails at first was asked for. */
  brokenReviews: number;
}

export function makeHosts(): DemoHosts {
  return {
    contributors: new Map(Object.entries(DEMO_CONTRIBUTORS).map(([id, people]) => [Number(id), people])),
    subscriptions: new Map([[DEMO_HOSTS.full, makeSubscriptions()]]),
    deliveries: makeDeliveries(DEMO_HOSTS.full),
    offers: makeOffers(),
    environments: [{ name: 'release', branches: [], tags: ['v*'], secretNames: ['PYPI_TOKEN'] }],
    outbox: makeOutbox(),
    approvals: new Map(),
    brokenReviews: 0,
  };
}

/** A request as the routes see it: `GET projects/1/hook` with what else is in its address and body. */
export interface DemoRequest {
  method: string;
  parts: readonly string[];
  url: URL;
  body: () => Promise<unknown>;
}

/** An answer; without a body where there is none to give. `build`: it changed, and whoever listens is to be told. */
export interface DemoAnswer {
  status: number;
  body?: unknown;
  build?: BuildView;
}

/** What the demo answers about code hosts and trust; null for what is not about them. Every answer is parsed by the view that it promises. */
export async function answerHosts(request: DemoRequest, data: DemoData, hosts: DemoHosts): Promise<DemoAnswer | null> {
  const [thing = '', idText = '', part = '', which = ''] = request.parts;
  const id = Number(idText);
  switch (`${request.method} ${thing}${part === '' ? '' : ` ${part}`}`) {
    case 'GET held':
      return ok(HeldView, heldOf(data));
    case 'GET builds review':
      return review(data, hosts, id);
    case 'POST builds approve':
      return decided(data, hosts, id, 'approved', DecideBuild.parse(await request.body()));
    case 'POST builds refuse':
      return decided(data, hosts, id, 'refused', DecideBuild.parse(await request.body()));
    case 'GET notifiers':
      return ok(z.array(NotifierView), DEMO_NOTIFIERS);
    case 'GET projects hook':
      return ok(HookView, demoHook(id));
    case 'POST projects hook':
      return ok(HookSetup, which === 'secret' ? setUp(id, 'new secret', '77aa') : setUp(id, demoHook(id).canEnsure ? 'created' : 'by hand', '5c1d'));
    case 'GET projects contributors':
      return ok(z.array(ContributorView), hosts.contributors.get(id) ?? []);
    case 'POST projects contributors':
      return contribute(hosts, id, AddContributor.parse(await request.body()).name);
    case 'DELETE projects contributors':
      hosts.contributors.set(
        id,
        (hosts.contributors.get(id) ?? []).filter(({ name }) => name !== decodeURIComponent(which)),
      );
      return { status: 204 };
    case 'GET projects subscriptions':
      return ok(z.array(SubscriptionView), hosts.subscriptions.get(id) ?? []);
    case 'POST projects subscriptions':
      return subscribe(hosts, id, CreateSubscription.parse(await request.body()));
    case 'DELETE projects subscriptions':
      hosts.subscriptions.set(
        id,
        (hosts.subscriptions.get(id) ?? []).filter((one) => one.id !== Number(which)),
      );
      return { status: 204 };
    case 'GET projects outbox':
      return ok(z.array(OutboxView), id === DEMO_HOSTS.full ? hosts.outbox : []);
    case 'POST projects outbox':
      return resend(hosts, Number(which));
    case 'GET projects deliveries':
      return which === ''
        ? ok(z.array(DeliveryView), pageOf(deliveriesOf(hosts, id), request.url))
        : ok(
            DeliveryDetail,
            deliveriesOf(hosts, id).find((delivery) => delivery.id === Number(which)),
          );
    case 'POST projects deliveries':
      return replay(hosts, Number(which));
    case 'GET code-hosts':
      return ok(z.array(CodeHostView), [
        { name: 'github', plugin: 'scm-github', canList: true },
        { name: 'git', plugin: 'scm-git', canList: false },
      ]);
    case 'GET code-hosts repositories':
      return ok(z.array(RepositoryOfferView), hosts.offers);
    case 'GET projects environments':
      return ok(z.array(EnvironmentView), id === DEMO_HOSTS.full ? hosts.environments : []);
    default:
      return null;
  }
}

function deliveriesOf(hosts: DemoHosts, project: number): DeliveryDetail[] {
  return hosts.deliveries.filter(({ projectId }) => projectId === project);
}

function ok<T>(schema: z.ZodType<T>, body: T | undefined): DemoAnswer {
  return body === undefined ? problem(404, 'Not found', 'There is no such thing here.') : { status: 200, body: schema.parse(body) };
}

function problem(status: number, title: string, detail: string): DemoAnswer {
  return { status, body: { type: 'about:blank', title, status, detail, id: 'demo-4711' } };
}

function heldOf(data: DemoData): HeldView {
  const builds = data.builds.filter(({ trust, finishedAt }) => trust.level === 'held' && finishedAt === null).map(summaryOf);
  return { total: builds.length, builds: builds.sort((a, b) => a.id - b.id) };
}

function review(data: DemoData, hosts: DemoHosts, id: number): DemoAnswer {
  if (id === DEMO_TRUST.broken && (hosts.brokenReviews += 1) === 1)
    return problem(503, 'Not reachable', 'The code host cannot be reached just now. Try again in a moment.');
  const build = data.builds.find((candidate) => candidate.id === id);
  return ok(ReviewView, build && demoReview(build, hosts.approvals.get(id) ?? []));
}

function decided(data: DemoData, hosts: DemoHosts, id: number, decision: ApprovalView['decision'], body: DecideBuild): DemoAnswer {
  const build = data.builds.find((candidate) => candidate.id === id);
  const news = build && decide(build, decision, body);
  if (!news) return problem(409, 'Conflict', 'This build was cancelled, perhaps because something else was pushed: decide on the newest one.');
  data.builds = data.builds.map((known) => (known.id === id ? news : known));
  hosts.approvals.set(id, [{ decision, commit: body.commit, by: 'admin', via: 'button', at: new Date().toISOString() }]);
  return { status: 200, body: news, build: news };
}

function setUp(projectId: number, outcome: string, secret: string): HookSetup {
  const hook = demoHook(projectId);
  return { ...hook, hasSecret: true, secret: hook.canEnsure ? null : secret.repeat(16), outcome };
}

function contribute(hosts: DemoHosts, id: number, name: string): DemoAnswer {
  if (name === 'nobody') return problem(404, 'Not found', 'The code host knows nobody called nobody.');
  const person = { name, hostId: '1', addedBy: 'admin', addedAt: new Date().toISOString() };
  const people = [...(hosts.contributors.get(id) ?? []).filter((known) => known.name !== name), person];
  hosts.contributors.set(id, people);
  return { status: 201, body: z.array(ContributorView).parse(people) };
}

function subscribe(hosts: DemoHosts, id: number, wish: CreateSubscription): DemoAnswer {
  if (wish.notifier === 'mail' && !wish.target.includes('@')) return problem(400, 'Invalid', `${wish.target} is no address of mail.`);
  const known = hosts.subscriptions.get(id) ?? [];
  const news = [...known, { ...wish, id: 100 + known.length, createdAt: new Date().toISOString() }];
  hosts.subscriptions.set(id, news);
  return { status: 201, body: z.array(SubscriptionView).parse(news) };
}

function resend(hosts: DemoHosts, entry: number): DemoAnswer {
  const sent = { state: 'sent', tries: 1, problem: null, nextAt: null, sentAt: new Date().toISOString() } as const;
  hosts.outbox = hosts.outbox.map((known) => (known.id === entry ? { ...known, ...sent } : known));
  return { status: 204 };
}

function pageOf(deliveries: readonly DeliveryDetail[], url: URL): DeliveryView[] {
  const before = Number(url.searchParams.get('before') ?? Infinity);
  return deliveries.filter(({ id }) => id < before).slice(0, Number(url.searchParams.get('limit') ?? 50));
}

/** At the next look it has been worked on. */
function replay(hosts: DemoHosts, id: number): DemoAnswer {
  const delivery = hosts.deliveries.find((known) => known.id === id);
  if (delivery?.body === '') return problem(409, 'Conflict', 'What was sent is no longer kept.');
  const replayed = { state: 'done', outcome: 'build #873', processedAt: new Date().toISOString() } as const;
  hosts.deliveries = hosts.deliveries.map((known) => (known.id === id ? { ...known, ...replayed } : known));
  return ok(DeliveryView, delivery && { ...delivery, state: 'received', outcome: null, processedAt: null });
}

function makeOffers(): RepositoryOfferView[] {
  const names = [
    'django-taggit',
    'click-option-groups',
    'structlog-extras',
    'a-name-that-is-longer-than-any-line-of-the-list-would-ever-like-to-hold',
  ];
  return names.map((name, index) => ({
    url: `https://github.example.org/pypa-friends/${name}.git`,
    name: `pypa-friends/${name}`,
    isPrivate: index === 2,
    description: index === 1 ? '' : `What ${name} is for, in a line that its owner wrote`,
    projectId: index === 0 ? 1 : null,
  }));
}
