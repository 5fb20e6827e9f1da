/**
 * Who may do what. One rule for every surface: a command's effect decides which role it needs, and what nobody granted
 * is refused. Grants are by workspace; `*` is all of them.
 */
import { MomoError } from "../errors.ts";

/** What a command may do to knowledge: roles, confirmations and annotations follow from it. */
export type Effect = "read" | "write" | "admin";

/** Each may do what the ones before it may. */
export const roles = ["reader", "writer", "admin"] as const;
export type Role = (typeof roles)[number];

/** Role by name of the workspace, or `*`. */
export type Grants = Readonly<Record<string, Role>>;

const needed: Readonly<Record<Effect, Role>> = { read: "reader", write: "writer", admin: "admin" };

/** The role in a workspace; undefined where nothing was granted. The higher one where both it and `*` are granted. */
export function roleIn(grants: Grants, workspace: string): Role | undefined {
  const given = ["*", workspace].filter((name) => Object.hasOwn(grants, name)).map((name) => grants[name]!);
  return given.sort((a, b) => roles.indexOf(b) - roles.indexOf(a))[0];
}

export const isAdmin = (grants: Grants, workspace: string): boolean => roleIn(grants, workspace) === "admin";

/** Raises FORBIDDEN. */
export function authorize(
  grants: Grants,
  asked: { workspace: string; effect: Effect; action: string },
): void {
  const role = roleIn(grants, asked.workspace);
  const least = needed[asked.effect];
  if (role !== undefined && roles.indexOf(role) >= roles.indexOf(least)) return;
  throw new MomoError("FORBIDDEN", { action: asked.action, needed: least });
}
