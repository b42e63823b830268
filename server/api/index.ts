/** What the server promises its clients: views, requests, routes and live events. Imports nothing but zod. */
export * from './accounts.ts';
export * from './cache.ts';
export * from './events.ts';
export * from './forks.ts';
export * from './hosts.ts';
export * from './bundles.ts';
export * from './license-use.ts';
export * from './licenses.ts';
export * from './machines.ts';
export * from './pythons.ts';
export * from './requests.ts';
export * from './roles.ts';
export * from './routes.ts';
export * from './states.ts';
export * from './test-history.ts';
export * from './test-report.ts';
export * from './views.ts';
