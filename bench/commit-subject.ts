/**
 * What a commit's subject asks for, as a search query, or undefined when it asks for nothing that code answers
 * (releases, formatting, documentation, dependencies). Used by commit-set.ts.
 */

/** Conventional types that say "no program changed". */
const IDLE_TYPE =
  /^(docs?|ci|style|build|tests?|release|deps?|chore|revert|typo|lint|format|merge|examples?|website|bench(marks?)?)(\([^)]*\))?!?:/i;
const TYPE =
  /^(feat(ures?)?|fix(es)?|bug ?fix(es)?|perf|refactor(ing)?|enhancement|improvement|types?|hotfix|add|change[ds]?|update|upgrade|new|internal)(\([^)]*\))?!?:\s*/i;
const TICKET = /^[[(]?[A-Z][A-Z0-9]+-\d+[\])]?:?\s+|[[(][A-Z][A-Z0-9]+-\d+[\])]/g;
const ISSUE_LIST =
  /[([]?\b(close[sd]?|fix(e[sd])?|resolve[sd]?|refs?|see|issues?|part of|related to|addresses|pr|gh)\b:?\s*([\w.-]+\/[\w.-]+)?(#|gh-)\d+(\s*(,|and|&)\s*([\w.-]+)?#\d+)*[)\]]?/gi;
const NUMBER = /\s*[([]?\b([\w.-]+\/[\w.-]+)?(#|gh-)\d+[)\]]?|\s*[([](#|gh-)\d+([,\s]+#\d+)*[)\]]|#\d+/gi;

const IDLE = [
  /^(merge|revert|release|prepare|bump|version|roll|sync|backport|cherry-?pick|wip|draft|initial|v?\d+\.\d+)\b/i,
  /\b(bump(s|ed|ing)?|dependenc(y|ies)|dependabot|renovate|changelogs?|readme|release notes?|news entry|lockfile)\b/i,
  /\b(typos?|spelling|misspell\w*|grammar|wording|whitespaces?|indentation|copyright|licen[cs]es?)\b/i,
  /\b(lint(er|ers|ing|s)?|rustfmt|clippy|gofmt|golangci|prettier|eslint|biome|rubocop|standardrb|ktlint|detekt|pylint|flake8|ruff|mypy|pyright|black|hlint|ormolu|phpstan|psalm|phpcs|swiftlint|swiftformat|scalafmt|scalafix|checkstyle|spotbugs|pmd|credo|dialyzer|luacheck|stylua|clang-(tidy|format)|shellcheck|shfmt|sonar\w*|error-?prone)\b/i,
  /^(re-?)?format\b|\b(re-?formatt(ed|ing)|code ?style|coding standards?|style (fix|guide))/i,
  /\b(docs?|documentation|documented?|docstrings?|docblocks?|phpdocs?|javadocs?|kdocs?|scaladocs?|haddocks?|rdoc|yard|jsdoc|tsdoc|apidoc|comments?|tutorials?|examples?|website|faq|manpages?)\b/i,
  /\b(ci|travis|appveyor|circleci|github actions?|workflows?|codecov|coverage|jenkins|makefiles?|cmake|gradle|maven|sbt|nix|dockerfile|bazel|copilot)\b/i,
  /^\W*(\w+\W+){0,3}(unit |integration |flaky |failing |regression )?(tests?|specs?|benchmarks?)\b/i,
  /\b(code review|review (comments?|feedback|suggestions?)|pr feedback|feedback|nits?|oops|minor|clean(ed|s|ing)?[ -]?ups?|tid(y|ied)|cosmetic|simplif\w+ code|warnings?|unused|dead code|deprecat(ion|ed) warnings?|todos?|fixmes?)\b/i,
  /\btests?$|\b(as per|missed|missing (header|include|import)s?)\b|\b(rename|refactor) some\b|\b(useless|redundant) casts?\b|\brector\b|\bsorted alphabetically\b/i,
  /^fix(ed|es)? (the |a |broken )?(build|compil\w+|types?)\b/i,
  /^(update|upgrade|use)s? .*\b(to|from) (version |the )?(latest|v?\d+(\.\d+)+)|^(update|upgrade)s? \S+ deps\b|\bcpplint\b/i,
  /^(document|documents|documenting|describe|clarify|mention)\b/i,
];
const WORDS = { least: 4, most: 25 };

export function queryOf(subject: string): string | undefined {
  if (IDLE_TYPE.test(subject) || /[^\x20-\x7e]|\.\.\.$/.test(subject)) return undefined;
  const cleaned = subject
    .replace(TICKET, " ")
    .replace(/^(fix|issue|feature)\/\d+[-\s]/i, "")
    .trim()
    .replace(TYPE, "")
    .replace(ISSUE_LIST, " ")
    .replace(NUMBER, " ")
    .replace(/\s*[([]\s*[)\]]/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^[-:,\s]+|[\s.,;:!-]+$/g, "");
  const words = cleaned.split(" ").length;
  if (words < WORDS.least || words > WORDS.most) return undefined;
  return IDLE.some((pattern) => pattern.test(cleaned)) ? undefined : cleaned;
}
