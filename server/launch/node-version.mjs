import { readFileSync } from 'node:fs';
import { LaunchError, inRoot } from './places.mjs';

/** Throws a sentence unless this Node is in the range that package.json names under `engines`. */
export function checkNodeVersion() {
  const { engines } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  if (isInRange(process.versions.node, engines.node)) return;
  throw new LaunchError(`Terrarium needs Node ${engines.node}, and this is ${process.versions.node}: install a newer one from https://nodejs.org.`);
}

/** Whether a version is in a range made of `^MAJOR.MINOR.PATCH` and `>=MAJOR.MINOR.PATCH`, joined by `||`. */
export function isInRange(version, range) {
  const have = version.split('.').map((part) => Number.parseInt(part, 10));
  return range.split('||').some((alternative) => {
    const [, sign, ...numbers] = /^(\^|>=)(\d+)\.(\d+)\.(\d+)$/.exec(alternative.trim()) ?? [];
    const want = numbers.map(Number);
    return sign !== undefined && compare(have, want) >= 0 && (sign === '>=' || have[0] === want[0]);
  });
}

function compare(left, right) {
  const index = left.findIndex((number, place) => number !== right[place]);
  return index === -1 ? 0 : left[index] - right[index];
}
