interface Bucket {
  left: number;
  at: number;
}

/** From so many buckets on, those that are full again are forgotten. */
const SWEEP_FROM = 10_000;

/** Counts what each of many may do: so much at once, and so much more each second. */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();

  /** `capacity`: at once; `perSecond`: comes back. `now` in milliseconds. */
  constructor(
    private readonly capacity: number,
    private readonly perSecond: number,
    private readonly now: () => number,
  ) {}

  /** How many are remembered. */
  get size(): number {
    return this.buckets.size;
  }

  /** Takes one out of somebody's bucket and gives 0; or leaves it, and gives the seconds until there is one. */
  take(key: string): number {
    const at = this.now();
    const left = this.leftIn(key, at);
    if (left < 1) return (1 - left) / this.perSecond;
    if (this.buckets.size >= SWEEP_FROM) this.sweep(at);
    this.buckets.set(key, { left: left - 1, at });
    return 0;
  }

  private leftIn(key: string, at: number): number {
    const bucket = this.buckets.get(key);
    return bucket === undefined ? this.capacity : this.refilled(bucket, at);
  }

  private refilled(bucket: Bucket, at: number): number {
    return Math.min(this.capacity, bucket.left + ((at - bucket.at) / 1000) * this.perSecond);
  }

  private sweep(at: number): void {
    for (const [key, bucket] of this.buckets) if (this.refilled(bucket, at) >= this.capacity) this.buckets.delete(key);
  }
}
