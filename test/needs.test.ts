import 'reflect-metadata';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { Reflector } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { CONTROLLERS } from '../server/src/app.module.ts';
import { type Need, needOf } from '../server/src/auth/needs.ts';

interface Route {
  readonly name: string;
  readonly path: string;
  readonly method: string;
  readonly need: Need | undefined;
}

const reflector = new Reflector();
const routes = CONTROLLERS.flatMap((controller) => {
  const prototype: object = controller.prototype;
  return Object.getOwnPropertyNames(prototype).flatMap((name): Route[] => {
    const handler: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
    if (name === 'constructor' || typeof handler !== 'function' || Reflect.getMetadata(PATH_METADATA, handler) === undefined) return [];
    const path = [controller, handler].map((part) => String(Reflect.getMetadata(PATH_METADATA, part))).join('/');
    const method = RequestMethod[Number(Reflect.getMetadata(METHOD_METADATA, handler))] ?? '';
    return [{ name: `${controller.name}.${name}`, path, method, need: needOf(reflector, handler, controller) }];
  });
});

/** Open to all, and why that is right: health for monitors, badges for READMEs, hooks for whoever signs; the rest is how one becomes somebody, or stops being it. */
const OPEN = /^(Health|Session|Github|Invitations|Hooks|Badges)Controller\./;

describe('what every route declares to need', () => {
  it('finds the routes', () => {
    expect(routes.length).toBeGreaterThan(35);
  });

  it.each(routes)('$name declares something', ({ need }) => {
    expect(need).toBeDefined();
  });

  it.each(routes.filter(({ need }) => need?.kind === 'role' && need.on !== 'installation'))(
    '$name has an :id that names its $need.on',
    ({ path, need }) => {
      const thing = need?.kind === 'role' ? need.on : '';
      expect(path).toContain(`api/${thing}s/`);
      expect(path).toMatch(/:id\b/);
    },
  );

  it.each(routes.filter(({ need }) => need?.kind === 'role' && need.or !== undefined))(
    '$name has the other parameter that its need names',
    ({ path, need }) => {
      expect(path).toContain(`/:${need?.kind === 'role' ? need.or : ''}`);
    },
  );

  it.each(routes.filter(({ need }) => need?.kind === 'open'))('$name is one of the few that are open', ({ name }) => {
    expect(name).toMatch(OPEN);
  });

  it.each(routes.filter(({ method, need }) => method !== 'GET' && need?.kind !== 'open'))(
    '$name, which changes something, needs more than reading',
    ({ need }) => {
      expect(need?.kind).not.toBe('reader');
      if (need?.kind === 'role') expect(need.role).not.toBe('viewer');
    },
  );
});
