/** Addresses of this server's pages and hooks, as others reach them. */
export class Links {
  #base: string;

  /** `publicUrl`: the address by which people reach it; null: where it listens, once that is known. */
  constructor(private readonly publicUrl: string | null) {
    this.#base = publicUrl ?? 'http://localhost';
  }

  /** It listens there: `http://127.0.0.1:7000`. */
  listening(address: string): void {
    if (this.publicUrl === null) this.#base = address;
  }

  build(id: number): string {
    return this.to(`/builds/${id}`);
  }

  job(id: number): string {
    return this.to(`/jobs/${id}`);
  }

  project(id: number): string {
    return this.to(`/projects/${id}`);
  }

  /** What a code host calls for one project. */
  projectHook(id: number): string {
    return this.to(`/api/hooks/projects/${id}`);
  }

  private to(path: string): string {
    return `${this.#base.replace(/\/$/, '')}${path}`;
  }
}
