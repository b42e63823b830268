import type { Extension, ExtensionPoint, ExtensionPoints } from '#plugins/api';

/** What an instance provides at one extension point. */
export interface Instance<Point extends ExtensionPoint> {
  /** The instance's name. */
  readonly name: string;
  /** The plugin's id. */
  readonly plugin: string;
  readonly extension: ExtensionPoints[Point] & Extension;
}

type Tables = { readonly [Point in ExtensionPoint]: Instance<Point>[] };

/** The extensions in use, by extension point, in the order of the configuration. */
export class Registry {
  readonly #tables: Tables = { scm: [], runner: [], ci: [], licenses: [], notifier: [] };

  /** Puts an instance in. Only the loader does, before anybody asks. */
  add<Point extends ExtensionPoint>(point: Point, instance: Instance<Point>): void {
    this.#tables[point].push(instance);
  }

  /** The extension of the instance called `name`. Throws an Error that names what there is, where that is none of them. */
  get<Point extends ExtensionPoint>(point: Point, name: string): ExtensionPoints[Point] & Extension {
    const found = this.find(point, name);
    if (found !== null) return found;
    const names = this.all(point).map((instance) => instance.name);
    throw new Error(`No plugin instance "${name}" provides "${point}"; these do: ${names.join(', ') || 'none'}.`);
  }

  /** The extension of the instance called `name`; null if there is none. */
  find<Point extends ExtensionPoint>(point: Point, name: string): (ExtensionPoints[Point] & Extension) | null {
    return this.all(point).find((instance) => instance.name === name)?.extension ?? null;
  }

  /** Every instance that provides `point`. */
  all<Point extends ExtensionPoint>(point: Point): readonly Instance<Point>[] {
    return this.#tables[point];
  }
}
