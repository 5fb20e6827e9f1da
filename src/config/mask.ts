/** Recognises a secret that somebody put where none belongs, so that it is not shown. Used by config.ts. */

export const HIDDEN = "(hidden)";

/** Beginnings of keys that services hand out, and of tokens. */
const KNOWN =
  /\b(?:sk-|gh[pousr]_|github_pat_|glpat-|xox[abprs]-|AKIA|AIza|npm_|hf_|pypi-|momo_|eyJ)[\w-]{8,}/;
const BEARER = /\b(?:bearer|basic)\s+\S{8,}/i;
/** `password=...`, in a query or a connection string. */
const NAMED =
  /(?:password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|signature|[?&;](?:key|sig|auth))=[^&;\s]/i;
/** `name:password@` of an address. */
const WITH_PASSWORD = /:\/\/[^/\s@]*@/;

/** Long, and without the pattern of a word: letters of both cases and digits, mixed. */
const looksRandom = (text: string): boolean =>
  (text.match(/[A-Za-z0-9+_=]{24,}/g) ?? []).some(
    (run) => /[a-z]/.test(run) && /[A-Z]/.test(run) && (run.match(/\d/g) ?? []).length >= 3,
  );

export const looksSecret = (text: string): boolean =>
  KNOWN.test(text) || BEARER.test(text) || NAMED.test(text) || WITH_PASSWORD.test(text) || looksRandom(text);
