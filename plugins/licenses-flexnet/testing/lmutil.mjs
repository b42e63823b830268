// A stand-in for FlexNet's lmutil: prints what a server whose state is in a file would have it print. Written from the documented format; it refuses what lmutil does not know.
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

const [file, verb, ...args] = process.argv.slice(2);
const state = JSON.parse(readFileSync(file, 'utf8'));
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const server = `${state.port}@${state.host}`;

function print(...lines) {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

function fail(code, ...lines) {
  print(...lines);
  process.exit(code);
}

/** Times are those of the environment's zone, as lmutil's. */
function clock(date) {
  return `${WEEKDAYS[date.getDay()]} ${date.getMonth() + 1}/${date.getDate()}`;
}

function time(date) {
  return `${date.getHours()}:${String(date.getMinutes()).padStart(2, '0')}`;
}

function count(number) {
  return `${number} ${number === 1 ? 'license' : 'licenses'}`;
}

function options(...known) {
  const found = {};
  const rest = [...args];
  while (rest[0]?.startsWith('-')) {
    const name = rest.shift();
    if (!known.includes(name)) fail(1, `lmutil: unknown argument ${name}`);
    found[name] = name === '-h' ? true : rest.shift();
  }
  if (found['-c'] !== server) fail(1, `Error getting status: Cannot find license file. (-1,359:2 "No such file or directory")`);
  return { ...found, rest };
}

function useLine({ user, host, display, version, handle, seats, since, queued, suffix = '' }) {
  const names = `    ${user} ${host} ${display} (v${version}) (${state.host}/${state.port} ${handle})`;
  if (queued) return `${names} queued for ${count(seats)}`;
  const date = new Date(since);
  return `${names}, start ${clock(date)} ${time(date)}${seats === 1 ? '' : `, ${count(seats)}`}${suffix}`;
}

function printFeature(feature) {
  const uses = feature.uses.filter(({ queued }) => !queued);
  const taken = [...uses, ...feature.reservations].reduce((sum, { seats }) => sum + seats, 0);
  print(`Users of ${feature.name}:  (Total of ${count(feature.seats)} issued;  Total of ${count(taken)} in use)`, '');
  if (feature.uses.length + feature.reservations.length === 0) return;
  print(`  "${feature.name}" v9.0, vendor: ${state.vendor}, expiry: permanent(no expiration date)`, '  vendor_string: any', '  floating license', '');
  for (const { seats, kind, name } of feature.reservations)
    print(`\t${seats} RESERVATION${seats === 1 ? '' : 's'} for ${kind} ${name} (${state.host}/${state.port})`);
  print(...feature.uses.map(useLine), '');
}

function lmstat() {
  const { '-f': name, rest } = options('-c', '-f');
  if (rest.length > 0) fail(1, `lmutil: unknown argument ${rest[0]}`);
  const now = new Date();
  print('lmutil - Copyright (c) 1989-2023 Flexera. All Rights Reserved.');
  print(`Flexible License Manager status on ${clock(now)}/${now.getFullYear()} ${time(now)}`, '');
  if (state.behaviour === 'away') fail(0, 'Error getting status: Cannot connect to license server system. (-15,570:111 "Connection refused")');
  if (state.behaviour === 'nonsense') fail(0, 'Users of solver:  as many as you like');
  print(`License server status: ${server}`, `    License file(s) on ${state.host}: /opt/flexnet/license.dat:`, '');
  print(`${state.host}: license server UP (MASTER) v11.19.0`, '', `Vendor daemon status (on ${state.host}):`, '', `   ${state.vendor}: UP v11.19.0`);
  if (name === undefined) return;
  print('Feature usage info:', '');
  const feature = state.features.find((one) => one.name === name);
  if (feature === undefined) print(`Users of ${name}: Cannot get users of ${name}: No such feature exists. (-5,222)`, '');
  else printFeature(feature);
}

function lmremove() {
  const { '-h': byHandle, rest } = options('-c', '-h');
  const [name, host, port, handle, ...more] = rest;
  if (!byHandle || handle === undefined || more.length > 0) fail(1, 'usage: lmremove [-c license_file_list] -h feature server_host port handle');
  if (state.behaviour === 'forbidding') fail(1, 'lmremove failed: You are not a license administrator. (-63,294)');
  const feature = state.features.find((one) => one.name === name);
  const isIt = (use) => host === state.host && port === String(state.port) && handle === String(use.handle);
  if (!feature?.uses.some(isIt)) fail(1, 'lmremove failed: No such handle.');
  feature.uses = feature.uses.filter((use) => !isIt(use));
  writeFileSync(`${file}.new`, JSON.stringify(state));
  renameSync(`${file}.new`, file);
  appendFileSync(`${file}.removed`, `${name} ${handle}\n`);
}

if (state.behaviour === 'silent') {
  writeFileSync(`${file}.reached`, '');
  // Until it is killed.
  setInterval(() => undefined, 1000);
} else if (verb === 'lmstat') lmstat();
else if (verb === 'lmremove') lmremove();
else fail(1, `lmutil: unknown function ${verb}`);
