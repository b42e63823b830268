import { SetMetadata } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { Role } from '#server/api';

const NEED = 'terrarium:need';

/** What the `:id` in a route's path names, and so how its project is found. */
export type Place = 'project' | 'build' | 'job';

/**
 * What a route needs of whoever asks.
 * - `open`: nothing; nobody is identified.
 * - `reader`: to be somebody, or a public installation. The route shows only what he may read.
 * - `oneself`: to be an account's owner, or a token that may all that he may. The route deals with that account only.
 * - `role`: that role or a higher one, for the installation or on the project of the thing that `:id` names; `or`: or on the project that this parameter of the path names.
 */
export type Need =
  | { readonly kind: 'open' | 'reader' | 'oneself' }
  | { readonly kind: 'role'; readonly role: Role; readonly on: Place | 'installation'; readonly or?: string };

type NeedDecorator = MethodDecorator & ClassDecorator;

/** A route that anybody may use. */
export function Open(): NeedDecorator {
  return declare({ kind: 'open' });
}

/** A route for whoever may read anything; its answer holds only what he may read. */
export function ForReaders(): NeedDecorator {
  return declare({ kind: 'reader' });
}

/** A route about the asker's own account. */
export function ForOneself(): NeedDecorator {
  return declare({ kind: 'oneself' });
}

/** A route that needs a role: on the project of the thing that `:id` names, or, without `on`, for the installation. */
export function Needs(role: Role, on: Place | 'installation' = 'installation'): NeedDecorator {
  return declare({ kind: 'role', role, on });
}

/** A route about two projects that needs a role on either: on that which `:id` names, or on that which the parameter `or` of its path names. */
export function NeedsOnEither(role: Role, or: string): NeedDecorator {
  return declare({ kind: 'role', role, on: 'project', or });
}

/** What a route declares, itself or for its whole controller; undefined if nothing, and then it lets nobody in. */
export function needOf(reflector: Reflector, handler: object, controller: object): Need | undefined {
  // Reflector wants functions and classes, which is what routes and controllers are.
  const targets = [handler, controller].filter((target) => typeof target === 'function');
  return reflector.getAllAndOverride<Need | undefined>(NEED, targets);
}

function declare(need: Need): NeedDecorator {
  return SetMetadata(NEED, need);
}
