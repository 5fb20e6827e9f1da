/**
 * Plans that callers were shown, so that "carry out plan X" is all they have to say. A plan belongs to whom it was shown:
 * its hash is no secret, so it is no permission either. Used by create.ts.
 */

export interface KnownPlan {
  workspace: string;
  command: string;
  /** What was planned, without `dry_run`. */
  input: Readonly<Record<string, unknown>>;
  principal: string;
  agents: readonly string[];
}

interface Kept extends KnownPlan {
  until: number;
}

const HOUR_MS = 3_600_000;
const MOST = 1000;

export class Plans {
  readonly #plans = new Map<string, Kept>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  keep(hash: string, plan: KnownPlan): void {
    this.#plans.delete(hash);
    this.#plans.set(hash, { ...plan, until: this.#now() + HOUR_MS });
    for (const oldest of this.#plans.keys()) {
      if (this.#plans.size <= MOST) return;
      this.#plans.delete(oldest);
    }
  }

  find(
    hash: string,
    { workspace, principal }: { workspace: string; principal: string },
  ): KnownPlan | undefined {
    const known = this.#plans.get(hash);
    if (!known || known.until <= this.#now()) return undefined;
    return known.workspace === workspace && known.principal === principal ? known : undefined;
  }
}
