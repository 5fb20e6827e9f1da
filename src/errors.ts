/**
 * Every error Momo raises: code -> message, HTTP status, exit code. Codes are documented in docs/reference/errors.md
 * (a test compares) and never reused. Thrown anywhere; turned into an exit code or a status by the surfaces only.
 */

interface ErrorKind {
  message: (values: ErrorValues) => string;
  status: number;
  exit: 1 | 2;
}

const table = {
  PATH_MISSING: {
    message: ({ path }) => `${path} does not exist: name a folder or file that does`,
    status: 404,
    exit: 2,
  },
  PATH_IS_FILE: {
    message: ({ path }) => `${path} is a file: name the folder it lies in`,
    status: 400,
    exit: 2,
  },
  PATH_IS_FOLDER: {
    message: ({ path }) => `${path} is a folder: name a file`,
    status: 400,
    exit: 2,
  },
  PATH_OR_QUERY: {
    message: ({ path, query }) =>
      `${path} does not exist: name a folder that does or, if it belongs to the query, quote it: momo search "${query} ${path}"`,
    status: 404,
    exit: 2,
  },
  QUERY_UNQUOTED: {
    message: ({ query }) => `put quotes around a query of several words: momo search "${query}"`,
    status: 400,
    exit: 2,
  },
  QUERY_EMPTY: {
    message: () => "the query is empty: say what to look for",
    status: 400,
    exit: 2,
  },
  BUDGET_TOO_SMALL: {
    message: ({ budget, needed }) =>
      `a budget of ${budget} tokens is too small for the lines to keep, which take ${needed}: raise it or keep fewer lines`,
    status: 400,
    exit: 2,
  },
  ROOT_MISSING: {
    message: () => "no folder was named: say which one, or where the knowledge base lies (--home)",
    status: 400,
    exit: 2,
  },
  NOT_INDEXED: {
    message: ({ path }) => `${path} is not indexed yet: run momo ingest ${path}`,
    status: 404,
    exit: 1,
  },
  HOME_OTHER_ROOT: {
    message: ({ home, root, path }) =>
      `the knowledge base in ${home} is about ${root}, not ${path}: use another --home`,
    status: 409,
    exit: 2,
  },
  COMMAND_UNKNOWN: {
    message: ({ command, hint }) => `unknown command ${command}: ${hint}`,
    status: 404,
    exit: 2,
  },
  OPTION_UNKNOWN: {
    message: ({ option, hint }) => `unknown option ${option}: ${hint}`,
    status: 400,
    exit: 2,
  },
  OPTION_VALUE_MISSING: {
    message: ({ option, value }) => `${option} needs a value: ${option} ${value}`,
    status: 400,
    exit: 2,
  },
  VALUE_INVALID: {
    message: ({ name, value, hint }) => `${name} cannot be "${value}": ${hint}`,
    status: 400,
    exit: 2,
  },
  ARGUMENT_MISSING: {
    message: ({ argument, usage }) => `${argument} is missing: ${usage}`,
    status: 400,
    exit: 2,
  },
  ARGUMENT_UNEXPECTED: {
    message: ({ argument, usage }) => `unexpected argument "${argument}": ${usage}`,
    status: 400,
    exit: 2,
  },
  STORE_MISSING: {
    message: ({ path }) => `${path}: no knowledge base here yet: run momo ingest first`,
    status: 404,
    exit: 1,
  },
  STORE_NEWER: {
    message: ({ path, found, known }) =>
      `${path}: written by a newer Momo (schema ${found}, this one knows ${known}): upgrade Momo, the file was not touched`,
    status: 409,
    exit: 1,
  },
  STORE_FOREIGN: {
    message: ({ path, reason }) =>
      `${path} is not a Momo knowledge base (${reason}): move it away or choose another place with --home, it was not touched`,
    status: 409,
    exit: 1,
  },
  STORE_CORRUPT: {
    message: ({ path, reason }) =>
      `${path} is damaged (${reason}): restore a backup, or move it away and index again`,
    status: 500,
    exit: 1,
  },
  STORE_READONLY: {
    message: ({ path, action }) =>
      `${path} cannot be ${action}: give this user permission on the file and its folder`,
    status: 403,
    exit: 1,
  },
  STORE_FULL: {
    message: ({ path }) =>
      `${path} could not be written, the disk is full or refuses it: free some space and try again, everything committed before is intact`,
    status: 507,
    exit: 1,
  },
  STORE_BUSY: {
    message: ({ seconds }) =>
      `another process is writing to this knowledge base (waited ${seconds} s): try again or raise --wait`,
    status: 503,
    exit: 1,
  },
  KEY_KIND: {
    message: ({ key, kind }) => `${key} already names a ${kind}: choose another id`,
    status: 409,
    exit: 1,
  },
  REQUEST_REUSED: {
    message: ({ agent, request_id, transaction }) =>
      `${agent} already used the request id ${request_id} for something else (transaction ${transaction}): send this with a new id`,
    status: 409,
    exit: 1,
  },
  STAGE_GONE: {
    message: () =>
      "what this run had stored was dropped, because it was silent for too long or something was erased meanwhile: run it again",
    status: 503,
    exit: 1,
  },
  BEYOND_HORIZON: {
    message: ({ transaction }) =>
      `the operations of transaction ${transaction} were dropped by compaction: it can be read about, but not taken back`,
    status: 410,
    exit: 1,
  },
  ENTRY_UNKNOWN: {
    message: ({ id }) => `there is nothing called ${id}: momo doc list and momo search show what there is`,
    status: 404,
    exit: 1,
  },
  NAME_AMBIGUOUS: {
    message: ({ name, ids }) => `several things are called ${name}: name one by its id: ${ids}`,
    status: 409,
    exit: 1,
  },
  VERSION_CONFLICT: {
    message: ({ id, expected, current }) =>
      `${id} has version ${current} and not ${expected}, which was expected: read it again, then write`,
    status: 409,
    exit: 1,
  },
  WORK_ASYNC: {
    message: () =>
      "the work of a transaction returned a promise: nothing was written; await what it needs before, then write without waiting",
    status: 400,
    exit: 1,
  },
  TRANSACTION_UNKNOWN: {
    message: ({ transaction }) => `there is no transaction ${transaction}: momo history lists them`,
    status: 404,
    exit: 1,
  },
  TRANSACTION_NOT_WRITING: {
    message: ({ transaction, kind }) =>
      `transaction ${transaction} is of kind ${kind}: an undo, redo or rewind is taken back by momo redo ${transaction}`,
    status: 409,
    exit: 1,
  },
  TRANSACTION_NOT_MOVING: {
    message: ({ transaction, kind }) =>
      `transaction ${transaction} is of kind ${kind}: only an undo, redo or rewind can be redone; momo rollback --tx ${transaction} takes it back`,
    status: 409,
    exit: 1,
  },
  NOTHING_TO_REDO: {
    message: () => "nothing was taken back that could be brought again",
    status: 409,
    exit: 1,
  },
  REWIND_BEYOND_HORIZON: {
    message: ({ seq, horizon }) =>
      `the state after operation ${seq} was dropped by compaction: the oldest that can be had is ${horizon}`,
    status: 410,
    exit: 1,
  },
  NOT_QUARANTINED: {
    message: ({ id }) => `${id} is not in quarantine: momo quarantine list shows what is`,
    status: 404,
    exit: 1,
  },
  CHECKPOINT_UNKNOWN: {
    message: ({ name }) => `there is no checkpoint ${name}: momo checkpoint lists them`,
    status: 404,
    exit: 1,
  },
  ROLLBACK_EMPTY: {
    message: () =>
      "nothing says what to take back: name a transaction, agent, session, time, path or number of steps",
    status: 400,
    exit: 2,
  },
  ROLLBACK_BLOCKED: {
    message: ({ count, id, hint }) =>
      `${count} things stand in the way, first ${id}: nothing was changed; ${hint}`,
    status: 409,
    exit: 1,
  },
  ROLLBACK_STALE: {
    message: ({ plan, reason }) =>
      `${plan === undefined ? reason : `something that plan ${plan} touches was changed since`}: nothing was done, make a new plan`,
    status: 409,
    exit: 1,
  },
  PLAN_UNKNOWN: {
    message: ({ plan }) =>
      `there is no plan ${plan} here: make a new one, a plan is kept only by the process that made it`,
    status: 404,
    exit: 1,
  },
  CONFIRMATION_NEEDED: {
    message: ({ plan }) =>
      `nobody can be asked here, so nothing was changed: add --yes, or --plan ${plan} for exactly what was shown`,
    status: 428,
    exit: 2,
  },
  ERASE_UNCONFIRMED: {
    message: () => "what is erased does not come back, and nobody can be asked here: add --yes",
    status: 428,
    exit: 2,
  },
  CASCADE_TOO_LARGE: {
    message: ({ count }) =>
      `more than ${count} transactions rest on this: narrow what is taken back, or go back to a checkpoint with momo rewind`,
    status: 409,
    exit: 1,
  },
  REWIND_OTHERS: {
    message: ({ agents, seq }) =>
      `going back to operation ${seq} would remove the work of ${agents}: nothing was changed; agree to that with --others, or take back your own only (momo rollback)`,
    status: 409,
    exit: 1,
  },
  REWIND_IRREVERSIBLE: {
    message: ({ transactions, seq, detail }) =>
      `going back to operation ${seq} would take back ${transactions}, which also did something outside Momo that stays done (${detail}): nothing was changed; agree to that with --irreversible`,
    status: 409,
    exit: 1,
  },
  EXPLORATION_UNKNOWN: {
    message: ({ name }) => `there is no exploration ${name}: momo explore list shows the open ones`,
    status: 404,
    exit: 1,
  },
  EXPLORATION_EXISTS: {
    message: ({ name }) => `there is already an exploration ${name}: choose another name, or discard it`,
    status: 409,
    exit: 1,
  },
  EXPLORATION_EXPIRED: {
    message: ({ name }) => `exploration ${name} has expired: start another, with a longer --ttl or --pin`,
    status: 410,
    exit: 1,
  },
  EXPLORATION_BUDGET: {
    message: ({ what, most }) =>
      `this exploration may write ${most} ${what} and no more: nothing was written, merge it or start one with a larger budget`,
    status: 429,
    exit: 1,
  },
  MERGE_CONFLICT: {
    message: ({ name, count, id }) =>
      `${count} ids were changed both in exploration ${name} and beneath it, first ${id}: nothing was merged; see momo explore compare, then merge with --prefer`,
    status: 409,
    exit: 1,
  },
  MERGE_SOURCE: {
    message: ({ name, count, id }) =>
      `exploration ${name} was derived from ${count} ids that were taken back beneath it, first ${id}: nothing was merged; momo redo brings them again, --prefer exploration merges all the same`,
    status: 409,
    exit: 1,
  },
  EXPLORATION_HAS_CHILDREN: {
    message: ({ name }) => `exploration ${name} lies over it: merge or discard that one first`,
    status: 409,
    exit: 1,
  },
  PATH_OUTSIDE_ROOT: {
    message: ({ path, root }) => `${path} lies outside ${root}: name a path inside it`,
    status: 403,
    exit: 2,
  },
  BAD_GLOB: {
    message: ({ glob, why }) => `${glob} is not a glob: ${why}`,
    status: 400,
    exit: 2,
  },
  VECTOR_DIMENSIONS: {
    message: ({ model, dimensions, found }) =>
      `${model} has vectors of ${dimensions} numbers, this one has ${found}: embed it with the same model`,
    status: 400,
    exit: 1,
  },
  VECTOR_TOO_WIDE: {
    message: ({ model, found, most }) =>
      `vectors of ${model} have ${found} numbers, this engine holds at most ${most}: use another model or engine`,
    status: 400,
    exit: 1,
  },
  VECTOR_NUMBER: {
    message: ({ index, value }) => `number ${index} of a vector is ${value}: vectors hold finite numbers`,
    status: 400,
    exit: 1,
  },
  VECTOR_MODEL: {
    message: ({ model, found }) =>
      `vectors of ${found} cannot be compared with those of ${model}: embed again with one of them`,
    status: 409,
    exit: 1,
  },
  ENGINE_UNKNOWN: {
    message: ({ name, known }) =>
      known ? `there is no engine ${name}: name one of ${known}` : `there is no engine ${name}: none is set`,
    status: 404,
    exit: 2,
  },
  CONFIG_INVALID: {
    message: ({ key, value, source, allowed }) => `${key} is ${value} in ${source}: it must be ${allowed}`,
    status: 400,
    exit: 2,
  },
  CONFIG_UNKNOWN: {
    message: ({ key, source, hint }) => `${key} in ${source} is not a setting: ${hint}`,
    status: 400,
    exit: 2,
  },
  CONFIG_UNREADABLE: {
    message: ({ file, why }) => `${file} cannot be used: ${why}`,
    status: 500,
    exit: 2,
  },
  CONFIG_UNWRITABLE: {
    message: ({ file, why }) => `${file} cannot be written: ${why}`,
    status: 500,
    exit: 1,
  },
  OFFLINE: {
    message: ({ url }) =>
      `${url} was not contacted, because the setting offline is on: turn it off (MOMO_OFFLINE=0), or use a model on this machine`,
    status: 403,
    exit: 1,
  },
  EMBEDDING_UNREACHABLE: {
    message: ({ url, why }) =>
      `the model server at ${url} cannot be reached (${why}): start it, or say where it is with MOMO_EMBEDDING_URL`,
    status: 502,
    exit: 1,
  },
  EMBEDDING_TIMEOUT: {
    message: ({ url, seconds }) =>
      `the model server at ${url} did not answer within ${seconds} s: raise MOMO_EMBEDDING_TIMEOUT or lower MOMO_EMBEDDING_BATCH`,
    status: 504,
    exit: 1,
  },
  EMBEDDING_REFUSED: {
    message: ({ url, status, why }) =>
      `the model server at ${url} refused the request (${status}: ${why}): check the model and the server`,
    status: 502,
    exit: 1,
  },
  EMBEDDING_BUSY: {
    message: ({ url, status, tries }) =>
      `the model server at ${url} answered ${status} ${tries} times: wait, then run momo embed again, which goes on where it stopped`,
    status: 503,
    exit: 1,
  },
  EMBEDDING_REDIRECTED: {
    message: ({ url, target }) =>
      `the model server at ${url} wants to send the request on to ${target}, which is not done with code and keys: set MOMO_EMBEDDING_URL to the right address`,
    status: 502,
    exit: 1,
  },
  EMBEDDING_ANSWER: {
    message: ({ url, why }) =>
      `the answer of ${url} holds no usable vectors (${why}): check that it serves the API of the strategy, and an embedding model`,
    status: 502,
    exit: 1,
  },
  EMBEDDING_DIMENSIONS: {
    message: ({ model, expected, found }) =>
      `${model} gives vectors of ${found} numbers and not ${expected}: check embedding_dimensions and embedding_model, then run momo embed --anew`,
    status: 409,
    exit: 1,
  },
  EMBEDDING_KEY: {
    message: ({ url, why }) =>
      `${url} ${why}: put a valid key into MOMO_EMBEDDING_KEY, and use https beyond this machine`,
    status: 401,
    exit: 1,
  },
  EMBEDDING_URL_MISSING: {
    message: ({ strategy }) => `the strategy ${strategy} needs an address: set MOMO_EMBEDDING_URL`,
    status: 400,
    exit: 2,
  },
  EMBEDDING_MODEL_MISSING: {
    message: ({ model, hint }) => `the model ${model} is not there: ${hint}`,
    status: 404,
    exit: 1,
  },
  EMBEDDING_PACKAGE_MISSING: {
    message: ({ package: name, install }) => `the strategy needs the package ${name}: ${install}`,
    status: 501,
    exit: 1,
  },
  EMBEDDING_UNAVAILABLE: {
    message: ({ strategy, why }) => `the strategy ${strategy} cannot be used: ${why}`,
    status: 409,
    exit: 1,
  },
  EMBEDDING_WEIGHTS: {
    message: ({ weights }) =>
      `${weights} cannot be weights of a hybrid: two numbers that are not negative, one of them above 0`,
    status: 400,
    exit: 2,
  },
  UNAUTHORIZED: {
    message: ({ why }) => `${why}: send a valid key or token as Authorization: Bearer`,
    status: 401,
    exit: 1,
  },
  FORBIDDEN: {
    message: ({ action, needed }) => `${action} is not allowed with this key: it needs the role ${needed}`,
    status: 403,
    exit: 1,
  },
  FORBIDDEN_OTHERS: {
    message: ({ agents }) =>
      `this takes back the work of ${agents}: a writer takes back its own, for others ask somebody with the role admin`,
    status: 403,
    exit: 1,
  },
  HOST_REFUSED: {
    message: ({ host }) => `the server is not called ${host}: add it to allowed_hosts if it should be`,
    status: 403,
    exit: 1,
  },
  ORIGIN_REFUSED: {
    message: ({ origin }) =>
      `pages of ${origin} may not use this server: add it to allowed_origins if they should`,
    status: 403,
    exit: 1,
  },
  RATE_LIMITED: {
    message: ({ seconds }) => `too many requests: wait ${seconds} s`,
    status: 429,
    exit: 1,
  },
  OVERLOADED: {
    message: ({ waiting }) => `${waiting} requests wait already: try again in a moment`,
    status: 503,
    exit: 1,
  },
  NOT_READY: {
    message: ({ why }) => `the server cannot answer now: ${why}`,
    status: 503,
    exit: 1,
  },
  TIMED_OUT: {
    message: ({ seconds }) =>
      `not done within ${seconds} s, so it was given up: ask for less, or raise query_timeout_seconds`,
    status: 504,
    exit: 1,
  },
  CANCELLED: {
    message: () => "cancelled: nothing was changed",
    status: 499,
    exit: 1,
  },
  ROUTE_UNKNOWN: {
    message: ({ method, path }) => `there is no ${method} ${path}: /openapi.json lists what there is`,
    status: 404,
    exit: 1,
  },
  METHOD_UNKNOWN: {
    message: ({ method, path, allowed }) => `${path} knows no ${method}: use ${allowed}`,
    status: 405,
    exit: 1,
  },
  BODY_INVALID: {
    message: ({ why }) => `the request cannot be read: ${why}`,
    status: 400,
    exit: 1,
  },
  BODY_TOO_LARGE: {
    message: ({ megabytes }) => `the request is larger than ${megabytes} MB: send less, or raise max_body_mb`,
    status: 413,
    exit: 1,
  },
  MEDIA_TYPE: {
    message: ({ type, allowed }) => `${type} is not understood here: send ${allowed}`,
    status: 415,
    exit: 1,
  },
  TOOL_UNKNOWN: {
    message: ({ tool, hint }) => `there is no tool ${tool}: ${hint}`,
    status: 404,
    exit: 1,
  },
  WORKSPACE_UNKNOWN: {
    message: ({ workspace, known }) => `there is no workspace ${workspace} here: use ${known}`,
    status: 404,
    exit: 1,
  },
  BIND_WITHOUT_KEYS: {
    message: ({ host }) =>
      `${host} can be reached from other machines, so it needs keys: make one with momo keys create, or listen on 127.0.0.1`,
    status: 400,
    exit: 2,
  },
  PORT_TAKEN: {
    message: ({ host, port }) =>
      `${host}:${port} is in use: stop what listens there, or choose another --port`,
    status: 409,
    exit: 1,
  },
  KEY_UNKNOWN: {
    message: ({ id }) => `there is no key ${id}: momo keys list shows them`,
    status: 404,
    exit: 1,
  },
  KEYS_UNREADABLE: {
    message: ({ file, why }) => `${file} cannot be used: ${why}`,
    status: 500,
    exit: 1,
  },
  AUDIT_UNAVAILABLE: {
    message: ({ file, why }) => `${file} cannot be written, so nothing is changed: ${why}`,
    status: 503,
    exit: 1,
  },
  ENCRYPTION_KEY: {
    message: ({ path }) =>
      `${path} is encrypted and the key does not open it: set the right one in MOMO_ENCRYPTION_KEY, it was not touched`,
    status: 403,
    exit: 1,
  },
  ENCRYPTION_PLAIN: {
    message: ({ path }) =>
      `${path} is not encrypted, but MOMO_ENCRYPTION_KEY is set: encrypt it with momo audit encrypt, or unset the key`,
    status: 409,
    exit: 1,
  },
  PACKAGE_MISSING: {
    message: ({ package: name, needed }) => `${needed} needs the package ${name}: npm install ${name}`,
    status: 501,
    exit: 1,
  },
  INSTALL_UNCONFIRMED: {
    message: ({ file }) =>
      `${file} was not written, because nobody can be asked here: add --yes, or --print to see the entry only`,
    status: 428,
    exit: 2,
  },
  LIVE_LIMIT: {
    message: ({ open, whose }) =>
      `${open} live connections of ${whose} are open already: close one, a single one can follow several workspaces`,
    status: 429,
    exit: 1,
  },
  UPGRADE_NEEDED: {
    message: () => "/live is a WebSocket: connect with a WebSocket client",
    status: 426,
    exit: 1,
  },
  CONVERSION_UNCONFIRMED: {
    message: () => "the whole file is written anew, and nobody can be asked here: add --yes",
    status: 428,
    exit: 2,
  },
  TRANSACTION_OPEN: {
    message: () => "a transaction is open here already: end it before you begin another",
    status: 503,
    exit: 1,
  },
} satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof table;

/** What an error is about: the ids, numbers and names in its message, for programs that handle it. */
export type ErrorValues = Readonly<Record<string, string | number>>;

/** Carries a code of the table and the values of its message; `message` is one line that says what to do. */
export class MomoError extends Error {
  readonly code: ErrorCode;
  readonly values: ErrorValues;
  readonly status: number;
  readonly exit: 1 | 2;

  constructor(code: ErrorCode, values: ErrorValues = {}, cause?: unknown) {
    const kind: ErrorKind = table[code];
    super(kind.message(values), cause === undefined ? undefined : { cause });
    this.name = "MomoError";
    this.code = code;
    this.values = values;
    this.status = kind.status;
    this.exit = kind.exit;
  }
}

/** Codes in table order, for the reference page and its test. */
export const errorCodes = Object.keys(table) as ErrorCode[];
