import { randomBytes } from "node:crypto";

interface Session {
  customer: string;
  expires: number;
}

/** Who is logged in. Kept in memory: a restart logs everybody out. */
export class SessionStore {
  private readonly sessions = new Map<string, Session>();

  constructor(private readonly lifetimeMinutes: number) {}

  /** Starts a session after login and returns its cookie value. */
  create(customer: string): string {
    const token = randomBytes(24).toString("hex");
    this.sessions.set(token, { customer, expires: Date.now() + this.lifetimeMinutes * 60_000 });
    return token;
  }

  /** The customer of a cookie; undefined when the session has expired. */
  lookup(token: string): string | undefined {
    const session = this.sessions.get(token);
    if (!session || session.expires < Date.now()) return undefined;
    return session.customer;
  }

  /** Logs out. */
  destroy(token: string): void {
    this.sessions.delete(token);
  }
}
