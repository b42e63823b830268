/** The plugin seam: interfaces, schemas and error codes. Imports nothing but zod. */
export * from './change.ts';
export * from './ci.ts';
export * from './code-host.ts';
export * from './errors.ts';
export * from './image.ts';
export * from './job.ts';
export * from './licenses.ts';
export * from './message.ts';
export * from './notifier.ts';
export * from './plugin.ts';
export * from './pythons/catalogue.ts';
export * from './pythons/tools.ts';
export * from './runner.ts';
export * from './scm.ts';
export * from './session.ts';
export * from './toolchain.ts';
