/**
 * What a name alone tells: folders that hold nothing a person wrote, files that hold secrets, files written by tools.
 * Tables; used by listing (walk.ts, git.ts, files.ts) and nowhere else.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { SkipReason } from "./skip.ts";

/** The inside of other tools, and of Momo: no rule brings these back. */
const internal = new Set([".git", ".hg", ".svn", ".momo"]);

/** Code of others, left out even where somebody committed it; `!node_modules/` in .momoignore brings it back. */
const vendored = new Set(["node_modules", "bower_components", "__pycache__"]);

/**
 * Output, caches and environments. Some are also good names for source folders (CPython has a package `venv`), so what
 * git tracks is indexed; elsewhere `!build/` in .momoignore brings it back.
 */
const produced = new Set(
  "venv .venv dist build .tox .mypy_cache .pytest_cache .ruff_cache .cache .eggs .gradle .idea .next .nuxt coverage".split(
    " ",
  ),
);

/** `target` is output only beside the file of a tool that writes there. */
const targetOwners = ["Cargo.toml", "pom.xml", "build.sbt"];

export function isInternal(name: string): boolean {
  return internal.has(name);
}

export function isVendored(name: string): boolean {
  return vendored.has(name);
}

/** `parent` is the absolute path of the folder it lies in. */
export function isProduced(name: string, parent: string): boolean {
  if (produced.has(name)) return true;
  return name === "target" && targetOwners.some((owner) => existsSync(join(parent, owner)));
}

const secretNames = new Set(
  ".env .npmrc .netrc _netrc .pypirc .pgpass .htpasswd .git-credentials credentials credentials.json".split(
    " ",
  ),
);
const secretEndings = [".pem", ".key", ".p12", ".pfx", ".jks", ".keystore"];
/** Settings without their values, made to be read. */
const envTemplates = new Set([".env.example", ".env.sample", ".env.template", ".env.dist"]);

/** Requirement: keys and passwords never reach the index, whatever the patterns say. */
export function isSecretName(name: string): boolean {
  const lower = name.toLowerCase();
  if (secretNames.has(lower)) return true;
  if (lower.startsWith(".env.")) return !envTemplates.has(lower);
  if (/^id_(rsa|dsa|ecdsa|ed25519)/.test(lower)) return true;
  return secretEndings.some((ending) => lower.endsWith(ending));
}

const lockFiles = new Set(
  (
    "package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock cargo.lock poetry.lock uv.lock pdm.lock " +
    "pipfile.lock go.sum composer.lock gemfile.lock mix.lock pubspec.lock podfile.lock package.resolved flake.lock " +
    "packages.lock.json gradle.lockfile"
  ).split(" "),
);

/** Why a file of this name is not worth reading; undefined for nearly all. */
export function skipByName(name: string): SkipReason | undefined {
  const lower = name.toLowerCase();
  if (lockFiles.has(lower)) return "generated";
  if (lower.endsWith(".map")) return "generated";
  if (/\.min\.(js|mjs|cjs|css)$/.test(lower)) return "minified";
  return undefined;
}
