/** What the server promises its clients: views, requests, routes and live events. Imports nothing but zod. */
export * from './events.ts';
export * from './requests.ts';
export * from './routes.ts';
export * from './states.ts';
export * from './views.ts';
