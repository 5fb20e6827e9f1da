// @ts-check
/** Greetings and arithmetic for the browser. */
import fs, { readFile as read, writeFile } from "node:fs";
import * as path from "node:path";
import "./polyfill.js";

export { read, writeFile as write };
export * from "./more.js";
export * as tools from "./tools.js";

const VERSION = "1.0.0", DEBUG = false;
let counter = 0;
var [first, second] = [1, 2];
const { join, sep: separator } = path;

/**
 * Greets somebody.
 * @param {string} name who
 */
export function greet(name = "World") {
  return `Hello, ${name}!`;
}

export const add = (a, b) => a + b;

const multiply = function (a, b) {
  return a * b;
};

// Adds everything up.
// Empty lists give zero.
export async function* calculateSum(values, { start = 0, step } = {}, ...rest) {
  let total = start;
  for (const value of values) {
    if (value === undefined || value === null) continue;
    else if (value > 10 && step) total += step;
    total += value ?? 0;
  }
  yield total;
}

export default class Calculator extends Base.Machine {
  static PRECISION = 2;
  #memory = 0;
  history = [];

  constructor(options) {
    super(options);
    this.options = options;
  }

  get memory() {
    return this.#memory;
  }

  set memory(value) {
    this.#memory = value;
  }

  /** Divides; zero gives `fallback`. */
  safeDivide(a, b, fallback = NaN) {
    try {
      if (b === 0) throw new RangeError("zero");
      return a / b;
    } catch (error) {
      return fallback;
    }
  }

  static async fetchData(url) {
    const response = await fetch(url, { method: "GET" });
    return response.ok ? response.json() : null;
  }

  onClick = (event) => {
    this.history.push(event);
    event?.preventDefault?.();
  };

  *[Symbol.iterator]() {
    yield* this.history;
  }
}

const handlers = {
  start() {
    return boot();
  },
  stop: function () {
    return halt();
  },
  pause: async () => wait(10),
  nested: { deep: (x) => x },
};

Calculator.prototype.reset = function () {
  this.history = [];
};

function outer() {
  const helper = (x) => {
    switch (x) {
      case 1:
        return "one";
      case 2:
        return "two";
      default:
        return "many";
    }
  };
  function inner() {
    do {
      counter++;
    } while (counter < 10);
    return helper(counter);
  }
  const local = 1;
  return inner() || local;
}

class Empty {}

export { Empty, outer as run };
