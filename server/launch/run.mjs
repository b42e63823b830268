import module from 'node:module';
import { pathToFileURL } from 'node:url';
import { inRoot } from './places.mjs';

/** Runs a built module in this process, so that signals and the terminal are its own. */
export async function run(...path) {
  // Node 22 keeps compiled code between starts; within the checkout, as everything we write.
  module.enableCompileCache?.(inRoot('dist', 'compile-cache'));
  await import(pathToFileURL(inRoot('dist', ...path)).href);
}
